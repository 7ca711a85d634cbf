"""Drafts and requests through the public services, in both towns."""

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import coins
from kyojo.help.requests import selectors, services
from kyojo.help.requests.errors import (
    CategoryUnknown,
    DraftGone,
    NotACarer,
    OrderTaken,
    StartPassedMeanwhile,
    StartPast,
    StepNotPossible,
    VisitStands,
)
from kyojo.help.requests.models import HelpRequest, RequestStep
from kyojo.kernel import clock
from kyojo.kernel.errors import Invalids, NotFound
from kyojo.kernel.ids import new_id

from .cast import HOUSE, KITA, MIDORI, NOW, cast_make, garden_draft, garden_open

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(towns: SimpleNamespace) -> Iterator[SimpleNamespace]:
    with clock.frozen(NOW):
        yield cast_make(towns)


@pytest.fixture
def kita(cast: SimpleNamespace) -> Iterator[None]:
    with tenant(KITA):
        yield


def test_a_draft_stands_in_the_carers_town_only(cast: SimpleNamespace, kita: None) -> None:
    draft = garden_draft(cast)
    assert (draft.state, draft.price_coins, draft.number) == ("draft", 40, "")
    assert draft.ends_at - draft.starts_at == timedelta(hours=2)
    with tenant(MIDORI):
        assert not HelpRequest.objects.exists()


def test_a_replay_returns_the_same_and_other_content_is_refused(
    cast: SimpleNamespace, kita: None
) -> None:
    order_id = new_id()
    first = garden_draft(cast, order_id=order_id)
    assert garden_draft(cast, order_id=order_id).pk == first.pk
    with pytest.raises(OrderTaken):
        garden_draft(cast, order_id=order_id, minutes=60)
    first.refresh_from_db()
    assert first.price_coins == 40


def test_an_id_of_somebody_else_is_unknown(cast: SimpleNamespace, kita: None) -> None:
    draft = garden_draft(cast)
    with pytest.raises(NotFound):
        garden_draft(cast, carer=cast.makoto)  # the place is not theirs
    with pytest.raises(NotFound):
        services.draft_change(
            uid=draft.uid,
            carer=cast.makoto,
            category="garden",
            place_uid=cast.house.uid,
            starts_at=draft.starts_at,
            minutes=60,
            memo="",
        )
    with pytest.raises(NotFound):
        services.request_open(uid=draft.uid, carer=cast.makoto)
    with pytest.raises(NotFound):
        selectors.request_for_carer(carer=cast.makoto, uid=draft.uid)
    assert HelpRequest.objects.get().state == "draft"


def test_bad_content_makes_no_draft(cast: SimpleNamespace, kita: None) -> None:
    with pytest.raises(StartPast):
        garden_draft(cast, starts_at=NOW - timedelta(hours=1))
    with pytest.raises(CategoryUnknown):
        garden_draft(cast, category="surgery")
    with pytest.raises(NotFound):
        garden_draft(cast, place_uid=new_id())
    with pytest.raises(Invalids) as several:
        garden_draft(cast, minutes=45, memo="あ" * 501)
    assert [one.field for one in several.value.refusals] == ["memo", "minutes"]
    assert not HelpRequest.objects.exists()
    with tenant(MIDORI), pytest.raises(NotACarer):
        garden_draft(cast, carer=cast.ken)


def test_opening_tells_the_places_town_what_it_needs_and_no_more(
    cast: SimpleNamespace, kita: None
) -> None:
    opened = garden_open(cast)
    assert (opened.state, opened.number, opened.sides) == ("open", "R-1001", [KITA, MIDORI])
    with tenant(MIDORI):
        there = HelpRequest.objects.get(uid=opened.uid)
        assert there.carer is None
        assert (there.address, there.memo, there.visitor_note) == ("", "", "")
        assert (there.latitude, there.longitude) != HOUSE
        assert abs(there.latitude - HOUSE[0]) < 0.005
        assert there.area is not None
        assert there.area.name == "港地区"
        assert there.recipient_uid == cast.mother_uid
        assert [s.after for s in RequestStep.objects.all()] == ["open"]
    assert coins.purse(cast.minami).held == 0


def test_opening_twice_is_opening_once(cast: SimpleNamespace, kita: None) -> None:
    opened = garden_open(cast)
    again = services.request_open(uid=opened.uid, carer=cast.minami)
    assert again.number == opened.number
    assert RequestStep.objects.count() == 1
    assert garden_open(cast).number == "R-1002"
    with pytest.raises(DraftGone):
        services.draft_change(
            uid=opened.uid,
            carer=cast.minami,
            category="garden",
            place_uid=cast.house.uid,
            starts_at=opened.starts_at,
            minutes=60,
            memo="",
        )


def test_a_draft_whose_time_passed_is_not_opened(cast: SimpleNamespace, kita: None) -> None:
    draft = garden_draft(cast)
    late = clock.frozen(draft.starts_at + timedelta(minutes=1))
    with late, pytest.raises(StartPassedMeanwhile):
        services.request_open(uid=draft.uid, carer=cast.minami)
    draft.refresh_from_db()
    assert draft.state == "draft"
    with tenant(MIDORI):
        assert not HelpRequest.objects.exists()


def test_steps_advance_both_towns_and_only_as_allowed(cast: SimpleNamespace, kita: None) -> None:
    opened = garden_open(cast)
    with pytest.raises(StepNotPossible):
        services.request_done(uid=opened.uid, start=KITA)
    services.request_matched(uid=opened.uid, start=MIDORI)
    services.request_matched(uid=opened.uid, start=KITA)
    with pytest.raises(VisitStands):
        services.request_cancel(uid=opened.uid, carer=cast.minami)
    services.request_reopen(uid=opened.uid, start=KITA, reason="supporter_cancelled")
    services.request_matched(uid=opened.uid, start=KITA)
    services.request_done(uid=opened.uid, start=KITA)
    for town in (KITA, MIDORI):
        with tenant(town):
            assert HelpRequest.objects.get().state == "done"
            steps = [s.after for s in selectors.request_steps(opened.uid)]
            assert steps == ["open", "matched", "open", "matched", "done"]
    with pytest.raises(StepNotPossible):
        services.request_cancel(uid=opened.uid, carer=cast.minami)


def test_row_level_security_hides_the_other_towns_requests(
    cast: SimpleNamespace, kita: None
) -> None:
    draft, opened = garden_draft(cast), garden_open(cast)
    with tenant(MIDORI), connection.cursor() as cursor:
        cursor.execute("SELECT uid, address FROM requests_helprequest")
        assert [(str(uid), bytes(address)) for uid, address in cursor.fetchall()] == [
            (str(opened.uid), b"")
        ]
        cursor.execute(
            "UPDATE requests_helprequest SET state = 'cancelled' WHERE uid = %s", [draft.uid]
        )
        assert cursor.rowcount == 0
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_lists_for_the_home_and_the_desk(cast: SimpleNamespace, kita: None) -> None:
    opened = garden_open(cast)
    garden_draft(cast)
    assert selectors.requests_waiting_of(carer=cast.minami) == [opened]
    assert [r.uid for r in selectors.requests_of(carer=cast.minami)] == [opened.uid]
    assert selectors.requests_before_of(carer=cast.minami) == [opened]
    with tenant(MIDORI):
        assert [r.uid for r in selectors.requests_unanswered()] == [opened.uid]
