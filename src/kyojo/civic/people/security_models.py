"""Keeping a login safe, and people under 18: devices, tries, resets, agreements. Imported by
``models``."""

from django.db import models
from django.db.models import Q

from kyojo.civic.municipalities.sealed_fields import SealedText
from kyojo.civic.municipalities.tenancy import TenantModel
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

from .models import Person, User


class KnownDevice(TenantModel):
    """A browser in which a login was opened before. ``key_hash`` is keyed: the table does not
    tell what the browser carries. ``trusted_at``: when somebody in it proved who they are."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key_hash = models.CharField(max_length=64)
    name = models.CharField(max_length=40)
    first_at = models.DateTimeField(default=clock.now)
    last_at = models.DateTimeField(default=clock.now)
    trusted_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-last_at", "-id")
        constraints = (
            models.UniqueConstraint(fields=("user", "key_hash"), name="known_device_once"),
        )


class SecurityTry(TenantModel):
    """Somebody tried a code, or answered the questions about their own visits: what slows down
    who guesses. Purged after a day or so."""

    class Kind(models.TextChoices):
        CODE = "code", "確認の数字"
        QUESTION = "question", "質問"
        MAIL = "mail", "新しいアドレスの数字"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    passed = models.BooleanField()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = (models.Index(fields=("municipality", "user", "kind", "at")),)


class MailChange(TenantModel):
    """A login is to have another mail address: nothing changes before the numbers that went to the
    new one come back. ``old`` is kept for a while, so that the office can put it back."""

    class State(models.TextChoices):
        WAITING = "waiting", "数字を待っています"
        OVER = "over", "変わりませんでした"
        DONE = "done", "変わりました"
        UNDONE = "undone", "元に戻しました"

    uid = models.UUIDField(unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    new = SealedText()
    old = SealedText(blank=True)
    code = SealedText(blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    asked_at = models.DateTimeField(default=clock.now)
    done_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ("-asked_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("user",), condition=Q(state="waiting"), name="mail_change_one_at_a_time"
            ),
        )


class FormerMail(models.Model):
    """An address that a login had until lately, while it may be put back: nobody else's so long.

    Whoever signs up with it is of no municipality yet, so no row-level security; ``address_hash``
    is keyed, so the table does not tell whose address it was.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    address_hash = models.CharField(max_length=64, db_index=True)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"FormerMail {self.pk}"


class FactorReset(TenantModel):
    """A member of staff lost their second factor: one colleague saw them in person and asks, an
    officer decides."""

    class State(models.TextChoices):
        WAITING = "waiting", "もう1人の確認待ち"
        DONE = "done", "消しました"
        REFUSED = "refused", "しませんでした"

    class Checked(models.TextChoices):
        BADGE = "badge", "職員証を見て、顔を確かめた"
        CARD = "card", "マイナンバーカードか免許証を見て、顔を確かめた"

    uid = models.UUIDField(default=new_id, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    checked = models.CharField(max_length=10, choices=Checked.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    asked_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField(default=clock.now)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-asked_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("user",), condition=Q(state="waiting"), name="factor_reset_one_at_a_time"
            ),
        )


class Agreement(TenantModel):
    """An adult's yes to what somebody under 18 does here. ``details_sealed``: the guardian's name,
    relation and telephone; a coordinator who stands in is ``recorded_by`` alone."""

    class Kind(models.TextChoices):
        GUARDIAN = "guardian", "保護者"
        COORDINATOR = "coordinator", "コーディネーター"

    uid = models.UUIDField(default=new_id, unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="agreements")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    basis = models.CharField(max_length=10)
    guardian_uid = models.UUIDField(null=True)
    details_sealed = models.BinaryField(default=bytes)
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    agreed_at = models.DateTimeField(default=clock.now)
    ended_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-agreed_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("person",), condition=Q(ended_at=None), name="agreement_one_at_a_time"
            ),
        )


class CareContact(TenantModel):
    """Whom a young carer can turn to: a coordinator. Only the person, the contact and the desk's
    page of the person show it. ``said_at``: when somebody from 18 to 29 said it of themselves;
    ``wishes_first``: the contact sees their requests before anybody is asked."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="care_contact")
    contact = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    wishes_first = models.BooleanField(default=False)
    said_at = models.DateTimeField(null=True)
    since = models.DateTimeField(default=clock.now)
