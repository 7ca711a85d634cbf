"""Community: messages between those who meet, cases of the office, groups.

The room knows people only: what a thread or a case is about is a kind and an id, and who takes part
is handed in by whoever knows requests and visits.
"""

from django.db import models
from django.db.models import Q

from kyojo.civic.municipalities.models import Area
from kyojo.civic.municipalities.tenancy import TenantModel
from kyojo.civic.municipalities.twins import TwinModel
from kyojo.civic.people.models import Person, User
from kyojo.kernel import clock


# --- messages -------------------------------------------------------------------------------------
class Thread(TwinModel):
    """What a few people write to each other about one question (やりとり). Stands in the towns of
    all of them; ``people``: [{"uid", "town", "role"}, …]."""

    about_uid = models.UUIDField()
    people = models.JSONField()
    opened_at = models.DateTimeField(default=clock.now)
    #: From when on the whole of it is erased.
    purge_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("municipality", "uid"), name="thread_twin_once"),
        )
        indexes = (models.Index(fields=("municipality", "purge_at")),)


class Message(TwinModel):
    """One message, sealed. ``written_by``: staff who wrote it, for the office or for the author who
    telephoned (``basis``); kept in their own town only."""

    thread_uid = models.UUIDField()
    author_uid = models.UUIDField(null=True)
    author_role = models.CharField(max_length=12)
    author_municipality_id = models.PositiveIntegerField()
    written_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    basis = models.CharField(max_length=20, blank=True)
    sealed = models.BinaryField()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("at", "id")
        constraints = (
            models.UniqueConstraint(fields=("municipality", "uid"), name="message_twin_once"),
        )
        indexes = (models.Index(fields=("municipality", "thread_uid", "at")),)


class ThreadRead(TenantModel):
    """Until when somebody has read a thread; a row in each of its towns."""

    thread_uid = models.UUIDField()
    person_uid = models.UUIDField()
    read_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("municipality", "thread_uid", "person_uid"), name="thread_read_once"
            ),
        )


# --- cases ----------------------------------------------------------------------------------------
class CaseCounter(TenantModel):
    """The last number given to a case of this municipality."""

    last = models.PositiveIntegerField(default=1000)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("municipality",), name="case_counter_once"),)


class Case(TenantModel):
    """Something for the office to look into (相談・通報). Where two towns are concerned each has a
    case of its own with the same ``uid``, its own deadline and its own end.

    ``about``: uids of the people it is about, as text. ``opened_by_uid`` is known only in that
    person's own town. What was written is sealed.
    """

    class Kind(models.TextChoices):
        REPORT = "report", "通報"
        WORRY = "worry", "気になること"
        SUSPENSION = "suspension", "利用の一時停止"
        APPEAL = "appeal", "停止への異議"
        IDENTITY = "identity", "本人確認の食いちがい"
        OTHER = "other", "そのほか"

    class Urgency(models.TextChoices):
        URGENT = "urgent", "急ぎ"
        SOON = "soon", "早め"
        USUAL = "usual", "ふつう"

    class State(models.TextChoices):
        OPEN = "open", "対応中"
        WAITING = "waiting", "返事待ち"
        CLOSED = "closed", "終わりました"

    class Outcome(models.TextChoices):
        TALKED = "talked", "話をした"
        CHANGED = "changed", "対応を変えた"
        SUSPENDED = "suspended", "利用を止めた"
        PASSED = "passed", "ほかの機関につないだ"
        NOTHING = "nothing", "問題は見つからなかった"

    uid = models.UUIDField(editable=False)
    sides = models.JSONField()
    number = models.CharField(max_length=12)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    urgency = models.CharField(max_length=8, choices=Urgency.choices)
    #: visit, message, person, review, suspension, …: what it is about, and its id.
    subject_kind = models.CharField(max_length=20)
    subject_uid = models.UUIDField(null=True)
    about = models.JSONField(default=list)
    opened_by_uid = models.UUIDField(null=True)
    opened_in = models.PositiveIntegerField()
    reasons = models.JSONField(default=list)
    words_sealed = models.BinaryField(default=bytes)
    opened_at = models.DateTimeField(default=clock.now)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    owner = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("due_at", "id")
        constraints = (
            models.UniqueConstraint(fields=("municipality", "uid"), name="case_once"),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False)
                | (~Q(state="closed") & Q(closed_at__isnull=True)),
                name="case_closed_has_a_day",
            ),
        )
        indexes = (
            models.Index(fields=("municipality", "state", "due_at")),
            models.Index(fields=("municipality", "opened_by_uid")),
        )


class CaseNote(TenantModel):
    """What was noted, done or decided about a case: added to and never changed."""

    class Kind(models.TextChoices):
        NOTE = "note", "メモ"
        STEP = "step", "したこと"
        STATE = "state", "進みぐあい"

    uid = models.UUIDField(editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notes")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    #: A code of ``domain.STEPS``, or of a state.
    code = models.CharField(max_length=20, blank=True)
    words_sealed = models.BinaryField(default=bytes)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("at", "id")
        constraints = (
            models.UniqueConstraint(fields=("municipality", "uid"), name="case_note_once"),
        )


# --- groups ---------------------------------------------------------------------------------------
class Group(TenantModel):
    """Members of a town who come together: neighbours, people who care for somebody."""

    class Kind(models.TextChoices):
        NEIGHBOURS = "neighbours", "ご近所"
        CARERS = "carers", "ケアする人の集まり"
        SUPPORTERS = "supporters", "手伝う人の集まり"
        OTHER = "other", "そのほか"

    uid = models.UUIDField(unique=True, editable=False)
    name = models.CharField(max_length=40)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    about = models.CharField(max_length=300)
    #: Whoever likes joins at once; otherwise a leader invites, by member number.
    is_open = models.BooleanField()
    area = models.ForeignKey(Area, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("name", "id")


class GroupMember(TenantModel):
    """Somebody in a group, or invited to it. A member who left has no row."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="members")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="group_members")
    is_leader = models.BooleanField(default=False)
    invited_at = models.DateTimeField(null=True)
    joined_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-is_leader", "joined_at", "id")
        constraints = (
            models.UniqueConstraint(fields=("group", "person"), name="group_member_once"),
            models.CheckConstraint(
                condition=Q(joined_at__isnull=False) | Q(is_leader=False),
                name="group_leader_has_joined",
            ),
        )


class GroupPost(TenantModel):
    """A notice on a group's board, sealed; gone for everybody once it is taken down."""

    uid = models.UUIDField(editable=False)
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="posts")
    author = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    sealed = models.BinaryField()
    at = models.DateTimeField(default=clock.now)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-at", "-id")
        constraints = (
            models.UniqueConstraint(fields=("municipality", "uid"), name="group_post_once"),
        )
