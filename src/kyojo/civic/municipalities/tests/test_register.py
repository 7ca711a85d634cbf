import pytest

from kyojo.civic.municipalities import domain, selectors, tenancy
from kyojo.civic.municipalities.errors import (
    KanaWrong,
    MunicipalityCodeWrong,
    MunicipalityTaken,
    UnknownMunicipality,
    UnscopedQuery,
    ValueMissing,
)
from kyojo.civic.municipalities.models import Municipality, Operator
from kyojo.civic.municipalities.services import municipality_register, operator_register
from kyojo.kernel.errors import NotFound, Refusal
from kyojo.kernel.geometry import OutsideJapan

YAIZU = {"code": 222127, "name": "焼津市", "name_kana": "やいづし", "prefecture": "静岡県"}


@pytest.mark.parametrize("code", ["011002", "131016", "222127", "281018", "453412", "990019"])
def test_published_codes_carry_their_check_digit(code: str) -> None:
    assert domain.check_digit(code[:5]) == int(code[5])
    assert domain.municipality_code(code) == int(code)


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("222127", (222127,)),
        ("２２２１２７", (222127,)),
        ("22212", (222127,)),  # published without the check digit
        ("11002", (11002, 110027)),  # lost its zero, or lacks its digit: 札幌市 or 埼玉県
        ("1100", (11002,)),  # lost both
        ("222127.0", (222127,)),
    ],
)
def test_codes_that_spreadsheets_shortened_are_read(text: str, readings: tuple[int, ...]) -> None:
    assert domain.code_readings(text) == readings


@pytest.mark.parametrize("text", ["", "222128", "480002", "000000", "22-212", "焼津市", "2221270"])
def test_wrong_codes_are_refused(text: str) -> None:
    with pytest.raises(MunicipalityCodeWrong):
        domain.code_readings(text)


@pytest.mark.django_db
def test_a_town_is_registered_once_and_brought_up_to_date() -> None:
    town = municipality_register(**YAIZU)
    assert (town.code, town.slug, town.name_kana) == ("222127", "222127", "ヤイヅシ")

    municipality_register(**YAIZU, slug="yaizu", office_phone="054-000-0000")

    town = selectors.municipality_by_slug("yaizu")
    assert (town.office_phone, town.office_name) == ("054-000-0000", "焼津市 共助センター")
    assert selectors.municipality_by_code(222127) == town
    assert selectors.municipalities_all().count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"code": 222128}, MunicipalityCodeWrong),
        ({"name": " "}, ValueMissing),
        ({"prefecture": ""}, ValueMissing),
        ({"name_kana": "焼津市"}, KanaWrong),
        ({"name": "別の市"}, MunicipalityTaken),
        ({"latitude": 138.3, "longitude": 34.8}, OutsideJapan),
    ],
)
def test_a_refused_registration_changes_nothing(
    change: dict[str, object], refusal: type[Refusal]
) -> None:
    municipality_register(**YAIZU)
    before = list(Municipality.objects.values())

    with pytest.raises(refusal) as refused:
        municipality_register(**(YAIZU | change))  # type: ignore[arg-type]

    assert refused.value.message().endswith("。")
    assert list(Municipality.objects.values()) == before


@pytest.mark.django_db
def test_an_operator_belongs_to_its_town(towns: object) -> None:
    council = {"kind": "welfare_council", "name": "みどり浜市社会福祉協議会"}
    kana = "みどりはまししゃかいふくしきょうぎかい"
    operator_register(municipality_id=990027, name_kana=kana, **council)
    operator_register(municipality_id=990027, name_kana=kana, phone="0120-000-027", **council)

    with tenancy.tenant(990027):
        assert [found.phone for found in selectors.operators()] == ["0120-000-027"]
    with tenancy.tenant(990019):
        assert not selectors.operators().exists()
    with pytest.raises(UnknownMunicipality):
        operator_register(municipality_id=222127, name_kana=kana, **council)
    with pytest.raises(KanaWrong):
        operator_register(municipality_id=990027, name_kana="社協", **council)


@pytest.mark.django_db
def test_unknown_towns_and_unscoped_reads() -> None:
    with pytest.raises(NotFound):
        selectors.municipality_by_slug("nowhere")
    with pytest.raises(UnknownMunicipality):
        selectors.municipality_by_code(222127)
    for read in (
        selectors.living_areas,
        lambda: selectors.area_of_point(34.8, 138.3),
        lambda: selectors.places_near(34.8, 138.3),
        lambda: selectors.places_search("港"),
        lambda: selectors.areas_outline("living_area"),
        lambda: Operator.objects.all(),
    ):
        with pytest.raises(UnscopedQuery):
            read()


@pytest.mark.django_db
@pytest.mark.parametrize("code", [-1, 2**31, 10**25])
def test_a_number_that_no_town_can_have_is_not_found(towns: object, code: int) -> None:
    with pytest.raises(NotFound), tenancy.tenant(code):
        raise AssertionError("opened")
    assert tenancy.current_or_none() is None
    with tenancy.tenant(990019):  # the transaction is still fit
        assert not selectors.operators().exists()
