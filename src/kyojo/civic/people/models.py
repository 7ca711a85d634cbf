"""People: who they are, what they can do and when, whom they trust, which accounts are theirs."""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q

from kyojo.civic.municipalities.models import Area, Municipality
from kyojo.civic.municipalities.sealed_fields import SealedDate, SealedFloat, SealedText
from kyojo.civic.municipalities.tenancy import TenantManager, TenantModel, TenantQuerySet
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_unusable_password()
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A login. It has no name: the name is the person's, in the municipality they live in."""

    email = models.EmailField(unique=True)
    #: Where this login lives and works; empty for company officers.
    municipality = models.ForeignKey(
        Municipality, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=clock.now)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    objects = UserManager()

    def __str__(self) -> str:
        return f"User {self.pk}"


class Person(TenantModel):
    """A member of a municipality. Carer, supporter and recipient are roles; one may hold all.

    ``uid`` is the same person's name towards other rooms, other towns and the outside.
    """

    class Gender(models.TextChoices):
        UNSAID = "", "答えない"
        FEMALE = "female", "女性"
        MALE = "male", "男性"
        OTHER = "other", "その他"

    class Travel(models.TextChoices):
        WALK = "walk", "歩き"
        BICYCLE = "bicycle", "自転車"
        CAR = "car", "車"

    uid = models.UUIDField(default=new_id, unique=True, editable=False)
    user = models.OneToOneField(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="person_row"
    )
    number = models.CharField(max_length=12)
    family_name = models.CharField(max_length=40)
    given_name = models.CharField(max_length=40)
    family_kana = models.CharField(max_length=60)
    given_kana = models.CharField(max_length=60)
    birth_date = models.DateField(null=True, blank=True)
    gender = models.CharField(max_length=8, choices=Gender.choices, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    languages = models.JSONField(default=list)
    introduction = models.TextField(blank=True)
    occupation = models.CharField(max_length=60, blank=True)
    carer_since = models.DateTimeField(null=True, blank=True)
    supporter_since = models.DateTimeField(null=True, blank=True)
    recipient_since = models.DateTimeField(null=True, blank=True)
    address = SealedText(blank=True)
    latitude = SealedFloat(null=True, blank=True)
    longitude = SealedFloat(null=True, blank=True)
    area = models.ForeignKey(Area, null=True, blank=True, on_delete=models.SET_NULL)
    travel = models.CharField(max_length=8, choices=Travel.choices, default=Travel.WALK)
    travel_limit_m = models.PositiveIntegerField(default=2000)
    asks_per_week_max = models.PositiveSmallIntegerField(default=2)
    resting_until = models.DateField(null=True, blank=True)
    joined_at = models.DateTimeField(default=clock.now)
    left_at = models.DateTimeField(null=True, blank=True)
    #: While and after a person is erased: the id that takes the place of ``uid`` everywhere.
    erased_as = models.UUIDField(null=True, editable=False)
    erased_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ("family_kana", "given_kana", "number")
        constraints = (
            models.UniqueConstraint(fields=("municipality", "number"), name="person_number_once"),
        )
        indexes = (models.Index(fields=("municipality", "supporter_since")),)

    @property
    def name(self) -> str:
        return f"{self.family_name} {self.given_name}"

    @property
    def kana(self) -> str:
        return f"{self.family_kana} {self.given_kana}"


class PersonCounter(TenantModel):
    """The last member number given in this municipality; numbers are never given twice."""

    last = models.PositiveIntegerField(default=10_000)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("municipality",), name="person_counter_once"),
        )


class LoginLinkAsk(models.Model):
    """Somebody asked for a login link: kept a quarter of an hour, to slow down who asks too often.

    Before anybody is known there is no municipality, so no row-level security; ``address_hash``
    is keyed, so the table does not tell whose address it was.
    """

    address_hash = models.CharField(max_length=64)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = (models.Index(fields=("address_hash", "at")),)

    def __str__(self) -> str:
        return f"LoginLinkAsk {self.pk}"


class StandingRoles(TenantManager):
    """Roles that nobody has ended."""

    def get_queryset(self) -> TenantQuerySet:
        return super().get_queryset().filter(ended_at=None)


class StaffRole(TenantModel):
    """What a login may do at the desk of this municipality. One that ended stays for the name that
    stands in the records; whoever asks what somebody may do sees ``objects`` only."""

    class Role(models.TextChoices):
        OFFICER = "officer", "自治体職員"
        COORDINATOR = "coordinator", "生活支援コーディネーター"
        OFFICE = "office", "事務局"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="staff_roles")
    role = models.CharField(max_length=12, choices=Role.choices)
    title = models.CharField(max_length=60)
    name = models.CharField(max_length=60)
    name_kana = models.CharField(max_length=80)
    area = models.ForeignKey(Area, null=True, blank=True, on_delete=models.SET_NULL)
    ended_at = models.DateTimeField(null=True)

    objects = StandingRoles()
    ever = TenantManager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("municipality", "user", "role"), name="staff_once"),
        )


class Skill(TenantModel):
    """Something a supporter offers, by category code, in their own words."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="skills")
    category = models.CharField(max_length=20)
    note = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("person", "category"), name="skill_once"),)


class WeeklyTime(TenantModel):
    """A time a supporter is usually free; weekday 0 is Monday; local time, within one day."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="weekly_times")
    weekday = models.PositiveSmallIntegerField()
    start = models.TimeField()
    end = models.TimeField()

    class Meta:
        ordering = ("weekday", "start")
        constraints = (
            models.CheckConstraint(condition=Q(weekday__lte=6), name="weekday_in_week"),
            models.CheckConstraint(condition=Q(start__lt=F("end")), name="weekly_start_first"),
        )


class TimeException(TenantModel):
    """A day that differs from the week: free then, or not at all (no times: the whole day)."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="time_exceptions")
    day = models.DateField()
    is_free = models.BooleanField()
    start = models.TimeField(null=True, blank=True)
    end = models.TimeField(null=True, blank=True)

    class Meta:
        ordering = ("day", "start")
        constraints = (
            models.CheckConstraint(
                condition=Q(start__isnull=True, end__isnull=True) | Q(start__lt=F("end")),
                name="exception_start_first",
            ),
        )


class TrustCheck(TenantModel):
    """Something that was checked about a person: who they are, a training they finished."""

    class Kind(models.TextChoices):
        IDENTITY = "identity", "本人確認ずみ"
        BACKGROUND = "background", "経歴確認ずみ"
        TRAINING = "training", "講習"
        LICENCE = "licence", "資格"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="trust_checks")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    label = models.CharField(max_length=60)
    method = models.CharField(max_length=60)
    #: Who gave the paper (公安委員会 …), and what kind of paper was shown; its number is not kept.
    issuer = models.CharField(max_length=60, blank=True)
    shown = models.CharField(max_length=60, blank=True)
    checked_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    #: The second member of staff, where two are needed.
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    checked_at = models.DateTimeField(default=clock.now)
    valid_until = models.DateField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    withdrawn_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("person", "kind", "label"), name="trust_check_once"),
        )

    @staticmethod
    def standing() -> Q:
        """Which checks count today: not withdrawn, not past their last day."""
        return Q(withdrawn_at=None) & (Q(valid_until=None) | Q(valid_until__gte=clock.today()))


class Block(TenantModel):
    """``person`` does not want to meet the person with ``blocked_uid``; works both ways."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="blocks")
    blocked_uid = models.UUIDField()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("person", "blocked_uid"), name="block_once"),
        )


class CarePlace(TenantModel):
    """A place a carer asks help for: the own home, a parent's house far away, a public place.

    The person there (``recipient_uid``) is a member of the place's municipality; what the carer
    knows of them is kept here, so that the carer's town needs no look into the other one.
    """

    class Kind(models.TextChoices):
        OWN_HOME = "own_home", "自分の家"
        OTHER_HOME = "other_home", "ほかの人の家"
        PUBLIC = "public", "公共の場所"

    uid = models.UUIDField(default=new_id, unique=True, editable=False)
    carer = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="care_places")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    label = models.CharField(max_length=40)
    place_municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+")
    area_name = models.CharField(max_length=80, blank=True)
    address = SealedText()
    latitude = SealedFloat()
    longitude = SealedFloat()
    recipient_uid = models.UUIDField(null=True, blank=True)
    recipient_name = SealedText(blank=True)
    recipient_kana = SealedText(blank=True)
    recipient_birth_date = SealedDate(null=True, blank=True)
    recipient_relation = models.CharField(max_length=20, blank=True)
    visitor_note = SealedText(blank=True)
    created_at = models.DateTimeField(default=clock.now)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("created_at",)


class PersonAccount(TenantModel):
    """The only link between a person and their ledger accounts. Deleting it forgets the person."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="accounts")
    currency = models.CharField(max_length=20)
    vintage = models.PositiveSmallIntegerField()
    account = models.UUIDField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("person", "currency", "vintage"), name="person_account_once"
            ),
            models.UniqueConstraint(fields=("municipality", "account"), name="account_once"),
        )


class CoinOrder(TenantModel):
    """An order to hold coins, in the payer's town: who pays whom, and the holds that were made.

    A retry finds its order here and gets the same holds, although the balances have changed
    since. Like ``PersonAccount`` it can be deleted; the ledger stays as it is.
    """

    order_id = models.UUIDField()
    payer = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="coin_orders")
    payee_municipality_id = models.PositiveIntegerField()
    payee_person_id = models.BigIntegerField()
    amount = models.PositiveBigIntegerField()
    reference = models.UUIDField()
    timeout_at = models.DateTimeField(null=True)
    #: As ``coins.coins_hold`` answers.
    holds = models.JSONField(default=list)
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("municipality", "order_id"), name="coin_order_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="coin_order_positive"),
        )


class Distribution(TenantModel):
    """Coins for a list of carers, from a file: checked, approved by a second officer, done."""

    class State(models.TextChoices):
        CHECKED = "checked", "内容の確認"
        WAITING = "waiting", "承認待ち"
        DONE = "done", "配布ずみ"
        CANCELLED = "cancelled", "取り消し"

    uid = models.UUIDField(unique=True)
    programme_code = models.CharField(max_length=40)
    file_name = models.CharField(max_length=200)
    file_encoding = models.CharField(max_length=20)
    reason = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=State.choices)
    fiscal_year = models.PositiveSmallIntegerField()
    total = models.BigIntegerField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    approved_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)


class DistributionRow(TenantModel):
    """One line of the file: the person and the amount, or what is wrong with it."""

    distribution = models.ForeignKey(Distribution, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL)
    amount = models.BigIntegerField(null=True)
    #: The file's own columns as read, and the problem: column, value, reason, remedy.
    raw = models.JSONField(default=dict)
    problem = models.JSONField(null=True)

    class Meta:
        ordering = ("line",)
        constraints = (
            models.UniqueConstraint(fields=("distribution", "line"), name="row_line_once"),
        )


class Notice(TenantModel):
    """News for a person (お知らせ): shown on their page, and mailed."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=40)
    #: What makes the news unique, so that a retry does not tell it twice.
    key = models.CharField(max_length=100)
    title = models.CharField(max_length=120)
    body = models.TextField(blank=True)
    path = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(default=clock.now)
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-at",)
        constraints = (models.UniqueConstraint(fields=("person", "key"), name="notice_once"),)


class Act(TenantModel):
    """The record of operations (操作の記録): who did what to whom, on what basis. Never changed."""

    at = models.DateTimeField(default=clock.now)
    actor = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    action = models.CharField(max_length=40)
    subject_kind = models.CharField(max_length=20)
    subject_id = models.CharField(max_length=40)
    #: For proxy entry (代理入力): by telephone, on paper, at the counter; empty for own acts.
    basis = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("-at",)


# Django finds a room's tables through this module.
from .consent_models import Consent as Consent  # noqa: E402
from .consent_models import ConsentText as ConsentText  # noqa: E402
from .security_models import Agreement as Agreement  # noqa: E402
from .security_models import CareContact as CareContact  # noqa: E402
from .security_models import FactorReset as FactorReset  # noqa: E402
from .security_models import FormerMail as FormerMail  # noqa: E402
from .security_models import KnownDevice as KnownDevice  # noqa: E402
from .security_models import MailChange as MailChange  # noqa: E402
from .security_models import SecurityTry as SecurityTry  # noqa: E402
from .staff_models import AppealOfficer as AppealOfficer  # noqa: E402
from .staff_models import StaffNumber as StaffNumber  # noqa: E402
from .suspension_models import Suspension as Suspension  # noqa: E402
from .trust_models import CounterLook as CounterLook  # noqa: E402
from .trust_models import IdentityAsk as IdentityAsk  # noqa: E402
from .trust_models import IdentityClash as IdentityClash  # noqa: E402
from .trust_models import IdentityMark as IdentityMark  # noqa: E402
from .trust_models import TrustClaim as TrustClaim  # noqa: E402
