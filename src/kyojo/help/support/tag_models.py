"""Cards, buttons, readers and beacons, what they said, and what hands it on."""

from django.db import models
from django.db.models import Q

from kyojo.civic.municipalities.tenancy import TenantModel
from kyojo.civic.people.models import User
from kyojo.kernel import clock


class Tag(TenantModel):
    """Something that says for whoever has no smartphone that somebody is there.

    A card, a button or a reader of beacons is at the home of somebody who is visited (or at a
    place), stands in the place's town and is found by the person visited, else by the place. A
    beacon is carried by a supporter and stands in their town.

    A printed card has a code of which only the hash is here. A card with a chip, a button and a
    reader have a key of their own (sealed) and a counter that only goes up; a beacon has a number.
    """

    class Kind(models.TextChoices):
        QR_CARD = "qr_card", "QRカード"
        NFC_CARD = "nfc_card", "ICカード"
        BUTTON = "button", "ボタン"
        READER = "reader", "受信機"
        BEACON = "beacon", "ビーコン"

    #: What speaks for itself, over a gateway or a broker.
    DEVICES = (Kind.BUTTON, Kind.READER)

    uid = models.UUIDField(unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    recipient_uid = models.UUIDField(null=True, db_index=True)
    place_uid = models.UUIDField(null=True, db_index=True)
    carrier_uid = models.UUIDField(null=True, db_index=True)
    label = models.CharField(max_length=40)  # 玄関のカード
    code_hash = models.CharField(max_length=64, blank=True)
    #: Chip UID, DevEUI, MQTT client; of a beacon what it sends.
    hardware_id = models.CharField(max_length=64, blank=True)
    key_sealed = models.BinaryField(null=True)
    counter = models.BigIntegerField(default=-1)
    enrolled_at = models.DateTimeField(default=clock.now)
    enrolled_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    ended_at = models.DateTimeField(null=True)
    #: Of a beacon: when it last counted for a visit.
    seen_at = models.DateTimeField(null=True)
    battery_percent = models.PositiveSmallIntegerField(null=True)
    #: Since when a device has spoken without a gap as long as a beacon's silence.
    speaks_since = models.DateTimeField(null=True)
    #: Since when its broker says that its connection is broken.
    offline_at = models.DateTimeField(null=True)
    #: Its newest signal and what came of that, for when it comes again.
    last_nonce = models.UUIDField(null=True)
    last_outcome = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ("-enrolled_at", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("municipality", "code_hash"),
                condition=~Q(code_hash=""),
                name="tag_code_once",
            ),
            models.UniqueConstraint(
                fields=("municipality", "hardware_id"),
                condition=~Q(hardware_id="") & Q(ended_at__isnull=True),
                name="tag_number_once",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind="beacon",
                    carrier_uid__isnull=False,
                    recipient_uid__isnull=True,
                    place_uid__isnull=True,
                )
                | (
                    ~Q(kind="beacon")
                    & Q(carrier_uid__isnull=True)
                    & (Q(recipient_uid__isnull=False) | Q(place_uid__isnull=False))
                ),
                name="tag_is_carried_or_somewhere",
            ),
        )

    @property
    def is_device(self) -> bool:
        return self.kind in self.DEVICES


class TagSignal(TenantModel):
    """What a tag said, and what came of it: appended to, never changed, and gone after its time
    (``services.signals.signals_forget``). ``nonce`` makes a signal that comes twice one;
    ``outcome`` is what it did, or the code of the refusal."""

    tag = models.ForeignKey(Tag, null=True, on_delete=models.PROTECT, related_name="signals")
    nonce = models.UUIDField()
    visit_uid = models.UUIDField(null=True)
    counter = models.BigIntegerField(null=True)
    device_at = models.DateTimeField(null=True)
    server_at = models.DateTimeField(default=clock.now)
    outcome = models.CharField(max_length=40)

    class Meta:
        ordering = ("server_at", "id")
        constraints = (
            models.UniqueConstraint(fields=("municipality", "nonce"), name="tag_signal_once"),
        )


class TagTally(TenantModel):
    """How many signals of one device had one outcome on one day; ``tag`` None for all devices that
    are not enrolled. Only the first few are kept one by one."""

    tag = models.ForeignKey(Tag, null=True, on_delete=models.PROTECT, related_name="tallies")
    day = models.DateField()
    outcome = models.CharField(max_length=40)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("day", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("municipality", "tag", "day", "outcome"),
                nulls_distinct=False,
                name="tag_tally_once",
            ),
        )


class Gateway(TenantModel):
    """Something that hands on what devices say: a LoRaWAN network server. It shows a token of which
    only the hash is here."""

    uid = models.UUIDField(unique=True)
    label = models.CharField(max_length=40)
    token_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField(default=clock.now)
    made_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    ended_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-made_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("municipality", "token_hash"), name="gateway_token_once"
            ),
        )
