"""The tables. Rows are written only by the SQL functions in ``sql/``; Python reads.

Every key starts with the ledger (the municipality's code), so that Citus can distribute the
tables by it, and no foreign key leaves the room.
"""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Func, Q

from .types import STRIPES


def sound(table: str, *columns: str) -> models.CheckConstraint:
    """The rule ``table``_sound: a function of ``sql/0006_sound.sql``, which says why."""
    name = f"{table}_sound"
    return models.CheckConstraint(
        condition=Func(
            *(F(column) for column in columns), function=name, output_field=models.BooleanField()
        ),
        name=name,
    )


class Account(models.Model):
    """Who can own or owe, known by an opaque id. Its sums stand in ``Balance``."""

    pk = models.CompositePrimaryKey("ledger", "id")
    ledger = models.IntegerField()
    id = models.UUIDField()
    currency = models.CharField(max_length=20)
    code = models.SmallIntegerField()
    #: The fiscal year at whose end the coins expire; 0 for coins that do not.
    vintage = models.SmallIntegerField(default=0)
    flags = models.SmallIntegerField(default=0)
    opened_at = models.DateTimeField()
    #: How many balance rows it has; more than one for an account that all the town uses at once.
    stripes = models.SmallIntegerField(db_default=1)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(ledger__gt=0) & Q(code__gt=0) & Q(vintage__gte=0) & ~Q(currency=""),
                name="ledger_account_well_formed",
            ),
            models.CheckConstraint(
                condition=Q(flags__gte=0, flags__lt=16), name="ledger_account_flags_known"
            ),
            models.CheckConstraint(
                condition=Q(stripes__in=STRIPES), name="ledger_account_stripes_known"
            ),
        )

    def __str__(self) -> str:
        return f"account {self.ledger}/{self.id}"


class Balance(models.Model):
    """The sums of one stripe of an account (stripe 0 is the only one until an account is hot).

    ``currency`` and ``flags`` repeat the account's, so that the row lock that decides about the
    coins also decides about the limits and about ``closed``, and nothing else has to be looked up.
    """

    pk = models.CompositePrimaryKey("ledger", "account", "stripe")
    ledger = models.IntegerField()
    account = models.UUIDField()
    stripe = models.SmallIntegerField(default=0)
    currency = models.CharField(max_length=20, db_default="")
    flags = models.SmallIntegerField(default=0)
    debits_pending = models.BigIntegerField(default=0)
    debits_posted = models.BigIntegerField(default=0)
    credits_pending = models.BigIntegerField(default=0)
    credits_posted = models.BigIntegerField(default=0)

    class Meta:
        constraints = (
            sound(
                "ledger_balance",
                "flags",
                "debits_pending",
                "debits_posted",
                "credits_pending",
                "credits_posted",
            ),
        )

    def __str__(self) -> str:
        return f"balance {self.ledger}/{self.account}/{self.stripe}"


class Transfer(models.Model):
    """What happened. Never updated, never deleted: no grants, and a trigger."""

    pk = models.CompositePrimaryKey("ledger", "id")
    ledger = models.IntegerField()
    id = models.UUIDField()
    debit = models.UUIDField()
    credit = models.UUIDField()
    amount = models.BigIntegerField()
    kind = models.CharField(max_length=6)
    code = models.SmallIntegerField()
    pending_id = models.UUIDField(null=True)
    timeout_at = models.DateTimeField(null=True)
    reference = models.UUIDField(null=True)
    correction_of = models.UUIDField(null=True)
    #: When it happened by the clock of the application (a demo moves that clock).
    at = models.DateTimeField()
    #: When the server wrote it, taken while the account rows were locked: the order of a statement.
    written_at = models.DateTimeField()
    #: The transaction that wrote it (the column's default says so; 0 for rows older than the
    #: column). The log's sequencer finds by it what it has not seen.
    written_xid = models.BigIntegerField()

    class Meta:
        constraints = (
            sound(
                "ledger_transfer",
                "kind",
                "amount",
                "debit",
                "credit",
                "pending_id",
                "timeout_at",
                "correction_of",
            ),
            # A hold is resolved once: post, void and expire compete for this one entry.
            models.UniqueConstraint(
                fields=("ledger", "pending_id"),
                condition=Q(pending_id__isnull=False),
                name="ledger_transfer_hold_resolved_once",
            ),
        )
        indexes = (
            models.Index(fields=("ledger", "debit", "written_at"), name="ledger_transfer_debit"),
            models.Index(fields=("ledger", "credit", "written_at"), name="ledger_transfer_credit"),
            models.Index(
                fields=("ledger", "timeout_at"),
                condition=Q(timeout_at__isnull=False),
                name="ledger_transfer_timeout",
            ),
            models.Index(
                fields=("ledger", "correction_of"),
                condition=Q(correction_of__isnull=False),
                name="ledger_transfer_correction",
            ),
            # What the sequencer has not seen, and sums over a span of days: both follow the order
            # in which rows lie, so a few pages say which ones to read.
            BrinIndex(
                fields=("written_xid", "at"),
                autosummarize=True,
                pages_per_range=16,
                name="ledger_transfer_written",
            ),
        )

    def __str__(self) -> str:
        return f"transfer {self.ledger}/{self.id}"


class History(models.Model):
    """What an account with the flag HISTORY was worth after a transfer. Written once."""

    pk = models.CompositePrimaryKey("ledger", "account", "transfer")
    ledger = models.IntegerField()
    account = models.UUIDField()
    transfer = models.UUIDField()
    at = models.DateTimeField()
    written_at = models.DateTimeField()
    debits_pending = models.BigIntegerField()
    debits_posted = models.BigIntegerField()
    credits_pending = models.BigIntegerField()
    credits_posted = models.BigIntegerField()

    class Meta:
        indexes = (
            models.Index(
                fields=("ledger", "account", "at", "written_at"), name="ledger_history_moment"
            ),
        )

    def __str__(self) -> str:
        return f"history {self.ledger}/{self.account}/{self.transfer}"


class Clearing(models.Model):
    """Whom a clearing account is with. Written once, when it is opened."""

    pk = models.CompositePrimaryKey("ledger", "account")
    ledger = models.IntegerField()
    account = models.UUIDField()
    counterpart = models.IntegerField()

    def __str__(self) -> str:
        return f"clearing {self.ledger}/{self.account} with {self.counterpart}"
