"""Offers: who was asked, why, and what they answered."""

from django.db import models

from kyojo.civic.municipalities.tenancy import TenantModel
from kyojo.civic.municipalities.twins import TwinModel
from kyojo.civic.people.models import Person
from kyojo.kernel import clock


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
    Stands in the supporter's town."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="rating")
    rating_sum = models.PositiveIntegerField(default=0)
    rating_count = models.PositiveIntegerField(default=0)
    tags = models.JSONField(default=dict)


class PairTally(TenantModel):
    """How often a supporter came for this carer, by recipient and category. Stands in the carer's
    town."""

    supporter_uid = models.UUIDField()
    carer_uid = models.UUIDField()
    recipient_uid = models.UUIDField(null=True)
    category = models.CharField(max_length=20)
    visits_count = models.PositiveIntegerField(default=0)

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
