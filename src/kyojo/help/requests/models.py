"""Requests for help: what, where, when, for whom."""

from django.db import models
from django.db.models import F, Q

from kyojo.civic.municipalities.models import Area
from kyojo.civic.municipalities.sealed_fields import SealedDate, SealedFloat, SealedText
from kyojo.civic.municipalities.tenancy import TenantModel
from kyojo.civic.municipalities.twins import TwinModel
from kyojo.civic.people.models import Person
from kyojo.kernel import clock


class HelpRequest(TwinModel):
    """A request (依頼). Stands in the carer's town, and in the place's town once it is open.

    A draft stands in the carer's town only. ``carer`` and ``address`` are filled in the carer's
    row; the place's town sees the blurred position and the area until somebody is chosen.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "下書き"
        OPEN = "open", "さがしています"
        MATCHED = "matched", "来る人が決まりました"
        DONE = "done", "終わりました"
        CANCELLED = "cancelled", "取り消しました"
        UNFILLED = "unfilled", "決まりませんでした"

    class Mode(models.TextChoices):
        PICK = "pick", "自分で選ぶ"
        BROADCAST = "broadcast", "まとめて声をかける"

    class Decide(models.TextChoices):
        SELF = "self", "OKした人の中から、自分で選ぶ"
        FIRST = "first", "最初にOKした人に決める"

    number = models.CharField(max_length=12)  # R-1042, counted in the carer's town
    carer = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="requests")
    carer_uid = models.UUIDField()
    carer_municipality_id = models.PositiveIntegerField()
    place_municipality_id = models.PositiveIntegerField()
    programme_code = models.CharField(max_length=40)
    category = models.CharField(max_length=20)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    price_coins = models.PositiveIntegerField(null=True)
    place_uid = models.UUIDField(null=True)
    place_kind = models.CharField(max_length=12, blank=True)
    place_label = models.CharField(max_length=40, blank=True)
    area = models.ForeignKey(Area, null=True, on_delete=models.SET_NULL)
    area_name = models.CharField(max_length=80, blank=True)
    address = SealedText(blank=True)
    latitude = SealedFloat(null=True)
    longitude = SealedFloat(null=True)
    recipient_uid = models.UUIDField(null=True)
    recipient_name = SealedText(blank=True)
    recipient_birth_date = SealedDate(null=True)
    recipient_relation = models.CharField(max_length=20, blank=True)
    visitor_note = SealedText(blank=True)
    memo = SealedText(blank=True)
    gender_wish = models.CharField(max_length=8, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    mode = models.CharField(max_length=10, choices=Mode.choices, blank=True)
    decide = models.CharField(max_length=6, choices=Decide.choices, blank=True)
    wait_until = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)
    coordinator_name = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    #: The series or the bundle that it is one of; both stand in the carer's town.
    series_uid = models.UUIDField(null=True)
    bundle_uid = models.UUIDField(null=True)

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(fields=("municipality", "uid"), name="request_twin_once"),
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True) | Q(starts_at__lt=F("ends_at")),
                name="request_start_first",
            ),
        )
        indexes = (
            models.Index(fields=("municipality", "state", "starts_at")),
            models.Index(
                fields=("municipality", "series_uid"),
                condition=Q(series_uid__isnull=False),
                name="request_of_series",
            ),
            models.Index(
                fields=("municipality", "bundle_uid"),
                condition=Q(bundle_uid__isnull=False),
                name="request_of_bundle",
            ),
        )


class RequestStep(TenantModel):
    """The history of a request, appended to and never changed."""

    request_uid = models.UUIDField(db_index=True)
    at = models.DateTimeField(default=clock.now)
    before = models.CharField(max_length=10)
    after = models.CharField(max_length=10)
    actor_uid = models.UUIDField(null=True)
    reason = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ("at", "id")


class RequestCounter(TenantModel):
    """The last number given to a request of this municipality."""

    last = models.PositiveIntegerField(default=1000)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("municipality",), name="request_counter_once"),
        )


class Series(TenantModel):
    """The same help again and again (くり返し). Stands in the carer's town; its occurrences are
    ordinary requests, made four weeks ahead.

    ``rule`` is an RRULE over days (``repeating``). ``skipped``: days the carer left out;
    ``away``: days on which the usual supporter cannot come, both as ISO dates. ``revision`` counts
    changes of the rule or the hour: each makes its own occurrences.
    """

    class State(models.TextChoices):
        ACTIVE = "active", "つづいています"
        ENDED = "ended", "終わりました"

    uid = models.UUIDField(editable=False)
    carer = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="series")
    category = models.CharField(max_length=20)
    place_uid = models.UUIDField()
    place_label = models.CharField(max_length=40, blank=True)
    memo = SealedText(blank=True)
    gender_wish = models.CharField(max_length=8, blank=True)
    rule = models.CharField(max_length=120)
    starts_on = models.DateField()
    from_time = models.TimeField()
    minutes = models.PositiveSmallIntegerField()
    skipped = models.JSONField(default=list)
    away = models.JSONField(default=list)
    revision = models.PositiveSmallIntegerField(default=0)
    #: Whoever usually comes; None while nobody does.
    supporter_uid = models.UUIDField(null=True)
    supporter_municipality_id = models.PositiveIntegerField(null=True)
    supporter_name = models.CharField(max_length=40, blank=True)
    #: How a substitute is settled.
    decide = models.CharField(
        max_length=6, choices=HelpRequest.Decide.choices, default=HelpRequest.Decide.FIRST
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.ACTIVE)
    created_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("created_at", "id")
        constraints = (
            models.UniqueConstraint(fields=("municipality", "uid"), name="series_once"),
            models.CheckConstraint(
                condition=Q(supporter_uid__isnull=True, supporter_municipality_id__isnull=True)
                | Q(supporter_uid__isnull=False, supporter_municipality_id__isnull=False),
                name="series_supporter_has_a_town",
            ),
        )
        indexes = (models.Index(fields=("municipality", "state")),)


class Bundle(TenantModel):
    """Several things asked for together (まとめ): the week after hospital, a big job in slices.
    Stands in the carer's town; its parts are ordinary requests, opened together."""

    uid = models.UUIDField(editable=False)
    carer = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="bundles")
    title = models.CharField(max_length=60)
    created_at = models.DateTimeField(default=clock.now)
    opened_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = (models.UniqueConstraint(fields=("municipality", "uid"), name="bundle_once"),)
