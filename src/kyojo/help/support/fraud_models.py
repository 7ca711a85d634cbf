"""What is kept to find faked visits, what a person looks at, and what was decided. Stands in the
place's town; of people there are only their opaque ids, of positions only numbers and keyed hashes.
"""

from django.db import models

from kyojo.civic.municipalities.sealed_fields import SealedText
from kyojo.civic.municipalities.tenancy import TenantModel
from kyojo.civic.people.models import User
from kyojo.kernel import clock


class DevicePress(TenantModel):
    """Which device pressed for whom at a visit: ``device`` is a keyed hash of a random cookie that
    only the pages of visits set. Erased a year after."""

    visit_uid = models.UUIDField(db_index=True)
    person_uid = models.UUIDField(db_index=True)
    moment = models.CharField(max_length=8)  # heading, start, during, end, confirm
    device = models.CharField(max_length=32, db_index=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("at", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("municipality", "visit_uid", "moment", "person_uid", "device"),
                name="device_press_once",
            ),
        )


class VisitScore(TenantModel):
    """How much a visit looked like help that happened when it had ended, and what stays of its
    positions: features as numbers, and of each position a keyed hash that tells whether it comes
    again. ``score`` is None where too little was known of the town."""

    visit_uid = models.UUIDField()
    scored_at = models.DateTimeField(default=clock.now)
    score = models.FloatField(null=True)
    threshold = models.FloatField(null=True)
    model = models.CharField(max_length=20)
    town_number = models.PositiveIntegerField(default=0)  # of ``TownDetector``, 0 for none
    accuracy_m = models.FloatField(null=True)
    numbers = models.JSONField(default=dict)
    prints = models.JSONField(default=list)

    class Meta:
        ordering = ("scored_at", "id")
        constraints = (
            models.UniqueConstraint(fields=("municipality", "visit_uid"), name="visit_score_once"),
        )


class VisitLook(TenantModel):
    """A visit that a person looks at (確認). It holds the coins of a visit that is not paid yet;
    one that was picked by lot (``by_lot``) or was paid already holds nothing. Nothing is decided by
    itself: it waits, and is shown as late after ``due_at``."""

    class State(models.TextChoices):
        WAITING = "waiting", "まだ見ていません"
        WATCHING = "watching", "確かめています"
        CLEARED = "cleared", "問題なし"
        REFUSED = "refused", "支払わない"
        CLOSED = "closed", "ほかで決まりました"

    uid = models.UUIDField(unique=True)
    visit_uid = models.UUIDField()
    opened_at = models.DateTimeField(default=clock.now)
    due_at = models.DateTimeField()
    score = models.FloatField()
    #: The shipped score less the threshold, without what the town's decisions changed.
    margin = models.FloatField()
    model = models.CharField(max_length=20)
    town_number = models.PositiveIntegerField(default=0)
    reasons = models.JSONField(default=list)
    #: What is odd, 0 to 1 each: what the town's detector learns from.
    signs = models.JSONField(default=dict)
    by_lot = models.BooleanField(default=False)
    holds_coins = models.BooleanField(default=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    note = SealedText(blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ("opened_at", "id")
        constraints = (
            models.UniqueConstraint(fields=("municipality", "visit_uid"), name="visit_look_once"),
        )
        indexes = (
            models.Index(fields=("municipality", "state", "opened_at"), name="look_by_state"),
        )


class Clearance(TenantModel):
    """Something that the office has found in order for a time: two people, or a device that several
    share. Visits are not held against it until ``valid_until``."""

    class Kind(models.TextChoices):
        PAIR = "pair", "この二人"
        DEVICE = "device", "このスマホ"

    uid = models.UUIDField(unique=True)
    kind = models.CharField(max_length=6, choices=Kind.choices)
    one_uid = models.UUIDField(null=True)
    other_uid = models.UUIDField(null=True)
    device = models.CharField(max_length=32, blank=True)
    label = models.CharField(max_length=20)  # family, shared_phone, neighbours, known
    visit_uid = models.UUIDField()
    valid_until = models.DateField()
    made_at = models.DateTimeField(default=clock.now)
    made_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-made_at", "id")


class TownDetector(TenantModel):
    """What a town's decisions so far change about the scores; a new row each time they are learned
    from anew. ``right`` of ``looked`` visits that were flagged and decided were none."""

    number = models.PositiveIntegerField()
    made_at = models.DateTimeField(default=clock.now)
    model = models.CharField(max_length=20)
    decisions = models.PositiveIntegerField()
    fakes = models.PositiveIntegerField()
    looked = models.PositiveIntegerField(default=0)
    right = models.PositiveIntegerField(default=0)
    by_lot = models.PositiveIntegerField(default=0)
    by_lot_fakes = models.PositiveIntegerField(default=0)
    weights = models.JSONField(default=dict)

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(
                fields=("municipality", "number"), name="town_detector_number_once"
            ),
        )
