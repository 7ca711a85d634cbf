"""Recognition: badges, certificates, and the keys they are signed with."""

from django.db import models
from django.db.models import Q

from kyojo.civic.municipalities.tenancy import TenantModel
from kyojo.civic.organisations.models import Company
from kyojo.civic.people.models import Person, User
from kyojo.kernel import clock


class Standing(models.Model):
    """That a badge or a certificate was given, and whether it still holds.

    Whoever has its address or its code asks without a login and without naming a municipality, so
    the table has no wall; nothing in it needs one. It stays when the badge is erased: the bit in
    the status list must go on saying so.
    """

    class Kind(models.TextChoices):
        BADGE = "badge", "バッジ"
        CERTIFICATE = "certificate", "証明書"

    class Reason(models.TextChoices):
        RECOUNTED = "recounted", "数えなおした結果、あてはまらなくなりました"
        OFFICE = "office", "事務局が取り消しました"
        RENEWED = "renewed", "新しいものを出しました"
        ERASED = "erased", "ご本人の記録とともに消されました"

    uid = models.UUIDField(unique=True)
    kind = models.CharField(max_length=11, choices=Kind.choices)
    #: What is printed on a certificate; "" for a badge.
    code = models.CharField(max_length=20, blank=True)
    town = models.PositiveIntegerField()
    #: Which of the town's status lists, and which bit in it.
    list_number = models.PositiveSmallIntegerField()
    list_index = models.PositiveIntegerField()
    revoked_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=10, choices=Reason.choices, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("town", "list_number", "list_index"), name="standing_bit_once"
            ),
            models.UniqueConstraint(
                fields=("code",), condition=~Q(code=""), name="standing_code_once"
            ),
        )

    def __str__(self) -> str:
        return f"Standing {self.pk}"


class IssuerKey(TenantModel):
    """A key the town signs with. The newest that is not retired signs; retired ones still verify,
    unless they were withdrawn. ``private_sealed``: by ``settings.BADGE_KEYS``."""

    #: ``./kyojo keys`` leaves alone what the field keys do not open.
    HAS_OWN_KEYS = True

    kid = models.CharField(max_length=20)
    public = models.JSONField()
    private_sealed = models.BinaryField()
    made_at = models.DateTimeField(default=clock.now)
    retired_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-made_at", "-id")
        constraints = (
            models.UniqueConstraint(fields=("municipality", "kid"), name="issuer_key_once"),
            models.UniqueConstraint(
                fields=("municipality",),
                condition=Q(retired_at__isnull=True),
                name="one_issuer_key_signs",
            ),
        )


class StatusList(TenantModel):
    """A signed list of what was revoked, as it is served. Made anew when a bit changes, and before
    it lapses."""

    number = models.PositiveSmallIntegerField()
    token = models.TextField()
    made_at = models.DateTimeField(default=clock.now)
    valid_until = models.DateTimeField()
    is_stale = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("municipality", "number"), name="status_list_once"),
        )


class Badge(TenantModel):
    """A badge somebody earned. Stands in their town, and says nothing of whom they helped.

    ``subject_uid`` names them in the credential, another one in each. With ``has_identity`` the
    credential holds a hash of their mail address, because they said so. ``token``: the signed
    credential, "" until the worker has signed it.
    """

    uid = models.UUIDField(unique=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="badges")
    achievement = models.CharField(max_length=40)
    label = models.CharField(max_length=60, blank=True)
    awarded_at = models.DateTimeField(default=clock.now)
    subject_uid = models.UUIDField()
    salt = models.CharField(max_length=32)
    has_identity = models.BooleanField(default=False)
    is_public = models.BooleanField(default=False)
    is_on_card = models.BooleanField(default=False)
    token = models.TextField(blank=True)
    signed_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_words = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("-awarded_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("person", "achievement"),
                condition=Q(revoked_at__isnull=True),
                name="badge_once",
            ),
        )
        indexes = (
            models.Index(fields=("municipality",), condition=Q(token=""), name="badge_to_sign"),
        )


class Certificate(TenantModel):
    """A paper with figures that the town vouches for: of a person, or of a company.

    ``name_sealed`` is the name as it was printed; ``figures`` what was certified
    (``domain.Figures``), with hidden figures as None.
    """

    class Kind(models.TextChoices):
        STUDENT = "student", "ボランティア活動証明書"
        COMPANY = "company", "従業員の参加の証明書"

    uid = models.UUIDField(unique=True)
    code = models.CharField(max_length=20)
    kind = models.CharField(max_length=7, choices=Kind.choices)
    person = models.ForeignKey(
        Person, null=True, on_delete=models.CASCADE, related_name="certificates"
    )
    company = models.ForeignKey(Company, null=True, on_delete=models.PROTECT, related_name="+")
    name_sealed = models.BinaryField()
    since = models.DateField()
    until = models.DateField()
    figures = models.JSONField()
    made_at = models.DateTimeField(default=clock.now)
    made_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    subject_uid = models.UUIDField()
    token = models.TextField(blank=True)
    signed_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_words = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("-made_at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=Q(kind="student", person__isnull=False, company__isnull=True)
                | Q(kind="company", person__isnull=True, company__isnull=False),
                name="certificate_is_of_one",
            ),
        )
