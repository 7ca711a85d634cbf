"""Badges are given by the rule and taken back by it; by the office only with a reason."""

import secrets
from collections.abc import Iterable
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.selectors import staff_required
from kyojo.civic.people.services import act_record, notice_send, persons_lock
from kyojo.civic.programmes.selectors import programme_current
from kyojo.help.matching.services import badges_shown_set
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id

from ..counting import counts_of
from ..domain import Counts, achievement, earned, in_order, kind_of, still_earned
from ..errors import ReasonMissing
from ..models import Badge, Standing
from .standings import standing_end, standing_make

REASON_MAX = 200


def badges_award(*, people: Iterable[Person]) -> list[Badge]:
    """Give these members of the current town what they have earned and do not have yet. Again:
    gives nothing. Returns the new ones, which the worker has to sign."""
    everybody = list(people)
    rule = programme_current()[1].badges
    counts = counts_of([one.pk for one in everybody])
    given: list[Badge] = []
    for person in everybody:
        wanted = earned(counts[person.pk], rule)
        had = set(_standing(person).values_list("achievement", flat=True))
        if wanted.keys() - had:
            with transaction.atomic():
                persons_lock(keys=[(current(), person.pk)])
                given += _award(person, wanted)
    return given


def _award(person: Person, wanted: dict[str, str]) -> list[Badge]:
    had = set(_standing(person).values_list("achievement", flat=True))
    new = [code for code in in_order(wanted) if code not in had]
    made = [_give(person, code, wanted[code]) for code in reversed(new)]
    if made:
        town = Municipality.objects.values_list("name", flat=True).get(pk=current())
        best = achievement(new[0], town=town, label=wanted[new[0]])
        assert best is not None
        more = f"ほかに{len(made) - 1}つあります。" if len(made) > 1 else ""
        notice_send(
            person=person,
            kind="badge",
            key=f"badge/{made[-1].uid}",
            title=f"バッジ「{best.name}」が届きました",
            body=f"{more}だれに見せるかは、ご自分で選べます。",
            path="/me/badges/",
        )
    return made


def _give(person: Person, code: str, label: str) -> Badge:
    uid = new_id()
    standing_make(uid=uid, kind=Standing.Kind.BADGE)
    badge: Badge = Badge.objects.create(
        uid=uid,
        person=person,
        achievement=code,
        label=label,
        awarded_at=clock.now(),
        subject_uid=uuid4(),
        salt=secrets.token_hex(16),
    )
    return badge


def badges_recount(*, person: Person, by: User | None = None) -> list[Badge]:
    """Count anew what ``person`` did and take back what is no longer true, as after a visit was
    found fake. Returns what was taken back."""
    with transaction.atomic():
        persons_lock(keys=[(current(), person.pk)])
        counts: Counts = counts_of([person.pk])[person.pk]
        gone = []
        for badge in _standing(person):
            kind = kind_of(badge.achievement)
            if kind is not None and not still_earned(kind, counts):
                _revoke(badge, Standing.Reason.RECOUNTED, "")
                gone.append(badge)
        if gone:
            act_record(
                actor=by,
                action="badges_recount",
                subject_kind="person",
                subject_id=person.uid,
                note=" ".join(badge.achievement for badge in gone),
            )
            _told(person, gone, "数えなおした結果、あてはまらなくなりました。")
        return gone


def badge_revoke(*, uid: UUID, by: User, reason: str) -> Badge:
    """The office takes a badge back and tells its holder why. Taken back already: nothing changes.
    Raises ``NotFound``, ``ReasonMissing``."""
    staff_required(by)
    words = reason.strip()
    if not words or len(words) > REASON_MAX:
        raise ReasonMissing(field="reason", most=REASON_MAX)
    with transaction.atomic():
        badge = Badge.objects.select_related("person").filter(uid=uid).first()
        if badge is None or badge.person.user_id == by.pk:
            raise NotFound()
        persons_lock(keys=[(current(), badge.person_id)])
        badge = Badge.objects.select_related("person").get(pk=badge.pk)
        if badge.revoked_at is None:
            _revoke(badge, Standing.Reason.OFFICE, words)
            act_record(
                actor=by, action="badge_revoke", subject_kind="badge", subject_id=uid, note=words
            )
            _told(badge.person, [badge], f"わけ：{words}")
        return badge


def _standing(person: Person) -> "QuerySet[Badge]":
    return Badge.objects.filter(person=person, revoked_at=None)


def _revoke(badge: Badge, reason: str, words: str) -> None:
    badge.revoked_at, badge.revoked_words = clock.now(), words
    badge.is_on_card = False
    badge.save(update_fields=["revoked_at", "revoked_words", "is_on_card"])
    standing_end(uid=badge.uid, reason=reason)
    card_renew(badge.person)


def card_renew(person: Person) -> None:
    """What carers see on the card of ``person`` follows what they chose to show."""
    town = Municipality.objects.values_list("name", flat=True).get(pk=current())
    chosen = Badge.objects.filter(person=person, revoked_at=None, is_on_card=True)
    labels = dict(chosen.values_list("achievement", "label"))
    shown = [achievement(code, town=town, label=labels[code]) for code in in_order(labels)]
    badges_shown_set(person=person, badges=[(one.name, one.icon) for one in shown if one])


def _told(person: Person, gone: list[Badge], why: str) -> None:
    town = Municipality.objects.values_list("name", flat=True).get(pk=current())
    names = [achievement(one.achievement, town=town, label=one.label) for one in gone]
    notice_send(
        person=person,
        kind="badge_revoked",
        key=f"badge_revoked/{gone[0].uid}",
        title=f"バッジ「{'」「'.join(one.name for one in names if one)}」を取り消しました"[:120],
        body=f"{why}ちがうと思うときは、センターにお電話ください。",
        path="/me/badges/",
    )
