"""Levels and what is lacking, and how a card is compared with the register. Pure."""

from datetime import date

import pytest

from kyojo.civic.people.identity.comparing import Card, address_agrees, differing, name_key
from kyojo.civic.people.trust import (
    Held,
    Level,
    Missing,
    level_of,
    missing,
    missing_sentence,
    reminder_of,
)
from kyojo.civic.programmes.domain import TrustRule

DAY = date(2026, 12, 5)
IDENTITY = Held("identity", "本人確認ずみ")
COURSE = Held("training", "子どもの見守り講習", date(2026, 12, 5))
BACKGROUND = Held("background", "経歴確認ずみ", date(2026, 12, 4))
CHILD = {"identity", "background", "training"}


@pytest.mark.parametrize(
    ("kinds", "contact", "level"),
    [
        ((), False, Level.REGISTERED),
        ((), True, Level.CONTACT),
        (("identity",), False, Level.IDENTITY),
        (("background", "training"), True, Level.CONTACT),
        (("identity", "training", "licence"), True, Level.IDENTITY),
        (("identity", "background", "training"), True, Level.FULL),
    ],
)
def test_levels(kinds, contact, level):
    assert level_of(kinds, contact=contact) is level


@pytest.mark.parametrize(
    ("needed", "course", "held", "lacks"),
    [
        (set(), "", (), ()),
        ({"identity"}, "", (IDENTITY,), ()),
        ({"identity"}, "", (), (Missing("identity"),)),
        (CHILD, COURSE.label, (IDENTITY, COURSE), (Missing("background"),)),
        # Its last day counts, the day after does not; the latest end is told.
        (
            CHILD,
            COURSE.label,
            (IDENTITY, COURSE, BACKGROUND, Held("background", "前の", date(2020, 1, 1))),
            (Missing("background", ended_on=date(2026, 12, 4)),),
        ),
        # Another course is no help where one is named.
        (
            {"identity", "training"},
            COURSE.label,
            (IDENTITY, Held("training", "庭木の講習")),
            (Missing("training", COURSE.label),),
        ),
        ({"training"}, "", (Held("training", "庭木の講習"),), ()),
        # A course that is named is needed, also where the kinds forget it.
        ({"identity"}, COURSE.label, (IDENTITY,), (Missing("training", COURSE.label),)),
        ({"licence", "identity"}, "", (), (Missing("identity"), Missing("licence"))),
    ],
)
def test_what_is_lacking(needed, course, held, lacks):
    assert missing(needed=needed, course=course, held=held, day=DAY) == lacks


def test_what_is_lacking_is_said_in_one_sentence():
    lacks = missing(needed=CHILD, course=COURSE.label, held=[IDENTITY], day=DAY)
    assert missing_sentence("子どもの見守り", lacks) == (
        "子どもの見守りには、あと経歴の確認と講習「子どもの見守り講習」が必要です"
    )
    assert missing_sentence("子どもの見守り", ()) == ""


@pytest.mark.parametrize(
    ("days", "due"), [(61, None), (60, 60), (15, 60), (14, 14), (0, 14), (-1, None)]
)
def test_reminders(days, due):
    assert reminder_of(days) == due


@pytest.mark.parametrize(
    ("years", "today", "given", "until"),
    [
        (None, DAY, None, None),
        (None, DAY, date(2029, 1, 1), date(2029, 1, 1)),
        (3, DAY, None, date(2029, 12, 5)),
        (3, DAY, date(2027, 1, 1), date(2027, 1, 1)),
        (3, DAY, date(2040, 1, 1), date(2029, 12, 5)),
        (1, date(2028, 2, 29), None, date(2029, 2, 28)),
    ],
)
def test_how_long_a_check_counts(years, today, given, until):
    assert TrustRule(valid_years=years).valid_until(today, given) == until


@pytest.mark.parametrize(
    ("card", "own"),
    [
        ("青空　みなみ", "青空みなみ"),
        ("髙﨑 德一", "高崎徳一"),
        ("ＳＭＩＴＨ　ＪＯＨＮ", "Smith John"),
        ("葛\U000e0100城 太郎", "葛城太郎"),
        ("神田", "神田"),
    ],
)
def test_names_that_are_the_same(card, own):
    assert name_key(card) == name_key(own)


@pytest.mark.parametrize(("card", "own"), [("青空 みなみ", "青空 ふみ"), ("斎藤", "斉藤")])
def test_names_that_are_not(card, own):
    assert name_key(card) != name_key(own)


@pytest.mark.parametrize(
    ("card", "own", "agrees"),
    [
        ("みほん県北市みほん町一丁目2番3号", "みほん町1丁目2番3号", True),
        ("みほん県北市みほん町十二丁目二番三号", "北市みほん町12-2-3", True),
        ("みほん県北市みほん町１－２－３", "みほん町1丁目2番3号 コーポ春101", True),
        ("みほん県北市大字みほん12番地の3", "みほん12-3", True),
        ("みほん県北市みほん町1丁目2番3号", "みほん町1丁目2番4号", False),
        ("みほん県北市みほん町1丁目2番3号", "べつの町1丁目2番3号", False),
        ("みほん県北市みほん町1丁目2番3号", "1丁目2番3号", False),
        ("みほん県北市みほん町", "みほん町", False),
        ("みほん県北市みほん町12番", "みほん町1番2", False),
    ],
)
def test_addresses(card, own, agrees):
    assert address_agrees(card, own) is agrees


def test_an_address_that_is_not_known_is_not_compared():
    card = Card("青空 みなみ", date(1982, 5, 14), "みほん県北市みほん町1-2-3")
    known = {"family_name": "青空", "given_name": "みなみ", "birth_date": date(1982, 5, 14)}
    assert differing(card, **known, address="") == ()
    assert differing(card, **known, address="よその町9-9") == ("住所",)
    assert differing(card, **(known | {"birth_date": None}), address="") == ("生年月日",)
