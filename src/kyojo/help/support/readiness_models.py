"""What was done before a visit with a child could begin: a first meeting, another adult."""

from django.db import models
from django.db.models import Q

from kyojo.civic.municipalities.tenancy import TenantModel
from kyojo.civic.people.models import User
from kyojo.kernel import clock

from .readiness import MEETING_PLACES, SECOND_KINDS


class SecondAdult(TenantModel):
    """The other adult of a visit (2人目のおとな). Stands in the place's town; the newest counts.

    ``name_sealed``: who it is, where that is not the carer.
    """

    uid = models.UUIDField(unique=True)
    visit_uid = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=10, choices=list(SECOND_KINDS.items()))
    adult_uid = models.UUIDField(null=True)
    name_sealed = models.BinaryField(null=True)
    by_role = models.CharField(max_length=12)
    by_uid = models.UUIDField(null=True)
    by_user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=clock.now)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("municipality", "visit_uid"),
                condition=Q(removed_at__isnull=True),
                name="second_adult_once",
            ),
        )


class FirstMeeting(TenantModel):
    """Carer and supporter (and the child) meet for the first time (顔合わせ). Stands in the carer's
    town. Held once both have said so, or the office has."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "お返事待ち"
        AGREED = "agreed", "決まりました"
        HELD = "held", "会いました"

    uid = models.UUIDField(unique=True)
    visit_uid = models.UUIDField()
    carer_uid = models.UUIDField()
    supporter_uid = models.UUIDField(db_index=True)
    supporter_municipality_id = models.PositiveIntegerField()
    recipient_uid = models.UUIDField(null=True)
    at = models.DateTimeField(null=True)
    minutes = models.PositiveSmallIntegerField(default=30)
    where = models.CharField(max_length=8, choices=list(MEETING_PLACES.items()), blank=True)
    proposed_by = models.CharField(max_length=12)  # carer, supporter, office
    proposed_at = models.DateTimeField(default=clock.now)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PROPOSED)
    carer_said_at = models.DateTimeField(null=True)
    supporter_said_at = models.DateTimeField(null=True)
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    held_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-proposed_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("municipality", "carer_uid", "supporter_uid", "recipient_uid"),
                nulls_distinct=False,
                name="first_meeting_once",
            ),
        )
