"""Consents as documents (同意): what was read, and who agreed to it. Imported by ``models``."""

from django.db import models
from django.db.models import Q

from kyojo.civic.municipalities.tenancy import TenantModel
from kyojo.kernel import clock

from .models import Person, User


class ConsentText(TenantModel):
    """What a town asks its members to agree to, in plain words. Never changed: another wording is
    another version. ``asks_again``: whoever agreed to an older version is asked again, and what
    needs the consent waits until they have; otherwise theirs still holds.
    """

    class Kind(models.TextChoices):
        REGISTRATION = "registration", "登録と利用"
        COMPANY_SUM = "company_sum", "会社の合計に足すこと"
        IDENTITY = "identity", "本人確認の書類"
        PHOTO = "photo", "写真"
        HEALTH = "health", "健康や体のこと（要配慮個人情報）"

    kind = models.CharField(max_length=14, choices=Kind.choices)
    version = models.PositiveSmallIntegerField()
    words = models.TextField()
    purpose = models.CharField(max_length=300)
    recipients = models.CharField(max_length=300)
    kept = models.CharField(max_length=300)
    #: What follows when somebody takes the consent back.
    follows = models.CharField(max_length=300)
    asks_again = models.BooleanField(default=True)
    effective_from = models.DateField()
    made_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("kind", "-version")
        constraints = (
            models.UniqueConstraint(
                fields=("municipality", "kind", "version"), name="consent_text_version_once"
            ),
        )


class Consent(TenantModel):
    """Somebody agreed to a text, and perhaps took it back. The proof outlives the person's data:
    it then belongs to nobody known."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="consents")
    kind = models.CharField(max_length=14, choices=ConsentText.Kind.choices)
    text = models.ForeignKey(ConsentText, on_delete=models.PROTECT, related_name="consents")
    given_at = models.DateTimeField(default=clock.now)
    #: Who pressed or wrote it down; with ``basis`` where it was staff for the person.
    given_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    basis = models.CharField(max_length=20, blank=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    withdrawn_basis = models.CharField(max_length=20, blank=True)

    class Meta:
        ordering = ("-given_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("person", "kind"),
                condition=Q(withdrawn_at__isnull=True),
                name="consent_stands_once",
            ),
        )
