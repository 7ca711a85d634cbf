"""Support: visits, their evidence, confirmation, settlement and reviews."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from kyojo.civic.municipalities.sealed_fields import SealedFloat, SealedJSON, SealedText
from kyojo.civic.municipalities.tenancy import TenantModel
from kyojo.civic.municipalities.twins import TwinModel
from kyojo.civic.people.models import Person
from kyojo.kernel import clock

from .appeal_models import Ruling as Ruling
from .fraud_models import Clearance as Clearance
from .fraud_models import DevicePress as DevicePress
from .fraud_models import TownDetector as TownDetector
from .fraud_models import VisitLook as VisitLook
from .fraud_models import VisitScore as VisitScore
from .photo_models import Photo as Photo
from .readiness_models import FirstMeeting as FirstMeeting
from .readiness_models import SecondAdult as SecondAdult
from .tag_models import Gateway as Gateway
from .tag_models import Tag as Tag
from .tag_models import TagSignal as TagSignal
from .tag_models import TagTally as TagTally
from .warmth_models import FamilyLink as FamilyLink
from .warmth_models import Gift as Gift
from .warmth_models import Letter as Letter
from .warmth_models import Portrait as Portrait


class Visit(TwinModel):
    """A reserved visit (支援). Stands in the carer's, the place's and the supporter's town.

    Each town's row holds its own people only (``carer``, ``recipient``, ``supporter``); of the
    others it holds the cards. ``spoken_code`` is filled in the carer's and the place's row, never
    in a row that only the supporter's town holds.
    """

    class State(models.TextChoices):
        SCHEDULED = "scheduled", "予定"
        STARTED = "started", "支援中"
        ENDED = "ended", "終わりました"
        CONFIRMED = "confirmed", "確認ずみ"
        SETTLED = "settled", "精算ずみ"
        CANCELLED = "cancelled", "取り消し"
        NO_SHOW = "no_show", "来られませんでした"
        DISPUTED = "disputed", "話し合い中"
        RESOLVED = "resolved", "話し合いずみ"

    class Consent(models.TextChoices):
        NOT_NEEDED = "not_needed", "確認はいりません"
        ASKED = "asked", "お返事待ち"
        GIVEN = "given", "来てよい"
        DECLINED = "declined", "来ないでほしい"

    number = models.CharField(max_length=12)  # the request's number
    request_uid = models.UUIDField(db_index=True)
    offer_uid = models.UUIDField()
    carer = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    supporter = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    recipient = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    carer_uid = models.UUIDField(db_index=True)
    supporter_uid = models.UUIDField(db_index=True)
    recipient_uid = models.UUIDField(null=True, db_index=True)
    carer_municipality_id = models.PositiveIntegerField()
    place_municipality_id = models.PositiveIntegerField()
    supporter_municipality_id = models.PositiveIntegerField()
    carer_card = models.JSONField()
    supporter_card = models.JSONField()
    recipient_card = SealedJSON()
    category = models.CharField(max_length=20)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    during = DateTimeRangeField()
    area_name = models.CharField(max_length=80, blank=True)
    area_code = models.CharField(max_length=40, blank=True)
    place_label = models.CharField(max_length=40, blank=True)
    address = SealedText(blank=True)
    latitude = SealedFloat(null=True)
    longitude = SealedFloat(null=True)
    memo = SealedText(blank=True)
    amount_coins = models.PositiveIntegerField()
    holds = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State.choices, default=State.SCHEDULED)
    consent = models.CharField(max_length=10, choices=Consent.choices)
    consent_basis = models.CharField(max_length=20, blank=True)
    consent_at = models.DateTimeField(null=True)
    #: Whoever says whether the supporter may come has also said that they may take photos.
    photos_allowed = models.BooleanField(default=False)
    spoken_code = models.CharField(max_length=4, blank=True)
    code_failures = models.PositiveSmallIntegerField(default=0)
    reserved_at = models.DateTimeField(default=clock.now)
    heading_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    confirm_until = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.CharField(max_length=12, blank=True)  # carer, automatic, office
    settled_at = models.DateTimeField(null=True)
    settled_coins = models.PositiveIntegerField(null=True)
    #: settle, ask, office: what the evidence says, with its reasons in words.
    decision = models.CharField(max_length=8, blank=True)
    evidence_score = models.PositiveSmallIntegerField(null=True)  # 0–100, as ``evidence`` has it
    decision_reasons = models.JSONField(default=list)
    supporter_note = SealedText(blank=True)
    receipt_code = models.CharField(max_length=20, blank=True)
    closed_reason = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ("-starts_at",)
        constraints = (
            models.UniqueConstraint(fields=("municipality", "uid"), name="visit_twin_once"),
            models.UniqueConstraint(
                fields=("municipality", "request_uid"),
                condition=~Q(state__in=("cancelled", "no_show")),
                name="one_visit_per_request",
            ),
            # A person cannot be in two places: decided by the database, whatever the code does.
            ExclusionConstraint(
                name="no_double_booking",
                expressions=[
                    (
                        # A range of one number: without btree_gist, gist compares only ranges.
                        Func(
                            F("supporter_id"),
                            F("supporter_id"),
                            Value("[]"),
                            function="int8range",
                            output_field=BigIntegerRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=Q(supporter__isnull=False)
                & Q(state__in=("scheduled", "started", "ended", "confirmed", "settled")),
            ),
        )
        indexes = (
            models.Index(fields=("municipality", "state", "starts_at")),
            # From a receipt, which anybody may look up, to the visit whose coins it is about.
            models.Index(
                fields=("municipality", "receipt_code"),
                condition=~Q(receipt_code=""),
                name="visit_receipt_code",
            ),
        )


class VisitStep(TenantModel):
    """The history of a visit, appended to and never changed; one row in each town."""

    visit_uid = models.UUIDField(db_index=True)
    at = models.DateTimeField(default=clock.now)
    before = models.CharField(max_length=10)
    after = models.CharField(max_length=10)
    actor_role = models.CharField(max_length=12)  # carer, supporter, recipient, office, system
    actor_uid = models.UUIDField(null=True)
    reason = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ("at", "id")


class RefusedStep(TenantModel):
    """A step somebody tried and that was refused, with the code of the refusal."""

    visit_uid = models.UUIDField(db_index=True)
    at = models.DateTimeField(default=clock.now)
    step = models.CharField(max_length=20)
    actor_role = models.CharField(max_length=12)
    actor_uid = models.UUIDField(null=True)
    code = models.CharField(max_length=40)

    class Meta:
        ordering = ("at", "id")


class Evidence(TenantModel):
    """Something that shows that a visit happened. Stands in the place's town.

    A position is kept encrypted until ``purge_at``; distance and accuracy (metres) are what the
    decision used and stay.
    """

    class Kind(models.TextChoices):
        POSITION = "position", "スマホの位置"
        SPOKEN_CODE = "spoken_code", "合言葉"
        QR_CARD = "qr_card", "お宅のQRカード"
        NFC_CARD = "nfc_card", "お宅のICカード"
        BUTTON = "button", "お宅のボタン"
        BEACON = "beacon", "来た人のビーコン"
        PHOTO = "photo", "写真"
        OFFICE_WORD = "office_word", "事務局の確認"

    visit_uid = models.UUIDField(db_index=True)
    nonce = models.UUIDField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    moment = models.CharField(max_length=8)  # heading, start, during, end
    device_at = models.DateTimeField(null=True)
    server_at = models.DateTimeField(default=clock.now)
    in_window = models.BooleanField()
    #: It lay on a phone without network; ``device_at`` is the phone's word for when.
    is_late = models.BooleanField(default=False)
    distance_m = models.PositiveIntegerField(null=True)
    accuracy_m = models.PositiveIntegerField(null=True)
    position_encrypted = models.BinaryField(null=True)
    purge_at = models.DateTimeField(null=True)
    purged_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("server_at", "id")
        constraints = (
            models.UniqueConstraint(fields=("municipality", "nonce"), name="evidence_nonce_once"),
        )


class Receipt(models.Model):
    """What anyone may read about a settled visit: roles, towns, length, coins; no person.

    Whoever has the code asks without a login and without naming a municipality, so the table has
    no wall; nothing in it needs one.
    """

    code = models.CharField(max_length=20, unique=True)
    at = models.DateTimeField()
    category = models.CharField(max_length=20)
    visited_on = models.DateField()
    booked_minutes = models.PositiveIntegerField()
    coins = models.PositiveIntegerField()
    giver_municipality = models.PositiveIntegerField()
    place_municipality = models.PositiveIntegerField()
    taker_municipality = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.code


class PurgeLog(TenantModel):
    """The record that positions or photos were erased: how many, and up to which moment."""

    at = models.DateTimeField(default=clock.now)
    erased_count = models.PositiveIntegerField()
    due_before = models.DateTimeField()


class Dispute(TenantModel):
    """Something the carer or the supporter says was different (異議). Stands in the place's and
    the carer's town; the office decides."""

    visit_uid = models.UUIDField(db_index=True)
    opened_by_role = models.CharField(max_length=12)
    opened_at = models.DateTimeField(default=clock.now)
    words = SealedText()
    resolved_at = models.DateTimeField(null=True)
    resolution = models.CharField(max_length=10, blank=True)  # pay, pay_part, return
    paid_coins = models.PositiveIntegerField(null=True)
    office_words = SealedText(blank=True)
    resolved_by_id = models.BigIntegerField(null=True)


class Review(TenantModel):
    """What one side says of a visit and of the other. Stands in the writer's and the reader's town.

    Words of thanks and the line back are read at once. Rating and tags stay closed until both sides
    have written or ``reveals_at`` has come (``revealed_at``); after that nobody writes any more.
    """

    class Kind(models.TextChoices):
        REVIEW = "review", "評価"
        ANSWER = "answer", "お礼へのお返事"

    class Rating(models.IntegerChoices):
        VERY_GOOD = 5, "とてもよかった"
        GOOD = 4, "よかった"
        FAIR = 3, "ふつう"
        TROUBLE = 1, "困ったことがあった"

    uid = models.UUIDField()
    visit_uid = models.UUIDField(db_index=True)
    writer_uid = models.UUIDField()
    about_uid = models.UUIDField(db_index=True)
    writer_role = models.CharField(max_length=12)
    category = models.CharField(max_length=20)
    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.REVIEW)
    #: Empty for the supporter's line back: that is an answer, not a judgement.
    rating = models.PositiveSmallIntegerField(choices=Rating.choices, null=True)
    tags = models.JSONField(default=list)
    message = SealedText(blank=True)
    is_public = models.BooleanField(default=False)
    at = models.DateTimeField(default=clock.now)
    reveals_at = models.DateTimeField(null=True)
    revealed_at = models.DateTimeField(null=True)
    #: The office keeps it and shows it to nobody else.
    hidden_at = models.DateTimeField(null=True)
    hidden_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("-at",)
        constraints = (
            models.UniqueConstraint(
                fields=("municipality", "visit_uid", "writer_role", "kind"),
                name="one_review_per_side",
            ),
        )
        indexes = (
            models.Index(
                fields=("municipality", "reveals_at"),
                condition=Q(revealed_at__isnull=True, reveals_at__isnull=False),
                name="review_to_reveal",
            ),
        )
