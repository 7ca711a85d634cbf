"""Suspensions: somebody may not take part for a while (一時停止). Imported by ``models``."""

from django.db import models
from django.db.models import F, Q

from kyojo.civic.municipalities.tenancy import TenantModel
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

from .models import Person, User


class Suspension(TenantModel):
    """``person`` is not matched, and cannot ask, offer, reserve, write or give coins away.

    Provisional for at most 72 hours, until an officer confirms it. ``reason`` is what the person
    reads; it and what they answer are sealed. ``lapsed_coins``: what ended meanwhile and was given
    again.
    """

    class State(models.TextChoices):
        PROVISIONAL = "provisional", "仮の停止"
        STANDING = "standing", "停止中"
        LIFTED = "lifted", "解除しました"
        OVER = "over", "期限で終わりました"

    uid = models.UUIDField(default=new_id, unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="suspensions")
    state = models.CharField(max_length=12, choices=State.choices)
    reason_sealed = models.BinaryField(default=bytes)
    case_uid = models.UUIDField(null=True)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    started_at = models.DateTimeField(default=clock.now)
    until = models.DateTimeField()
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    ended_at = models.DateTimeField(null=True)
    appeal_sealed = models.BinaryField(default=bytes)
    appealed_at = models.DateTimeField(null=True)
    answer_sealed = models.BinaryField(default=bytes)
    answered_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    answered_at = models.DateTimeField(null=True)
    lapsed_coins = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ("-started_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("person",),
                condition=Q(state__in=("provisional", "standing")),
                name="suspension_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(started_at__lt=F("until")), name="suspension_ends_later"
            ),
        )
        indexes = (models.Index(fields=("municipality", "state", "until")),)
