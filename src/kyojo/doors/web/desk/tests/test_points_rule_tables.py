"""きまりを足す: each table that a document lacks by its form, its mistakes beside their boxes."""

from datetime import date

import pytest

from kyojo.civic.earnings.testing import install
from kyojo.civic.people.testing import make_officer
from kyojo.civic.programmes.rules import reading
from kyojo.civic.programmes.rules.presets import preset, preset_names
from kyojo.doors.web.desk.points.rule_table_forms import OPTIONAL, addable
from kyojo.doors.web.desk.points.rules_text import with_tables
from kyojo.help.support.tests.cast import KITA, MIDORI

from .points_cast import acts, everything, text

pytestmark = pytest.mark.django_db
LIST = "/desk/points/rules/"


def without(code: str, table: str) -> str:
    """A preset as it would be without one of its tables."""
    found = preset(code)
    begin = found.index(f"[{table}]")
    end = found.find("\n[", begin + 1)
    return found[:begin].rstrip() + "\n" + (found[end:] if end > 0 else "")


def added(client, code, table, **data):
    return client.post(f"{LIST}{code}/tables/{table}/", data)


def result(answer):
    assert answer.status_code == 200, text(answer)
    trial = answer.context["trial"]
    assert not trial.faults, trial.faults
    return answer.context["form"]["document"].value(), trial


CASES = {
    "spenders": (
        "yokohama",
        {"relation": ["lives", "works"], "insured": "first", "age_from": "70"},
        "spenders",
    ),
    "hosts": (
        "time-deposit",
        {"designated": "サロン\n ひだまり \n\nサロン", "proof": "card"},
        "hosts",
    ),
    "activities": ("paid-passbook", {"names": "買い物\n庭の草とり"}, "activities"),
    "uses": ("yokohama", {"use": "goods", "items": "野菜\n米"}, "uses"),
    "fees": ("ticket", {"name": "年会費", "yen": "1,200", "each": "year"}, "fees"),
    "conversion": (
        "yokohama",
        {"way": "steps", "units": "200", "grants": "100", "year_most": "4000"},
        "conversion",
    ),
    "circulation": ("gratitude", {"start_units": "20", "lent_most": ""}, "circulation"),
    "sources": ("inagi", {"says": "会費", "source": "要綱第9条"}, "sources"),
    "flagged": (
        "inagi",
        {"key": "conversion.year_most", "says": "出典の数が、おかしい"},
        "flagged",
    ),
}


@pytest.mark.parametrize("table", CASES)
def test_a_table_is_added_behind_everything_else(office, table):
    code, data, name = CASES[table]
    install(MIDORI, code)
    client = office.client(office.officer)
    assert f"/tables/{table}/" in text(client.get(f"{LIST}{code}/tables/"))
    assert client.get(f"{LIST}{code}/tables/{table}/").status_code == 200
    before = everything()
    document, trial = result(added(client, code, table, **data))
    # what stood there stands there still, comments too
    assert document.startswith(preset(code).rstrip())
    assert {one.key.split(".")[0].split("[")[0] for one in trial.changes} == {name}
    assert everything() == before
    assert getattr(reading.read(document), name)


def test_what_the_forms_say_reaches_the_document(office):
    for code in ("yokohama", "time-deposit", "ticket"):
        install(MIDORI, code)
    client = office.client(office.officer)
    document, _ = result(added(client, "yokohama", "spenders", **CASES["spenders"][1]))
    spenders = reading.read(document).spenders
    assert spenders.relation == ["lives", "works"]
    assert [(row.insured, row.age_from, row.age_to) for row in spenders.any_of] == [
        ("first", 70, None)
    ]
    document, _ = result(added(client, "time-deposit", "hosts", **CASES["hosts"][1]))
    assert reading.read(document).hosts.designated == {"host-1": "サロン", "host-2": "ひだまり"}
    document, _ = result(added(client, "ticket", "fees", **CASES["fees"][1]))
    assert [(fee.name, fee.yen, fee.each) for fee in reading.read(document).fees] == [
        ("年会費", 1200, "year")
    ]


@pytest.mark.parametrize(
    ("table", "code", "data"),
    [
        ("at_cap", "saitama", {"use": "shop", "yen": "6000"}),
        ("thanks", "paid-cash", {"amount": "payer_choice", "least_yen": "500",
                                 "most_yen": "1000", "share": "part_donated",
                                 "share_percent": "20", "costs_most_yen": "300"}),
        ("thanks", "paid-stamp-card", {"amount": "one_rate", "share": "person"}),
    ],
)  # fmt: skip
def test_what_was_left_out_is_put_back_by_its_form(office, table, code, data):
    lean = without(code, table)
    install(MIDORI, code, document=lean)
    document, _ = result(added(office.client(office.officer), code, table, **data))
    now, whole = reading.read(document), reading.read(preset(code))
    assert getattr(now, table) == getattr(whole, table)
    assert document.startswith(lean.rstrip())


def test_thanks_by_kind_have_a_box_for_each_activity(office):
    lean = without("paid-passbook", "thanks") + '\n[activities]\nshop = "買い物"\nyard = "庭"\n'
    install(MIDORI, "paid-passbook", document=lean)
    client = office.client(office.officer)
    data = {"amount": "by_kind", "share": "person", "rate_shop": "800"}
    answer = added(client, "paid-passbook", "thanks", **data)
    assert answer.status_code == 422 and "どの活動にも" in text(answer)
    document, _ = result(added(client, "paid-passbook", "thanks", **data, rate_yard="900"))
    assert reading.read(document).thanks.by_activity == {"shop": 800, "yard": 900}


def test_funding_covers_every_age(office):
    lean = "\n\n".join(
        part for part in preset("inagi").split("\n\n") if not part.startswith("[[funding]]")
    )
    install(MIDORI, "inagi", document=lean)
    client = office.client(office.officer)
    half = added(client, "inagi", "funding", fund="general_account", age="65", fund_from="")
    assert half.status_code == 422 and "両方" in text(half)
    document, _ = result(
        added(client, "inagi", "funding", fund="general_account", age="65",
              fund_from="care_insurance")
    )  # fmt: skip
    rows = [(one.fund, one.age_from, one.age_to) for one in reading.read(document).funding]
    assert rows == [("general_account", None, 64), ("care_insurance", 65, None)]


def test_a_mistake_stands_beside_its_box(office):
    install(MIDORI, "ticket")
    install(MIDORI, "yokohama")
    client = office.client(office.officer)
    answer = added(client, "ticket", "fees", name="", yen="0", each="")
    assert answer.status_code == 422
    assert {"name", "yen", "each"} <= set(answer.context["form"].errors)
    answer = added(client, "yokohama", "spenders", relation=["lives"], age_from="70", age_to="60")
    assert answer.status_code == 422
    assert "70（age_from）以上" in str(answer.context["form"].errors["age_to"])
    assert added(client, "yokohama", "circulation", start_units="5").status_code == 404


def test_what_is_there_once_is_not_offered_again():
    for code in preset_names():
        if code == "kyojo-coin":
            continue
        document = reading.read(preset(code))
        offered = {one.name for one in addable(document)}
        for one in OPTIONAL:
            assert one.more or one.name not in offered or not getattr(document, one.name)
        assert ("thanks" in offered) == (document.kind == "ticket" and document.thanks is None)


def test_a_list_in_brackets_is_continued():
    text_before = '# one\nfees = [{ name = "a" }] # two\n\n[who]\nx = 1\n'
    found = with_tables(text_before, "fees", [{"name": "b"}], many=True)
    assert found == '# one\nfees = [{ name = "a" }, { name = "b" }] # two\n\n[who]\nx = 1\n'
    empty = with_tables("fees = []\n\n[who]\nx = 1\n", "fees", [{"name": "b"}], many=True)
    assert empty == '\n[who]\nx = 1\n\n[[fees]]\nname = "b"\n'
    dated = with_tables("a = 1\n", "b", [{"on": True, "of": ["x"]}], many=False)
    assert dated == 'a = 1\n\n[b]\non = true\nof = ["x"]\n'


def test_only_officers_of_the_town_add_anything(office):
    install(MIDORI, "ticket")
    abroad = make_officer(KITA)
    before = everything()
    users = (None, office.cast.mother.user, office.coordinator, abroad)
    for user in users:
        client = office.client(user)
        assert client.get(f"{LIST}ticket/tables/").status_code == 404
        assert added(client, "ticket", "fees", **CASES["fees"][1]).status_code == 404
    assert office.client(office.officer).get(f"{LIST}ticket/tables/nothing/").status_code == 404
    assert everything() == before


def test_what_a_form_added_is_published_like_any_version(office):
    install(MIDORI, "ticket", since=date(2024, 4, 1))
    client = office.client(office.officer)
    answer = added(client, "ticket", "fees", **CASES["fees"][1])
    form = answer.context["form"]
    day = form["effective_from"].value()
    sent = {
        "document": form["document"].value(),
        "seen": form["seen"].value(),
        "effective_from_year": str(day.year),
        "effective_from_month": str(day.month),
        "effective_from_day": str(day.day),
        "do": "publish",
    }
    published = client.post(f"{LIST}ticket/version/", sent, follow=True)
    assert "公開しました" in text(published)
    assert "年会費" in text(client.get(f"{LIST}ticket/?version=2"))
    assert len(acts("rules_published")) == 1
