"""Safety: emergencies, worries, late check-outs, accidents, the insurance roster.

Emergencies, worries and late visits stand in the town of the place, whose office goes and looks;
accidents and rosters in the town of the supporter, whose insurance it is. What people said, where a
phone was and who was hurt is encrypted.
"""

from uuid import UUID

from django.db import models
from django.db.models import Q

from kyojo.civic.municipalities.tenancy import TenantModel
from kyojo.civic.people.models import User
from kyojo.kernel import clock
from kyojo.kernel.ids import derived_id


# --- who is on call -------------------------------------------------------------------------------
class OnCall(TenantModel):
    """A line of the list of who is alarmed, by ``place``: the first who is on duty, then the next.

    ``days``: 0 is Monday; from ``start`` to ``end`` local, over midnight where ``end`` comes first,
    the whole day where both are the same.
    """

    uid = models.UUIDField(unique=True)
    place = models.PositiveSmallIntegerField()
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    phone = models.CharField(max_length=20)
    days = models.JSONField()
    start = models.TimeField()
    end = models.TimeField()

    class Meta:
        ordering = ("place", "id")


class Alert(TenantModel):
    """A member of staff was alarmed: once for each step of a case."""

    class Kind(models.TextChoices):
        EMERGENCY = "emergency", "助けを求める知らせ"
        LATE = "late", "終わりの連絡がない支援"
        WORRY = "worry", "気になること"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    subject_uid = models.UUIDField()
    step = models.PositiveSmallIntegerField()
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=clock.now)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("at", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("municipality", "kind", "subject_uid", "step", "user"),
                name="alert_once_per_step",
            ),
        )


# --- emergencies ----------------------------------------------------------------------------------
class Emergency(TenantModel):
    """Somebody at a visit asked for help (緊急). ``uid`` is the press's own id; each of a visit's
    people has one of their own, of which the others learn nothing here.

    ``step`` counts the alarms so far; the next is due at ``due_at``, which is there while nobody of
    the office has taken it, also when whoever pressed says that it was a mistake.
    """

    class State(models.TextChoices):
        RAISED = "raised", "まだだれも受けていません"
        ACKNOWLEDGED = "acknowledged", "対応しています"
        WITHDRAWN = "withdrawn", "まちがえて押したとの連絡"
        CLOSED = "closed", "終わりました"

    OPEN = (State.RAISED, State.ACKNOWLEDGED)

    uid = models.UUIDField(unique=True)
    visit_uid = models.UUIDField(db_index=True)
    by_uid = models.UUIDField(null=True)
    by_role = models.CharField(max_length=12)  # carer, supporter, recipient
    by_municipality_id = models.PositiveIntegerField()
    by_user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    raised_at = models.DateTimeField(default=clock.now)
    state = models.CharField(max_length=12, choices=State.choices, default=State.RAISED)
    step = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    #: [latitude, longitude, accuracy in metres], as the phone said.
    position_sealed = models.BinaryField(null=True)
    position_at = models.DateTimeField(null=True)
    purge_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    outcome = models.CharField(max_length=12, blank=True)

    class Meta:
        ordering = ("-raised_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("municipality", "visit_uid", "by_uid"),
                condition=Q(state__in=("raised", "acknowledged")),
                name="one_open_emergency_each",
            ),
        )
        indexes = (
            models.Index(
                fields=("municipality", "due_at"),
                condition=Q(due_at__isnull=False),
                name="emergency_due",
            ),
        )


class EmergencyNote(TenantModel):
    """What happened in an emergency, in its order; appended to, never changed but to forget."""

    class Kind(models.TextChoices):
        RAISED = "raised", "助けを求めました"
        AGAIN = "again", "もう一度押されました"
        ALARMED = "alarmed", "知らせました"
        POSITION = "position", "電話の位置が届きました"
        ACKNOWLEDGED = "acknowledged", "受けました"
        NOTE = "note", "メモ"
        WITHDRAWN = "withdrawn", "まちがいだったとの連絡"
        CLOSED = "closed", "終えました"

    emergency = models.ForeignKey(Emergency, on_delete=models.CASCADE, related_name="notes")
    at = models.DateTimeField(default=clock.now)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    by_role = models.CharField(max_length=12)
    by_user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    #: How many people an alarm reached.
    count = models.PositiveSmallIntegerField(null=True)
    words_sealed = models.BinaryField(null=True)

    class Meta:
        ordering = ("at", "id")


# --- late visits ----------------------------------------------------------------------------------
class LateWatch(TenantModel):
    """A visit that nobody ended (or a supporter who set out and did not arrive): the supporter is
    asked, then the office hears of it. Ends by itself when the visit goes on."""

    class Kind(models.TextChoices):
        END = "end", "終わりの連絡がない"
        ARRIVAL = "arrival", "向かったまま着いていない"

    class State(models.TextChoices):
        ASKED = "asked", "来る人に聞いています"
        FINE = "fine", "だいじょうぶとのお返事"
        OFFICE = "office", "事務局が確かめます"
        RESOLVED = "resolved", "終わりました"

    visit_uid = models.UUIDField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.ASKED)
    #: How often the supporter was asked.
    round = models.PositiveSmallIntegerField(default=1)
    overdue_at = models.DateTimeField()
    asked_at = models.DateTimeField(default=clock.now)
    #: How often the office was alarmed.
    step = models.PositiveSmallIntegerField(default=0)
    #: When the office hears of it (asked), the supporter is asked again (fine), or the next of the
    #: office is alarmed (office) while nobody has taken it.
    due_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    office_at = models.DateTimeField(null=True)
    taken_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    taken_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    #: arrived, ended, closed (cancelled, disputed …), office
    resolved_how = models.CharField(max_length=8, blank=True)

    class Meta:
        ordering = ("overdue_at", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("municipality", "visit_uid", "kind"), name="late_watch_once"
            ),
        )
        indexes = (models.Index(fields=("municipality", "state", "due_at")),)

    @property
    def is_offices_end(self) -> bool:
        """Whether the office has been alarmed about an end that nobody told."""
        return bool(self.state == self.State.OFFICE and self.kind == self.Kind.END)

    @property
    def alert_uid(self) -> UUID:
        """What its alarms are about."""
        return derived_id(self.visit_uid, self.kind)


# --- worries --------------------------------------------------------------------------------------
class SupportCentre(TenantModel):
    """A support centre that looks after worries: 包括 for elders, the town's centre for children.
    ``area_codes``: the living areas it is for; none: the whole town."""

    class Kind(models.TextChoices):
        ELDER = "elder", "高齢者（地域包括支援センター）"
        CHILD = "child", "子ども（こども家庭センター）"

    uid = models.UUIDField(unique=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.CharField(max_length=80)
    phone = models.CharField(max_length=20, blank=True)
    area_codes = models.JSONField(default=list)
    made_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("kind", "name")


class CentreMember(TenantModel):
    """A login of the desk that works for a centre and reads what reaches it."""

    centre = models.ForeignKey(SupportCentre, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("centre", "user"), name="centre_member_once"),
        )


class Worry(TenantModel):
    """Something a supporter noticed (気になること). What it is and who said so is encrypted; the
    centre alone reads it; the desk sees how pressing it is and whether somebody looks after it."""

    class State(models.TextChoices):
        SENT = "sent", "届きました"
        ACKNOWLEDGED = "acknowledged", "確かめています"
        ANSWERED = "answered", "お返事しました"
        CLOSED = "closed", "終わりました"

    uid = models.UUIDField(unique=True)
    number = models.CharField(max_length=12)
    visit_uid = models.UUIDField(db_index=True)
    #: Whom it is about, as far as they are a member.
    about_uid = models.UUIDField(null=True)
    reporter_uid = models.UUIDField(null=True)
    reporter_municipality_id = models.PositiveIntegerField()
    centre = models.ForeignKey(SupportCentre, null=True, on_delete=models.PROTECT, related_name="+")
    area_code = models.CharField(max_length=40, blank=True)
    area_name = models.CharField(max_length=80, blank=True)
    urgency = models.CharField(max_length=8)
    ground = models.CharField(max_length=8)
    #: {"signs": [...], "words": ..., "about": {...}, "reporter": {...}}
    content_sealed = models.BinaryField(null=True)
    at = models.DateTimeField(default=clock.now)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.SENT)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    #: What the reporter may know of what was done.
    answer_sealed = models.BinaryField(null=True)
    answered_at = models.DateTimeField(null=True)
    #: What the centre did: for the centre.
    closing_sealed = models.BinaryField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    #: The case of the community room that goes on with it.
    case_uid = models.UUIDField(null=True)

    class Meta:
        ordering = ("-at",)
        indexes = (models.Index(fields=("municipality", "state", "due_at")),)


# --- accidents and the insurance ------------------------------------------------------------------
class Counter(TenantModel):
    """The last number given to a worry (K-1001) or an accident (J-1001) of this municipality."""

    kind = models.CharField(max_length=1)
    last = models.PositiveIntegerField(default=1000)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("municipality", "kind"), name="safety_counter_once"),
        )


class Accident(TenantModel):
    """An accident report (事故報告) for the insurer, written step by step. It stands where the
    visit's supporter lives, or with the office that writes it."""

    class State(models.TextChoices):
        DRAFT = "draft", "書いているところ"
        REPORTED = "reported", "事務局に届きました"
        SENT = "sent", "保険会社に送りました"
        SETTLED = "settled", "終わりました"

    uid = models.UUIDField(unique=True)
    number = models.CharField(max_length=12)
    visit_uid = models.UUIDField(null=True, db_index=True)
    by_uid = models.UUIDField(null=True)
    by_municipality_id = models.PositiveIntegerField()
    by_role = models.CharField(max_length=12)  # carer, supporter, office
    by_user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    started_at = models.DateTimeField(default=clock.now)
    happened_at = models.DateTimeField(null=True)
    due_on = models.DateField(null=True)
    #: The answers of the steps, by field.
    content_sealed = models.BinaryField(null=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    reported_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    insurer_number = models.CharField(max_length=40, blank=True)
    settled_at = models.DateTimeField(null=True)
    settled_note_sealed = models.BinaryField(null=True)

    class Meta:
        ordering = ("-started_at",)


class RosterCopy(TenantModel):
    """A roster that was taken away for the insurer: what it said, as it was then."""

    uid = models.UUIDField(unique=True)
    kind = models.CharField(max_length=8)  # members, visits
    first = models.DateField()
    last = models.DateField()
    form = models.CharField(max_length=4)  # xlsx, csv, sjis, pdf
    rows_count = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    #: The rows as they were, encrypted.
    rows_sealed = models.BinaryField()
    made_at = models.DateTimeField(default=clock.now)
    made_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ("-made_at",)
