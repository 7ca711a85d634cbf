"""The log's tables. Rows are written only by the SQL functions in ``sql/``; Python reads.

Every key starts with the ledger, as in the ledger itself.
"""

from django.db import models
from django.db.models import Q


class Head(models.Model):
    """One log: how far it has come. Its row's lock is what makes a sequencer the only one."""

    ledger = models.IntegerField(primary_key=True)
    #: The log's name for ever, also the name of its key: ``host/log/slug``.
    origin = models.TextField()
    #: The public key (vkey) that the log began with.
    key = models.TextField()
    size = models.BigIntegerField()
    root = models.BinaryField()
    #: Every transfer of a transaction below this number is logged; 0 asks for all of them.
    horizon = models.BigIntegerField()
    opened_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(ledger__gt=0, size__gte=0, horizon__gte=0),
                name="ledger_log_head_well_formed",
            ),
        )

    def __str__(self) -> str:
        return f"log {self.ledger}: {self.size}"


class Entry(models.Model):
    """A transfer's place in the log, and its leaf. Never updated, never deleted."""

    pk = models.CompositePrimaryKey("ledger", "number")
    ledger = models.IntegerField()
    number = models.BigIntegerField()
    transfer = models.UUIDField()
    leaf = models.TextField()

    class Meta:
        verbose_name_plural = "entries"
        constraints = (
            models.UniqueConstraint(
                fields=("ledger", "transfer"), name="ledger_log_entry_transfer_once"
            ),
            models.CheckConstraint(
                condition=Q(number__gte=0), name="ledger_log_entry_number_from_zero"
            ),
        )

    def __str__(self) -> str:
        return f"entry {self.ledger}/{self.number}"


class Tile(models.Model):
    """Up to 256 hashes, 32 bytes each, one after another; it only ever grows at its end."""

    pk = models.CompositePrimaryKey("ledger", "level", "index")
    ledger = models.IntegerField()
    level = models.SmallIntegerField()
    index = models.BigIntegerField()
    hashes = models.BinaryField()

    def __str__(self) -> str:
        return f"tile {self.ledger}/{self.level}/{self.index}"


class Checkpoint(models.Model):
    """What the log's key signed. Only ``cosigned`` and ``published_at`` are written later."""

    pk = models.CompositePrimaryKey("ledger", "size")
    ledger = models.IntegerField()
    size = models.BigIntegerField()
    root = models.BinaryField()
    #: The signed note, and the same with the cosignatures that have come.
    note = models.TextField()
    cosigned = models.TextField()
    made_at = models.DateTimeField()
    #: When it first met the quorum; only then is it shown to anyone.
    published_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(
                fields=("ledger", "-size"),
                condition=Q(published_at__isnull=False),
                name="ledger_log_published",
            ),
        )

    def __str__(self) -> str:
        return f"checkpoint {self.ledger}/{self.size}"


class Key(models.Model):
    """The key that an account's commitments are salted with. Erased: the row stays, empty, so that
    no other key is ever made for the account."""

    pk = models.CompositePrimaryKey("ledger", "account")
    ledger = models.IntegerField()
    account = models.UUIDField()
    key = models.BinaryField(null=True)
    made_at = models.DateTimeField()
    forgotten_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(key__isnull=True, forgotten_at__isnull=False)
                | Q(key__isnull=False, forgotten_at__isnull=True),
                name="ledger_log_key_or_forgotten",
            ),
        )

    def __str__(self) -> str:
        return f"key of {self.ledger}/{self.account}"
