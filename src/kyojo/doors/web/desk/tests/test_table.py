"""Every illegal step of a visit is refused, by the services and at every address: the whole table
of state × action × actor (``table``) is walked in savepoints. What is refused changes no state, no
coin and no line of the history, and is kept with its code."""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test import Client

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import User
from kyojo.civic.people.services import staff_role_add, user_create
from kyojo.help.support import services
from kyojo.help.support.models import Dispute, Visit, VisitLook, VisitStep
from kyojo.help.support.services import Signal
from kyojo.help.support.tests.cast import (
    END,
    KITA,
    MIDORI,
    START,
    visit_make,
)
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal
from kyojo.kernel.ids import new_id

from .table import ACTORS, DESK, MAY, STATES, expected

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]
THIRD = 990035
BUTTON = "70b3d57ed0001234"
NOW = START + timedelta(minutes=30)
Seen = list[tuple[Any, ...]]
SEEN = """
SELECT state,
       (SELECT count(*) FROM support_visitstep WHERE visit_uid = %(uid)s),
       (SELECT count(*) || coalesce(max(outcome || appealed_by_role), '')
          FROM support_ruling WHERE visit_uid = %(uid)s),
       (SELECT count(*) FROM ledger_transfer),
       (SELECT count(*) FROM support_refusedstep WHERE visit_uid = %(uid)s)
  FROM support_visit WHERE uid = %(uid)s
"""
#: In these every address is tried by everybody, in the others by those whose answer can differ.
AT_ADDRESSES = ("scheduled", "ruled")
#: When everything is due that time alone brings.
LATER = END + timedelta(days=30)
WORDS = "うかがいました。"


@dataclass
class Scene:
    """One visit in a state of the table, and whoever may come to it."""

    office: Any
    uid: UUID
    look: UUID
    token: str
    actors: dict[str, Any]
    towns: dict[str, int]
    clients: dict[str, Client]


@pytest.fixture
def scene(office, client) -> Scene:
    cast = office.cast
    uid = visit_make(cast)
    Municipality.objects.create(
        id=THIRD, slug="umikaze", name="海風町", name_kana="うみかぜちょう",
        prefecture="みほん県", office_name="海風町 センター", office_phone="0120-000-035",
    )  # fmt: skip
    with tenant(THIRD):
        third = user_create(email="officer@umikaze.example.jp", municipality_id=THIRD)
        staff_role_add(
            user=third,
            number=f"S-{third.pk}",
            role="officer",
            title="係",
            name="沖 なみ",
            name_kana="オキ ナミ",
        )
    company = user_create(email="company@example.jp")
    with tenant(MIDORI):
        services.tag_enrol(
            uid=new_id(), kind="button", label="ボタン", by=office.officer,
            recipient_uid=cast.mother.uid, hardware_id=BUTTON,
        )  # fmt: skip
        _, token = services.gateway_make(uid=new_id(), label="屋上", by=office.officer)
    actors = {
        "carer": cast.carer,
        "supporter": cast.supporter,
        "recipient": cast.mother,
        "office": office.officer,
        "other_officer": office.second,
        "carer_office": cast.kita_officer,
        "device": BUTTON,
        "system": None,
        "outsider": cast.stranger,
        "other_supporter": cast.second,
        "third_office": third,
        "company": company,
        "visitor": None,
    }
    towns = {"carer": KITA, "carer_office": KITA, "outsider": KITA, "system": KITA}
    towns["third_office"] = THIRD
    clients = {}
    for name, actor in actors.items():
        user = actor if isinstance(actor, User) else getattr(actor, "user", None)
        clients[name] = office.client(user)
        clients[name].raise_request_exception = True
    return Scene(office, uid, new_id(), token, actors, towns, clients)


def put(scene: Scene, state: str) -> None:
    """The visit is in ``state``: as the rows would be, its coins held."""
    cast = scene.office.cast
    fields: dict[str, Any] = {"state": STATES[state]}
    if state not in ("scheduled", "cancelled", "no_show", "absence", "absence_objected"):
        fields |= {"started_at": START}
    if state in ("ended", "confirmed", "settled", "disputed", "looked", "ruled", "appealed"):
        fields |= {"ended_at": NOW, "confirm_until": END + timedelta(days=2), "decision": "settle"}
    if state in ("confirmed", "settled", "looked"):
        fields |= {"confirmed_by": "carer", "confirmed_at": NOW}
    if state in ("settled", "resolved"):
        fields |= {"settled_coins": 15, "settled_at": NOW}
    if state.startswith("absence"):
        with clock.frozen(NOW), tenant(KITA):
            services.visit_no_show(visit_uid=scene.uid, by=cast.carer, who="supporter")
        if state == "absence_objected":
            with clock.frozen(NOW), tenant(MIDORI):
                services.ruling_appeal(visit_uid=scene.uid, by=cast.supporter, words="行きました。")
        return
    for code in (KITA, MIDORI):
        with tenant(code):
            Visit.objects.filter(uid=scene.uid).update(**fields)
            if STATES[state] == "disputed":
                Dispute.objects.create(
                    visit_uid=scene.uid, opened_by_role="carer", words="短めでした。"
                )
                reason = "review" if state == "looked" else ""
                VisitStep.objects.create(
                    visit_uid=scene.uid, before="confirmed", after="disputed",
                    actor_role="system", reason=reason,
                )  # fmt: skip
    if state == "looked":
        with tenant(MIDORI):
            VisitLook.objects.create(
                uid=scene.look, visit_uid=scene.uid, due_at=END, score=1.0, margin=0.1, model="x"
            )
    with clock.frozen(NOW):
        if state in ("ruled", "appealed"):
            with tenant(MIDORI):
                services.dispute_resolve(
                    visit_uid=scene.uid, by=scene.office.officer, resolution="pay_part",
                    paid_coins=15, words=WORDS,
                )  # fmt: skip
        if state == "appealed":
            with tenant(MIDORI):
                services.ruling_appeal(visit_uid=scene.uid, by=cast.supporter, words="短すぎます。")


# --- the actions ----------------------------------------------------------------------------------
def by_service(scene: Scene, action: str, actor: str) -> Callable[[], Any]:
    """What the actor asks the services for, whoever they are."""
    who, uid = scene.actors[actor], scene.uid
    staff = isinstance(who, User)
    mine: dict[str, Any] = {"visit_uid": uid, "by": who}
    noted = {"basis": "phone", "role": "supporter"} if staff else {}
    with tenant(MIDORI):
        code = Visit.objects.get(uid=uid).spoken_code
    press = {"visit_uid": uid, "supporter": who, "nonce": new_id(), "code": code}
    word = {**mine, "nonce": new_id(), "basis": "phone"}
    signal = Signal(nonce=new_id(), counter=7, at=NOW)
    #: A part for whoever rules anew, all of it where the carer had said yes.
    ruled = {**mine, "words": WORDS, "resolution": "pay" if is_looked(uid) else "return"}
    return {
        "check_in": partial(services.visit_check_by_office, **word, moment="start")
        if staff
        else partial(services.visit_check_in, **press),
        "check_out": partial(services.visit_check_by_office, **word, moment="end")
        if staff
        else partial(services.visit_check_out, **press),
        "press": partial(services.button_heard, hardware_id=str(who), signal=signal),
        "confirm": partial(services.visit_confirm, visit_uid=uid, carer=who),
        "cancel": partial(services.visit_cancel, visit_uid=uid, actor=who, reason="unwell"),
        "decline": partial(services.consent_decline, **mine, basis="phone" if staff else ""),
        "no_show": partial(services.visit_no_show, **mine, who="supporter"),
        "nobody_opened": partial(services.visit_no_show, **mine, who="carer"),
        "dispute": partial(services.visit_dispute, **mine, words="ちがいました。"),
        "decide": partial(services.dispute_resolve, **ruled),
        "accept": partial(services.ruling_accept, **mine, **noted),
        "appeal": partial(services.ruling_appeal, **mine, **noted, words="ちがいます。"),
        "appeal_decide": partial(services.appeal_decide, **ruled),
        "release": partial(services.looks_clear, uids=[scene.look], by=who),
        "time": lambda: (services.visits_auto_confirm(), services.rulings_carry_out()),
    }[action]


def is_looked(uid: UUID) -> bool:
    with tenant(MIDORI):
        return VisitStep.objects.filter(visit_uid=uid, reason="review").exists()


def by_address(scene: Scene, action: str, actor: str) -> tuple[str, dict[str, Any]] | None:
    """The address that causes the action, and what its form holds; None where there is none."""
    member, desk = f"/visits/{scene.uid}/", f"/desk/visits/{scene.uid}/"
    with tenant(MIDORI):
        code = Visit.objects.get(uid=scene.uid).spoken_code
    word = {"order_id": str(new_id()), "basis": "phone"}
    noted = {"role": "supporter", "basis": "phone", "words": "ちがいます。"}
    ruled = {"words": WORDS, "resolution": "pay" if is_looked(scene.uid) else "return"}
    of_members = {
        "check_in": ("start/", {"code": code, "nonce": str(new_id())}),
        "check_out": ("end/", {"code": code, "nonce": str(new_id())}),
        "confirm": ("confirm/", {}),
        "cancel": ("cancel/", {"reason": "unwell"}),
        "decline": ("yes/", {"answer": "no"}),
        "dispute": ("dispute/", {"words": "ちがいました。"}),
        "accept": ("accept/", {}),
        "appeal": ("appeal/", {"words": "ちがいます。"}),
    }
    of_desk = {
        "check_in": ("word/start/", word),
        "check_out": ("word/end/", word),
        "cancel": ("cancel/", {"reason": "unwell"}),
        "decline": ("consent/", {"answer": "no", "basis": "phone"}),
        "no_show": ("no-show/", {}),
        "decide": ("settle/", ruled),
        "accept": ("answer/", {**noted, "answer": "accept"}),
        "appeal": ("answer/", {**noted, "answer": "appeal"}),
        "appeal_decide": ("appeal/", ruled),
    }
    if action == "release":
        return None if actor in DESK else (f"/desk/looks/{scene.look}/decide/", {})
    if (actor in DESK or actor == "third_office") and action in of_desk:
        return desk + of_desk[action][0], of_desk[action][1]
    if action in ("no_show", "nobody_opened"):
        # One address for both sides: whose word it is decides what is meant.
        if (action, actor) in (("no_show", "supporter"), ("nobody_opened", "carer")):
            return None
        return f"{member}absent/", {"words": ""}
    if action in of_members:
        return member + of_members[action][0], of_members[action][1]
    # What only the desk can do, tried at the desk's address.
    found = of_desk.get(action)
    return (desk + found[0], found[1]) if found else None


# --- the walk -------------------------------------------------------------------------------------
@contextmanager
def undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def seen(scene: Scene) -> list[tuple[Any, ...]]:
    """In each town: the visit's state, and how many lines its history, the rulings and the ledger
    have; what a refused step must leave as it was. Then how many refusals are kept."""
    found = []
    for code in (KITA, MIDORI):
        with tenant(code), connection.cursor() as cursor:
            cursor.execute(SEEN, {"uid": scene.uid})
            found.append(cursor.fetchone())
    return found


def check(cell: tuple[str, str, str], before: Seen, after: Seen, said: str) -> None:
    """That what happened is what the table says."""
    meant = expected(*cell)
    kept = sum(one[-1] for one in after) - sum(one[-1] for one in before)
    if meant in ("unknown", "refused", "same"):
        assert [one[:-1] for one in after] == [one[:-1] for one in before], cell
        assert said == ("done" if meant == "same" else meant), cell
        assert kept == (1 if meant == "refused" else 0), cell
        return
    assert (said, kept) == ("done", 0), cell
    assert {one[0] for one in after} == {meant}, cell


def tried(scene: Scene, action: str, actor: str) -> str | None:
    """What a door would see; None where no such call is possible."""
    of_staff = action in ("appeal_decide", "release")
    if actor == "visitor" or (of_staff and not isinstance(scene.actors[actor], User)):
        return None
    at = LATER if action == "time" else NOW
    with clock.frozen(at), tenant(scene.towns.get(actor, MIDORI)):
        try:
            by_service(scene, action, actor)()
        except NotFound:
            return "unknown"
        except Refusal:
            return "refused"
    return "done"


def sent(scene: Scene, action: str, actor: str) -> str | None:
    """The same at its address; None where the actor has none."""
    if actor in ("system", "device"):
        return pressed(scene) if (actor, action) == ("device", "press") else None
    there = by_address(scene, action, actor)
    if there is None:
        return None
    with clock.frozen(NOW):
        answer = scene.clients[actor].post(*there)
    if answer.status_code == 302 and answer.url.startswith("/login"):
        return "unknown"
    return {302: "done", 409: "refused", 422: "refused", 404: "unknown"}[answer.status_code]


def pressed(scene: Scene) -> str:
    event = {
        "deduplicationId": str(new_id()),
        "time": NOW.isoformat(),
        "deviceInfo": {"devEui": BUTTON},
        "fCnt": 7,
        "object": {"button": True},
    }
    with clock.frozen(NOW):
        answer = Client().post(
            f"/devices/{MIDORI}/chirpstack/?event=up",
            event,
            content_type="application/json",
            headers={"Authorization": f"Bearer {scene.token}"},
        )
    assert answer.status_code == 200
    return "done"


def prepared(scene: Scene, action: str) -> None:
    """The house had not answered yet, where its no is what is tried."""
    if action == "decline":
        for code in (KITA, MIDORI):
            with tenant(code):
                Visit.objects.filter(uid=scene.uid).update(consent="asked")


def is_the_same(action: str, actor: str) -> bool:
    """Whether the answer at an address depends on no state: nothing is there for whoever has no
    part in the action, and one officer is as another but for what the other one ruled."""
    own = ("accept", "appeal_decide")
    return actor not in MAY[action] or (actor == "other_officer" and action not in own)


@pytest.mark.parametrize("state", STATES)
def test_every_cell_of_the_table(scene, state):
    walked: list[str] = []
    put(scene, state)
    for action in MAY:
        with undone():
            prepared(scene, action)
            before = seen(scene)
            for actor, way in product(ACTORS, (tried, sent)):
                # A button presses and nobody else is one; nor is anybody the clock.
                if ((action == "press"), (action == "time")) != (
                    actor == "device",
                    actor == "system",
                ):
                    continue
                if way is sent and state not in AT_ADDRESSES and is_the_same(action, actor):
                    continue
                with undone():
                    said = way(scene, action, actor)
                    if said is not None:
                        check((state, action, actor), before, seen(scene), said)
                        walked.append(said)
    assert len(walked) > 150
    assert {"unknown", "refused"} <= set(walked)
