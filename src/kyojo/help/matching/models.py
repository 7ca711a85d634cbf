"""Offers: who was asked, why, and what they answered."""

from django.db import models

from kyojo.civic.municipalities.tenancy import TenantModel
from kyojo.civic.municipalities.twins import TwinModel
from kyojo.civic.people.models import Person
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id


class Offer(TwinModel):
    """A question to one supporter (打診). Stands in the request's towns and the supporter's own.

    ``supporter`` is filled in the supporter's town only; ``card`` is what the carer may see of
    them: name, reasons, distance, trust, free times.
    """

    class State(models.TextChoices):
        NOTIFIED = "notified", "返事待ち"
        ACCEPTED = "accepted", "OKの返事"
        CHOSEN = "chosen", "決まりました"
        DECLINED = "declined", "今回は無理"
        LAPSED = "lapsed", "返事がありませんでした"
        WITHDRAWN = "withdrawn", "取り下げました"

    request_uid = models.UUIDField(db_index=True)
    supporter = models.ForeignKey(
        Person, null=True, on_delete=models.PROTECT, related_name="offers"
    )
    supporter_uid = models.UUIDField(db_index=True)
    supporter_municipality_id = models.PositiveIntegerField()
    carer_municipality_id = models.PositiveIntegerField()
    #: True when the carer asked this one person (coins held until the answer or the end).
    is_direct = models.BooleanField()
    category = models.CharField(max_length=20)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    area_name = models.CharField(max_length=80, blank=True)
    price_coins = models.PositiveIntegerField()
    distance_m = models.PositiveIntegerField()
    card = models.JSONField()
    rank = models.PositiveSmallIntegerField(default=0)
    score = models.FloatField(default=0.0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.NOTIFIED)
    asked_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    #: The ledger's holds for this offer: [{"ledger": 990019, "id": "…", "amount": 40}, …]
    holds = models.JSONField(default=list)

    class Meta:
        ordering = ("rank", "asked_at")
        constraints = (
            models.UniqueConstraint(fields=("municipality", "uid"), name="offer_twin_once"),
            models.UniqueConstraint(
                fields=("municipality", "request_uid", "supporter_uid"),
                condition=models.Q(state__in=("notified", "accepted", "chosen")),
                name="one_standing_offer_per_supporter",
            ),
        )


class SupporterTally(TenantModel):
    """What a supporter has done so far, by category. Stands in the supporter's town; kept by
    ``tally_add`` when a visit is settled, so that matching need not look into visits."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="tallies")
    category = models.CharField(max_length=20)
    visits_count = models.PositiveIntegerField(default=0)
    minutes = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("person", "category"), name="supporter_tally_once"),
        )


class SupporterRating(TenantModel):
    """The sum of the ratings (1–5) a supporter got, and how often each word of thanks was chosen.
    Stands in the supporter's town. Cards show ``shown_*``, which moves by several at once
    (``ratings.shown_next``)."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="rating")
    rating_sum = models.PositiveIntegerField(default=0)
    rating_count = models.PositiveIntegerField(default=0)
    shown_sum = models.PositiveIntegerField(default=0)
    shown_count = models.PositiveIntegerField(default=0)
    tags = models.JSONField(default=dict)


class RatingPrior(TenantModel):
    """What is believed of a supporter with few ratings, from ``day`` on: the mean of the town's
    own ratings and how many of them it weighs (``ratings.prior_of``). Made the night before, so
    that it changes for everybody when the day does."""

    day = models.DateField()
    mean = models.FloatField()
    weight = models.FloatField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("municipality", "day"), name="rating_prior_once"),
        )


class SupporterBadges(TenantModel):
    """What a supporter chose to show on the card that carers see, from the room above:
    ``[[name, icon], …]``. Stands in their town."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="badges_shown")
    shown = models.JSONField(default=list)


class PairTally(TenantModel):
    """How often a supporter came for this carer, by recipient and category. Stands in the carer's
    town."""

    supporter_uid = models.UUIDField()
    carer_uid = models.UUIDField()
    recipient_uid = models.UUIDField(null=True)
    category = models.CharField(max_length=20)
    visits_count = models.PositiveIntegerField(default=0)
    #: When the last of them was settled, and what the carer last said of it (1-5).
    last_at = models.DateTimeField(null=True)
    rating_last = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("municipality", "carer_uid", "supporter_uid", "recipient_uid", "category"),
                nulls_distinct=False,
                name="pair_tally_once",
            ),
        )


class SupporterChange(TenantModel):
    """Somebody of whom matching knows something changed. Written by triggers on the tables that
    ``live`` reads, whoever writes them; ``transaction`` is PostgreSQL's number of the one that
    did it. Kept for two days."""

    person_id = models.BigIntegerField()
    transaction = models.BigIntegerField()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = (models.Index(fields=("municipality", "transaction")),)


class Search(TenantModel):
    """A request for which people are asked in waves. Stands in the carer's town."""

    request_uid = models.UUIDField()
    #: The order that began it: its offers' uids follow from it, the supporter and the wave.
    order_id = models.UUIDField()
    started_at = models.DateTimeField(default=clock.now)
    deadline = models.DateTimeField()
    waves = models.PositiveSmallIntegerField(default=0)
    #: When to look again; None: the search is over.
    next_look_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("municipality", "request_uid"), name="search_once"),
        )
        indexes = (models.Index(fields=("municipality", "next_look_at")),)


class Ask(TenantModel):
    """What was known when somebody was asked in a wave: the log that chances are learned from.
    Stands in the carer's town, is seen by nobody, and is dropped after two years.

    ``facts`` are the columns of ``asking.features``; ``chance`` of a yes and ``answers`` of any
    answer, as the model of ``model_version`` saw them; ``propensity``: with which chance the
    policy would have asked just this person.
    """

    offer_uid = models.UUIDField()
    request_uid = models.UUIDField()
    supporter_uid = models.UUIDField()
    wave = models.PositiveSmallIntegerField()
    asked_at = models.DateTimeField(default=clock.now)
    facts = models.JSONField()
    belief = models.FloatField()
    chance = models.FloatField()
    answers = models.FloatField()
    propensity = models.FloatField()
    model_version = models.CharField(max_length=40)
    #: "yes", "no", or "" while and where nothing was answered. Kept when the offer's state goes on.
    answer = models.CharField(max_length=3, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("municipality", "offer_uid"), name="ask_offer_once"),
        )
        indexes = (models.Index(fields=("municipality", "request_uid")),)


class AcceptanceFit(TenantModel):
    """A model of who says yes, as it was learned from the town's log (``asking.training``)."""

    version = models.CharField(max_length=40)
    model = models.JSONField()
    rows = models.PositiveIntegerField()
    fitted_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("-fitted_at", "-id")
        constraints = (
            models.UniqueConstraint(fields=("municipality", "version"), name="fit_version_once"),
        )


class TownPlan(TenantModel):
    """When a town's open requests were last planned all together: how many there were, and for how
    many somebody is proposed."""

    planned_at = models.DateTimeField(default=clock.now)
    requests = models.PositiveIntegerField(default=0)
    filled = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("municipality",), name="town_plan_once"),)


class Proposal(TenantModel):
    """Whom the plan of the town proposes for a request: one of the town's own supporters. Seen by
    the desk only, as long as it holds; made anew with every plan."""

    request_uid = models.UUIDField()
    supporter_uid = models.UUIDField()
    supporter_municipality_id = models.PositiveIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("municipality", "request_uid"), name="proposal_request_once"
            ),
        )


class Posting(TenantModel):
    """A request that is shown to everybody, with no name and no place: whoever has no profile may
    apply for it once (都度). Stands in the place's town.

    ``uid`` is all that is known of it outside: no request is found by it. What is copied from the
    request never changes while it is open.
    """

    uid = models.UUIDField(default=new_id, unique=True, editable=False)
    request_uid = models.UUIDField()
    carer_municipality_id = models.PositiveIntegerField()
    category = models.CharField(max_length=20)
    area_name = models.CharField(max_length=80, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    price_coins = models.PositiveIntegerField()
    opened_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("starts_at", "id")
        constraints = (
            models.UniqueConstraint(fields=("municipality", "request_uid"), name="posting_once"),
        )


class Application(TenantModel):
    """Somebody without a profile would like to help once. Stands in the posting's town.

    Who it is is sealed, and erased when they withdraw, otherwise 30 days after the day. The code
    that opens its page is kept as a hash; telephone and mail address, as keyed ones, tell only
    how often each was used.
    """

    class State(models.TextChoices):
        RECEIVED = "received", "お電話を待っています"
        CALLED = "called", "お電話ずみ"
        DECIDED = "decided", "決まりました"
        REFUSED = "refused", "お断りしました"
        CLOSED = "closed", "ほかの人に決まりました"
        WITHDRAWN = "withdrawn", "取り下げ"

    uid = models.UUIDField(unique=True, editable=False)
    posting = models.ForeignKey(Posting, on_delete=models.CASCADE, related_name="applications")
    code_hash = models.CharField(max_length=64)
    #: Of the telephone; of the mail address where there is none.
    contact_hash = models.CharField(max_length=64)
    mail_hash = models.CharField(max_length=64, blank=True)
    #: As ``services.applying.Applicant``, with the code; empty once it is erased.
    sealed = models.BinaryField(default=bytes)
    consent_version = models.CharField(max_length=20)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    applied_at = models.DateTimeField(default=clock.now)
    called_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    #: What the office wrote to them.
    answer = models.CharField(max_length=300, blank=True)
    person_uid = models.UUIDField(null=True)
    visit_uid = models.UUIDField(null=True)

    class Meta:
        ordering = ("applied_at", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("municipality", "code_hash"), name="application_code_once"
            ),
        )
        indexes = (models.Index(fields=("municipality", "state", "applied_at")),)


class Project(TenantModel):
    """A piece of work of about a month for a team of three to five: what it is for, what it takes,
    where and how often they meet. Made by the desk."""

    class State(models.TextChoices):
        PLANNED = "planned", "準備中"
        ASKING = "asking", "返事待ち"
        SETTLED = "settled", "決まりました"
        DONE = "done", "終わりました"
        CANCELLED = "cancelled", "取りやめました"

    uid = models.UUIDField(unique=True, editable=False)
    title = models.CharField(max_length=60)
    purpose = models.TextField()
    #: Codes of categories, all needed.
    skills = models.JSONField()
    #: Codes of weekly times (``teams.TIMES``) that may be used; how many the team must have.
    times = models.JSONField()
    meetings = models.PositiveSmallIntegerField()
    starts_on = models.DateField()
    weeks = models.PositiveSmallIntegerField()
    smallest = models.PositiveSmallIntegerField()
    largest = models.PositiveSmallIntegerField()
    area_name = models.CharField(max_length=80, blank=True)
    latitude = models.FloatField()
    longitude = models.FloatField()
    answer_until = models.DateTimeField(null=True)
    contact_name = models.CharField(max_length=60)
    contact_title = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    created_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(smallest__gte=3, largest__lte=5)
                & models.Q(smallest__lte=models.F("largest")),
                name="project_three_to_five",
            ),
        )


class ProjectMember(TenantModel):
    """Somebody proposed for a project, and what they said. ``skills`` are those of the project's
    that they bring."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "まだ声をかけていません"
        ASKED = "asked", "返事待ち"
        YES = "yes", "参加する"
        NO = "no", "今回は無理"
        LAPSED = "lapsed", "返事がありませんでした"
        OUT = "out", "外れました"

    uid = models.UUIDField(default=new_id, unique=True, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="members")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="projects")
    skills = models.JSONField()
    metres = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    asked_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("project", "person"), name="project_member_once"),
        )
        indexes = (models.Index(fields=("municipality", "person", "state")),)
