"""What happened in the demo's towns this fiscal year: visits, from the question to the thanks.

Every visit is a handful of steps at past moments. All steps of all visits are put in one agenda
and done in the order of time, each by the service a person's press would call.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import CarePlace, Person
from kyojo.help.matching import services as matching
from kyojo.help.requests import services as requests
from kyojo.help.support import services as support
from kyojo.help.support.evidence import Position
from kyojo.help.support.models import Visit
from kyojo.kernel import clock
from kyojo.kernel.geometry import Point, moved

from .demo_town_people import People, uid_of

Step = Callable[[], None]


@dataclass
class Agenda:
    """Steps with their moments, done in the order of time."""

    steps: list[tuple[datetime, int, Step]] = field(default_factory=list)
    count: int = 0

    def add(self, moment: datetime, step: Step) -> None:
        self.count += 1
        heapq.heappush(self.steps, (moment, self.count, step))

    def run(self, report: Callable[[str], None], label: str) -> None:
        while self.steps:
            moment, _, step = heapq.heappop(self.steps)
            with clock.frozen(moment):
                step()
            report(label)


@dataclass(frozen=True)
class Plan:
    """One visit to be: who comes to whom, for what, when. ``fate`` is how it ends; a ``copied`` one
    is said to be at the very same point each time."""

    uid: UUID
    asker: str
    place: CarePlace
    helper: str
    category: str
    starts_at: datetime
    minutes: int
    memo: str = ""
    fate: str = "settled"
    by_phone: bool = False
    asked_at: datetime | None = None

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)


MEMOS = {
    "garden": "草取りをお願いします。はさみとゴミ袋は物置にあります。",
    "shopping": "牛乳、卵、豆腐をお願いします。お金は封筒で渡します。",
    "clean": "おふろと台所の床をお願いします。",
    "talk": "昔の話をするのが好きです。",
    "cook": "やわらかめのおかずを2つほど、お願いします。",
    "heavy": "たんすを、となりの部屋へ動かしたいです。",
    "tech": "スマホの字を大きくしたいです。",
    "laundry": "干すのとたたむのをお願いします。",
    "stroll": "犬と30分ほど歩いてください。",
}
DISPUTES = {
    "clean": "台所の床がそのままでした。30分ほどで帰られたそうです。",
    "garden": "たのんだことの半分しか、終わっていませんでした。早めに帰られたそうです。",
}
THANKS = (
    "ていねいにしてくださって、ありがとうございました。",
    "助かりました。またお願いします。",
    "母がとてもよろこんでいました。",
    "時間どおりに来てくださって、安心しました。",
    "",
)
TAG_SETS = (
    ["careful", "on_time"],
    ["easy_to_talk", "family_happy"],
    ["again"],
    ["careful", "again"],
    [],
)


def offer_uid_of(plan: Plan) -> UUID:
    """The question to whoever comes."""
    return uid_of("offer", plan.uid)


def visit_uid_for(plan: Plan) -> UUID:
    return support.visit_uid_of(offer_uid_of(plan))


def visit_add(agenda: Agenda, town: People, plan: Plan, *, until: datetime | None = None) -> None:
    """Put every step of ``plan`` that lies before ``until`` on the agenda."""
    random = Random(plan.uid.int)
    _, supporter = town.helpers[plan.helper]
    carer = town.askers[plan.asker][1]
    asked_at = _asked_at(plan, random)
    ok_at = asked_at + timedelta(minutes=random.randrange(20, 420))
    offer_uid, visit_uid = offer_uid_of(plan), visit_uid_for(plan)
    mother = town.mother

    def add(moment: datetime, step: Step) -> None:
        if until is None or moment <= until:
            agenda.add(moment, step)

    add(asked_at, lambda: _ask(plan, carer, offer_uid, supporter))
    add(ok_at, lambda: _answer(offer_uid, supporter))
    if plan.place.kind == "other_home":
        yes_at = ok_at + timedelta(minutes=random.randrange(15, 600))
        yes_at = min(yes_at, plan.starts_at - timedelta(minutes=90))
        own = mother if mother and plan.place.recipient_uid == mother.uid else None
        if own is not None and not plan.by_phone:
            add(yes_at, lambda: _welcome(own, visit_uid))
        else:
            add(yes_at, lambda: _welcome_by_phone(town, plan, visit_uid))
    day = _Day(plan, carer, supporter, visit_uid, random)
    if plan.fate in ("cancelled", "supporter_cancelled"):
        actor = carer if plan.fate == "cancelled" else supporter
        add(plan.starts_at - timedelta(hours=20), lambda: day.cancel(actor))
        if plan.fate == "supporter_cancelled":
            add(plan.starts_at - timedelta(hours=17), lambda: _withdraw(plan, carer))
    elif plan.fate == "no_show":
        add(plan.starts_at + timedelta(minutes=40), day.no_show)
        add(plan.starts_at + timedelta(hours=3), day.agree)
    else:
        _day_add(add, day, plan, random)


def _day_add(
    add: Callable[[datetime, Step], None], day: "_Day", plan: Plan, random: Random
) -> None:
    if plan.uid.int % 2:
        add(plan.starts_at - timedelta(minutes=random.randrange(8, 25)), day.heading)
    add(plan.starts_at + timedelta(minutes=random.randrange(-3, 5)), day.begin)
    ended_at = plan.ends_at + timedelta(minutes=random.randrange(-4, 9))
    add(ended_at, day.finish)
    later = ended_at + timedelta(minutes=random.randrange(25, 900))
    if plan.fate == "settled":
        add(later, day.confirm)
        if random.random() < 0.85:
            add(later + timedelta(minutes=3), day.thank)
        if random.random() < 0.3:
            add(later + timedelta(hours=5), day.answer_thanks)
    elif plan.fate == "disputed":
        add(ended_at + timedelta(hours=3), day.dispute)


def _asked_at(plan: Plan, random: Random) -> datetime:
    if plan.asked_at is not None:
        return plan.asked_at
    before = plan.starts_at - timedelta(days=random.randrange(2, 5))
    day = clock.local(before).date()
    return clock.at(day, random.randrange(8, 13), random.randrange(0, 60))


def request_make(plan: Plan, carer: Person) -> None:
    """The carer's request, opened. In the carer's tenant."""
    requests.draft_save(
        order_id=plan.uid,
        carer=carer,
        category=plan.category,
        place_uid=plan.place.uid,
        starts_at=plan.starts_at,
        minutes=plan.minutes,
        memo=plan.memo or MEMOS.get(plan.category, ""),
    )
    requests.request_open(uid=plan.uid, carer=carer)


def _ask(plan: Plan, carer: Person, offer_uid: UUID, supporter: Person) -> None:
    with tenant(carer.municipality_id):
        request_make(plan, carer)
        matching.offer_ask(
            order_id=offer_uid,
            request_uid=plan.uid,
            carer=carer,
            supporter_uid=supporter.uid,
            supporter_municipality_id=supporter.municipality_id,
        )


def _answer(offer_uid: UUID, supporter: Person) -> None:
    with tenant(supporter.municipality_id):
        support.offer_answer(offer_uid=offer_uid, supporter=supporter, yes=True)


def _welcome(recipient: Person, visit_uid: UUID) -> None:
    with tenant(recipient.municipality_id):
        support.consent_give(visit_uid=visit_uid, by=recipient)


def _welcome_by_phone(town: People, plan: Plan, visit_uid: UUID) -> None:
    """Most people who are cared for answer by telephone, and the office notes it."""
    there = plan.place.place_municipality_id
    with tenant(there):
        support.consent_give(
            visit_uid=visit_uid, by=town.ground.staff[there, "office"], basis="phone"
        )


def _withdraw(plan: Plan, carer: Person) -> None:
    with tenant(carer.municipality_id):
        matching.request_withdraw(uid=plan.uid, carer=carer, reason="not_needed")


@dataclass
class _Day:
    """The steps of the day itself, and what follows."""

    plan: Plan
    carer: Person
    supporter: Person
    visit_uid: UUID
    random: Random

    def _proof(self, moment: str) -> dict[str, Any]:
        """Two of three come with the phone's position, the others with the spoken code."""
        nonce = uid_of("nonce", self.visit_uid, moment)
        if self.plan.fate == "copied":
            return {"nonce": nonce, "position": self._copied()}
        if self.plan.uid.int % 3 == 0:
            with tenant(self.plan.place.place_municipality_id):
                code = Visit.objects.values_list("spoken_code", flat=True).get(uid=self.visit_uid)
            return {"nonce": nonce, "code": code}
        spot = moved(
            Point(self.plan.place.latitude, self.plan.place.longitude),
            north_metres=self.random.randrange(-20, 20),
            east_metres=self.random.randrange(-20, 20),
        )
        accuracy = self.random.randrange(8, 30)
        return {"nonce": nonce, "position": Position(spot.latitude, spot.longitude, accuracy)}

    def _copied(self) -> Position:
        """What a program says that gives the same place to the last figure, each time."""
        return Position(self.plan.place.latitude + 5e-5, self.plan.place.longitude, 15)

    def heading(self) -> None:
        with tenant(self.supporter.municipality_id):
            support.visit_heading(visit_uid=self.visit_uid, supporter=self.supporter)

    def begin(self) -> None:
        with tenant(self.supporter.municipality_id):
            support.visit_check_in(
                visit_uid=self.visit_uid, supporter=self.supporter, **self._proof("start")
            )

    def finish(self) -> None:
        with tenant(self.supporter.municipality_id):
            support.visit_check_out(
                visit_uid=self.visit_uid, supporter=self.supporter, **self._proof("end")
            )

    def confirm(self) -> None:
        with tenant(self.carer.municipality_id):
            support.visit_confirm(
                visit_uid=self.visit_uid,
                carer=self.carer,
            )

    def thank(self) -> None:
        rating = self.random.choices((5, 4, 3), weights=(7, 3, 1))[0]
        tags = self.random.choice(TAG_SETS)
        with tenant(self.carer.municipality_id):
            support.review_write(
                order_id=uid_of("review", self.visit_uid),
                visit_uid=self.visit_uid,
                writer=self.carer,
                rating=rating,
                tags=tags,
                message=self.random.choice(THANKS),
                is_public=bool(tags),
            )

    def answer_thanks(self) -> None:
        with tenant(self.supporter.municipality_id):
            support.review_write(
                order_id=uid_of("answer", self.visit_uid),
                visit_uid=self.visit_uid,
                writer=self.supporter,
                message="こちらこそ、ありがとうございました。",
            )

    def cancel(self, actor: Person) -> None:
        with tenant(actor.municipality_id):
            support.visit_cancel(visit_uid=self.visit_uid, actor=actor, reason="plans_changed")

    def no_show(self) -> None:
        with tenant(self.carer.municipality_id):
            support.visit_no_show(visit_uid=self.visit_uid, by=self.carer, who="supporter")

    def agree(self) -> None:
        """They did not come, and say so: the coins return."""
        with tenant(self.supporter.municipality_id):
            support.ruling_accept(visit_uid=self.visit_uid, by=self.supporter)

    def dispute(self) -> None:
        with tenant(self.carer.municipality_id):
            support.visit_dispute(
                visit_uid=self.visit_uid,
                by=self.carer,
                words=DISPUTES[self.plan.category],
            )
