"""Faces, letters and small gifts around a visit."""

from django.db import models

from kyojo.civic.municipalities.tenancy import TenantModel
from kyojo.civic.people.models import Person
from kyojo.kernel import clock


class Portrait(TenantModel):
    """A supporter's face, for those whom they visit. Stands in the supporter's town, encrypted."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="+")
    picture_sealed = models.BinaryField()
    at = models.DateTimeField(default=clock.now)


class Letter(TenantModel):
    """A line (and a picture) after a visit, for the family of whoever was visited: お元気でしたよ.
    Stands in the carer's town. Sent only with the yes of the person visited."""

    uid = models.UUIDField(unique=True)
    visit_uid = models.UUIDField(db_index=True)
    carer_uid = models.UUIDField(db_index=True)
    supporter_uid = models.UUIDField()
    recipient_uid = models.UUIDField(null=True)
    words_sealed = models.BinaryField(null=True)
    picture_sealed = models.BinaryField(null=True)
    #: How the person visited said yes: "asked" at the visit.
    consent = models.CharField(max_length=10)
    at = models.DateTimeField(default=clock.now)
    removed_at = models.DateTimeField(null=True)
    purge_at = models.DateTimeField()

    class Meta:
        ordering = ("-at",)
        constraints = (
            models.UniqueConstraint(fields=("municipality", "visit_uid"), name="letter_once"),
        )


class FamilyLink(TenantModel):
    """An address with which a brother or a sister reads the carer's letters, without an account.
    Only the hash of its token is here; it ends by itself, or when the carer ends it."""

    uid = models.UUIDField(unique=True)
    carer = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    label_sealed = models.BinaryField()
    token_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField(default=clock.now)
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-made_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("municipality", "token_hash"), name="family_link_token_once"
            ),
        )


class Gift(TenantModel):
    """A small thing of the house, given as thanks (おすそわけ). Stands in the supporter's town."""

    uid = models.UUIDField(unique=True)
    visit_uid = models.UUIDField()
    supporter_uid = models.UUIDField(db_index=True)
    by_uid = models.UUIDField()
    by_role = models.CharField(max_length=12)
    words_sealed = models.BinaryField(null=True)
    worth_yen = models.PositiveIntegerField()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("-at",)
        constraints = (
            models.UniqueConstraint(fields=("municipality", "visit_uid"), name="gift_once"),
        )
