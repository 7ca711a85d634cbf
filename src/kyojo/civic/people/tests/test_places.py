from datetime import date
from uuid import uuid4

import pytest

from kyojo.civic.municipalities.models import Area
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import selectors, services
from kyojo.civic.people.errors import (
    ChoiceUnknown,
    KanaWrong,
    OrderDiffers,
    PlaceTooFar,
    RecipientMissing,
    ValueMissing,
)
from kyojo.civic.people.models import Act, CarePlace, Person
from kyojo.civic.people.testing import (
    FUMI,
    NAGI,
    make_care_place,
    make_carer,
    make_recipient,
    make_supporter,
    point_of,
)
from kyojo.kernel.errors import Invalids, NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def carer(towns):
    return make_carer(towns.kita.id)


def harbour(towns):
    """The living area 港地区 around the middle of みどり浜市."""
    west, south, east, north = 138.30, 34.84, 138.34, 34.88
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    with tenant(towns.midori.id):
        return Area.objects.create(
            kind="living_area",
            code="1",
            name="港地区",
            geometry={"type": "Polygon", "coordinates": [ring]},
            west=west,
            south=south,
            east=east,
            north=north,
        )


def test_the_mothers_house_in_another_town_makes_her_a_member_there(carer, towns):
    area = harbour(towns)
    place = make_care_place(carer, towns.midori.id)
    assert (place.label, place.area_name) == ("母の家", "港地区")
    assert (place.recipient_name, place.recipient_relation) == ("青空 ふみ", "母")
    with tenant(towns.midori.id):
        mother = selectors.person_by_uid(place.recipient_uid)
        assert (mother.number, mother.kana) == ("M-10001", "アオゾラ フミ")
        assert mother.recipient_since and not mother.carer_since and mother.user is None
        assert (mother.area_id, mother.address) == (area.pk, "港みほん1丁目2番3号")
        (act,) = Act.objects.filter(action="recipient_named")
        assert (act.subject_id, act.basis) == (str(mother.uid), "carer")
        assert CarePlace.objects.count() == 0  # the place is the carer's
    with tenant(towns.kita.id):
        assert selectors.care_places(carer) == [place]
        assert Person.objects.count() == 1


def test_somebody_who_is_registered_already_stays_as_they_are_and_the_carer_learns_nothing(
    carer, towns
):
    known = make_recipient(towns.midori.id, home=False, phone="0312345678")
    unknown_place = make_care_place(carer, towns.midori.id, NAGI, label="おばの家")
    place = make_care_place(carer, towns.midori.id)
    with tenant(towns.midori.id):
        assert place.recipient_uid == known.uid
        row = Person.objects.get(pk=known.pk)
        assert (row.address, row.phone, row.number) == ("", "0312345678", "M-10001")
        assert Person.objects.count() == 2
    told = ("kind", "recipient_name", "recipient_kana", "recipient_birth_date")
    assert [getattr(place, name) for name in told] == [
        "other_home",
        "青空 ふみ",
        "アオゾラ フミ",
        date(1948, 3, 2),
    ]
    # Both answers have the same shape: a uid, and what the carer typed.
    assert unknown_place.recipient_uid and unknown_place.recipient_name == "夕凪 なお"


def test_another_birth_date_is_another_person(carer, towns):
    make_recipient(towns.midori.id)
    recipient = services.Recipient(
        family_name="青空",
        given_name="ふみ",
        family_kana="あおぞら",
        given_kana="ふみ",
        birth_date=date(1950, 1, 1),
    )
    make_care_place(carer, towns.midori.id, recipient=recipient)
    with tenant(towns.midori.id):
        assert Person.objects.count() == 2


def test_the_same_form_again_returns_the_same_place(carer, towns):
    uid = uuid4()
    first = make_care_place(carer, towns.midori.id, uid=uid)
    assert make_care_place(carer, towns.midori.id, uid=uid) == first
    with pytest.raises(OrderDiffers):
        make_care_place(carer, towns.midori.id, uid=uid, address="ほかの住所")
    other = make_supporter(towns.kita.id)
    with pytest.raises(OrderDiffers):
        make_care_place(other, towns.midori.id, uid=uid)
    with tenant(towns.midori.id):
        assert Person.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"recipient": None}, RecipientMissing),
        ({"kind": "castle"}, ChoiceUnknown),
        ({"label": " "}, ValueMissing),
        ({"address": ""}, ValueMissing),
        ({"latitude": 43.06, "longitude": 141.35}, PlaceTooFar),
        (
            {
                "recipient": services.Recipient(
                    family_name="青空",
                    given_name="ふみ",
                    family_kana="青空",
                    given_kana="ふみ",
                    birth_date=date(1948, 3, 2),
                )
            },
            (Invalids, KanaWrong),
        ),
    ],
)
def test_bad_input_is_refused_and_changes_nothing(carer, towns, changed, refusal):
    with pytest.raises(refusal):
        make_care_place(carer, towns.midori.id, **changed)
    with tenant(towns.midori.id):
        assert Person.objects.count() == 0
        assert Act.objects.count() == 0
    with tenant(towns.kita.id):
        assert CarePlace.objects.count() == 0


def test_where_outlines_are_known_a_place_lies_in_them_or_close_by(carer, towns):
    harbour(towns)  # reaches east to 138.34
    near = make_care_place(carer, towns.midori.id, label="すぐ外", longitude=138.35)
    assert near.area_name == ""
    with pytest.raises(PlaceTooFar) as caught:
        make_care_place(carer, towns.midori.id, NAGI, longitude=138.40)
    assert "みどり浜市の外" in caught.value.message()
    with tenant(towns.kita.id):
        assert selectors.care_places(carer) == [near]
    with tenant(towns.midori.id):
        assert Person.objects.count() == 1


def test_the_own_home_is_in_the_own_town_and_needs_nobody_else(carer, towns):
    here = point_of(towns.kita.id, FUMI)
    place = make_care_place(
        carer,
        towns.midori.id,
        kind="own_home",
        label="自分の家",
        recipient=None,
        latitude=here.latitude,
        longitude=here.longitude,
    )
    assert place.place_municipality_id == towns.kita.id
    assert place.recipient_uid is None


def test_places_are_the_carers_own_and_can_be_taken_away(carer, towns):
    place = make_care_place(carer, towns.midori.id)
    other = make_supporter(towns.kita.id)
    with tenant(towns.kita.id):
        for deed in (
            lambda: selectors.care_place_by_uid(other, place.uid),
            lambda: services.care_place_remove(carer=other, uid=place.uid),
            lambda: services.care_place_update(carer=other, uid=place.uid, label="x"),
            lambda: selectors.care_place_by_uid(carer, uuid4()),
        ):
            with pytest.raises(NotFound):
                deed()
        services.care_place_update(
            carer=carer, uid=place.uid, label="実家", visitor_note="犬がいます"
        )
        assert selectors.care_place_by_uid(carer, place.uid).label == "実家"
        services.care_place_remove(carer=carer, uid=place.uid)
        services.care_place_remove(carer=carer, uid=place.uid)
        assert selectors.care_places(carer) == []
