"""Companies, their officers, and who works there."""

from django.db import models
from django.db.models import Q

from kyojo.civic.municipalities.tenancy import TenantModel
from kyojo.civic.people.models import Person, User
from kyojo.kernel import clock


class Company(models.Model):
    """A company or other employer. Works across municipalities, so it belongs to none of them."""

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    short_name = models.CharField(max_length=40)
    name_kana = models.CharField(max_length=120)
    employees_count = models.PositiveIntegerField()
    registered_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("name_kana",)
        constraints = (
            models.CheckConstraint(condition=Q(employees_count__gt=0), name="employees_positive"),
        )

    def __str__(self) -> str:
        return self.name


class CompanyOfficer(models.Model):
    """A login that may confirm employees and read the company's own page (企業担当)."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="officers")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="company_offices")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("company", "user"), name="company_officer_once"),
        )

    def __str__(self) -> str:
        return f"CompanyOfficer {self.pk}"


class Employment(TenantModel):
    """A person says they work at a company; the company confirms, or says they do not."""

    class State(models.TextChoices):
        REQUESTED = "requested", "会社の確認待ち"
        CONFIRMED = "confirmed", "会社が確認ずみ"
        REFUSED = "refused", "会社が確認できず"
        ENDED = "ended", "退職"

    uid = models.UUIDField(unique=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="employments")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices)
    #: What the company may need to find the person in its books; told to the company only.
    employee_number = models.CharField(max_length=40, blank=True)
    requested_at = models.DateTimeField(default=clock.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("person",),
                condition=Q(state__in=("requested", "confirmed")),
                name="one_running_employment",
            ),
        )


class SumConsent(TenantModel):
    """Consent to count a person's coins in the company's sum; withdrawn means not counted."""

    employment = models.ForeignKey(Employment, on_delete=models.CASCADE, related_name="consents")
    text_version = models.CharField(max_length=20)
    given_at = models.DateTimeField(default=clock.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("employment",),
                condition=Q(withdrawn_at__isnull=True),
                name="one_standing_consent",
            ),
        )
