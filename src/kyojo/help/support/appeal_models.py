"""What is ruled about held coins, and the objection to it."""

from django.db import models
from django.db.models import Q

from kyojo.civic.municipalities.sealed_fields import SealedText
from kyojo.civic.municipalities.tenancy import TenantModel
from kyojo.kernel import clock


class Ruling(TenantModel):
    """What shall become of a visit's coins (決定): said by the office, or by a carer to whom nobody
    came. It waits, open, until whoever loses by it has agreed or their days are over; one objection
    (異議の申し立て) brings it before another officer. Stands in each of the visit's towns; the
    words of the objection only in the carer's and the place's.
    """

    class Outcome(models.TextChoices):
        AGREED = "agreed", "わかりました、のお返事"
        DAYS_OVER = "days_over", "異議のないまま、期限がすぎました"
        FINAL = "final", "すぐに決まりました"
        APPEALED = "appealed", "異議の申し立てで、あらためて決めました"
        OBJECTED = "objected", "来る人から「ちがいます」のお返事"

    visit_uid = models.UUIDField(db_index=True)
    number = models.PositiveSmallIntegerField()  # the visit's first ruling is 1
    made_by_role = models.CharField(max_length=12)  # carer, office
    made_by_id = models.BigIntegerField(null=True)  # the login, where the office ruled
    is_absence = models.BooleanField(default=False)  # nobody came
    resolution = models.CharField(max_length=10)  # pay, pay_part, return
    paid_coins = models.PositiveIntegerField()
    words = SealedText(blank=True)
    made_at = models.DateTimeField(default=clock.now)
    #: Until before then it can be objected to; None: it stands.
    appeal_until = models.DateTimeField(null=True)
    asks_carer = models.BooleanField(default=False)
    asks_supporter = models.BooleanField(default=False)
    carer_agreed_at = models.DateTimeField(null=True)
    supporter_agreed_at = models.DateTimeField(null=True)
    appealed_at = models.DateTimeField(null=True)
    appealed_by_role = models.CharField(max_length=12, blank=True)
    appeal_words = SealedText(blank=True)
    appeal_basis = models.CharField(max_length=20, blank=True)  # how the office heard of it
    #: When it was carried out, or another took its place.
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)

    class Meta:
        ordering = ("made_at", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("municipality", "visit_uid", "number"), name="ruling_number_once"
            ),
            models.UniqueConstraint(
                fields=("municipality", "visit_uid"),
                condition=Q(ended_at__isnull=True),
                name="one_open_ruling",
            ),
        )
        indexes = (
            models.Index(
                fields=("municipality", "appeal_until"),
                condition=Q(ended_at__isnull=True),
                name="ruling_open_until",
            ),
        )

    def asks(self, role: str) -> bool:
        """Whether it waits for the word of ``role``."""
        asked = {"carer": self.asks_carer, "supporter": self.asks_supporter}
        return asked.get(role, False)

    def agreed(self, role: str) -> bool:
        told = {"carer": self.carer_agreed_at, "supporter": self.supporter_agreed_at}
        return told.get(role) is not None
