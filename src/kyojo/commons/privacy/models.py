"""Privacy: erasure, one's own data, keeping times over all rooms."""

from django.db import models
from django.db.models import Q

from kyojo.civic.municipalities.tenancy import TenantModel
from kyojo.civic.people.models import Person, User
from kyojo.kernel import clock


class Erasure(TenantModel):
    """Somebody wants everything about them erased (記録の消去): asked for, waited for, done.

    Stands in the person's town. Once it is done it points to an empty row, so that it says that
    somebody was erased, and not who.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", "もう一人の職員の確認待ち"
        WAITING = "waiting", "消去を待っています"
        RUNNING = "running", "消去しています"
        DONE = "done", "消去しました"
        WITHDRAWN = "withdrawn", "取り下げました"

    class Origin(models.TextChoices):
        SELF = "self", "本人"
        OFFICE = "office", "事務局"
        RULE = "rule", "保存期間の終わり"

    uid = models.UUIDField(unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="erasures")
    state = models.CharField(max_length=10, choices=State.choices)
    origin = models.CharField(max_length=6, choices=Origin.choices)
    #: As ``people.domain.BASES``, where the office asks for somebody.
    basis = models.CharField(max_length=20, blank=True)
    asked_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField(default=clock.now)
    approved_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    approved_at = models.DateTimeField(null=True)
    #: From when on it is done; None while a second officer has to look.
    due_at = models.DateTimeField(null=True)
    #: What was still open when it was last tried, in words of the rooms.
    stopped_by = models.JSONField(default=list)
    tried_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-asked_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("person",),
                condition=Q(state__in=("proposed", "waiting", "running")),
                name="one_standing_erasure",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("proposed", "withdrawn")) | Q(due_at__isnull=False),
                name="erasure_has_its_day",
            ),
        )


class ErasureStep(TenantModel):
    """A room has forgotten the person. What is not here is done when the job comes again."""

    erasure = models.ForeignKey(Erasure, on_delete=models.CASCADE, related_name="steps")
    room = models.CharField(max_length=40)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("at", "id")
        constraints = (
            models.UniqueConstraint(fields=("erasure", "room"), name="erasure_room_once"),
        )


class PurgeLog(TenantModel):
    """The record that something was erased by the clock: of which kind, how many, and up to which
    moment. Nothing leads from it to what it was."""

    kind = models.CharField(max_length=40)
    count = models.PositiveIntegerField()
    due_before = models.DateTimeField()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("-at", "-id")
        indexes = (models.Index(fields=("municipality", "kind", "at")),)
