"""制度と版 by forms: the figures of every table, and a new programme from a preset."""

from datetime import date

import pytest

from kyojo.civic.earnings.testing import install
from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.programmes.models import Programme, ProgrammeVersion
from kyojo.civic.programmes.rules import reading
from kyojo.civic.programmes.rules.presets import preset, preset_names
from kyojo.help.support.tests.cast import KITA, MIDORI

from .points_cast import acts, everything, text

pytestmark = pytest.mark.django_db
LIST = "/desk/points/rules/"


def typed(form):
    """What a browser sends of a form as it was drawn."""
    data = {}
    for bound in form:
        value = bound.value()
        if isinstance(value, date):
            parts = zip(("year", "month", "day"), value.timetuple()[:3], strict=True)
            data |= {f"{bound.html_name}_{part}": str(number) for part, number in parts}
        elif value is not None:
            data[bound.html_name] = str(value)
    return data


def figures(client, code, **changes):
    """The figures page of a programme, drawn and sent with ``changes``."""
    path = f"{LIST}{code}/figures/"
    drawn = client.get(path)
    assert drawn.status_code == 200
    return client.post(path, typed(drawn.context["form"]) | changes)


def document(answer):
    assert answer.status_code == 200, text(answer)
    assert not answer.context["trial"].faults, answer.context["trial"].faults
    return reading.read(answer.context["form"]["document"].value())


def changed(answer):
    return {one.key for one in answer.context["trial"].changes}


# --- figures --------------------------------------------------------------------------------------
@pytest.mark.parametrize("code", [one for one in preset_names() if one != "kyojo-coin"])
def test_figures_sent_as_they_are_change_nothing(office, code):
    install(MIDORI, code)
    answer = figures(office.client(office.officer), code)
    assert answer.context["form"]["document"].value() == preset(code)
    assert "いまの版と同じです" in text(answer)


@pytest.mark.parametrize(
    ("code", "fields", "keys"),
    [
        ("paid-invoice", {"activity_garden": "1,200"}, {"thanks.by_activity.garden"}),
        ("paid-invoice", {"activity_errand": "150"}, {"thanks.by_activity.errand"}),
        ("paid-invoice", {"fee_0": "１５００"}, {"fees[1].yen"}),
        ("paid-invoice", {"office_yen": "100"}, {"ticket.office_yen", "ticket.paid_yen"}),
        ("paid-invoice", {"share": "office"}, {"thanks.share"}),
        (
            "paid-cash",
            {"least_yen": "600", "most_yen": "900"},
            {"thanks.least_yen", "thanks.most_yen"},
        ),
        ("paid-cash", {"share_percent": "30%"}, {"thanks.share_percent"}),
        ("paid-cash", {"share": "person"}, {"thanks.share", "thanks.share_percent"}),
        ("paid-passbook", {"costs_most_yen": "0"}, {"thanks.costs_most_yen"}),
        (
            "paid-passbook",
            {"share": "part_donated"},
            {"thanks.share", "thanks.deposit_in"},
        ),
        ("time", {"start_units": "90"}, {"circulation.start_units"}),
        ("time", {"lent_most": ""}, {"circulation.lent_most"}),
        ("gratitude", {"lent_most": "5"}, {"circulation.start_units", "circulation.lent_most"}),
        ("sanjo", {"price_0_0": "2"}, {"uses[1].prices.地元の製品"}),
        (
            "ticket",
            {"bought_yen": "900", "office_yen": "200"},
            {"ticket.bought_yen", "ticket.paid_yen", "ticket.office_yen", "worth.yen"},
        ),
        (
            "time-deposit",
            {"bought_yen": "900"},
            {"ticket.bought_yen", "ticket.paid_yen", "worth.yen"},
        ),
    ],
)
def test_each_figure_is_set_and_comments_stay(office, code, fields, keys):
    install(MIDORI, code)
    before = everything()
    answer = figures(office.client(office.officer), code, **fields)
    document(answer)
    assert changed(answer) == keys
    made = answer.context["form"]["document"].value()
    assert made.split("\n")[0] == preset(code).split("\n")[0], "the comment on top"
    assert everything() == before, "nothing is published by checking"
    for one in answer.context["trial"].changes:
        assert one.name or one.key.startswith("circulation"), one


@pytest.mark.parametrize(
    ("code", "fields", "field"),
    [
        ("paid-invoice", {"activity_garden": ""}, "activity_garden"),
        ("paid-invoice", {"fee_0": "0"}, "fee_0"),
        ("paid-invoice", {"bought_yen": "100"}, "office_yen"),
        ("paid-invoice", {"share": "part_donated"}, "share_percent"),
        ("paid-invoice", {"share": "part_donated", "share_percent": "100"}, "share_percent"),
        ("paid-invoice", {"share": "part_deposited", "share_percent": "5"}, "share"),
        ("paid-invoice", {"share": "half"}, "share"),
        ("paid-passbook", {"deposit_in": ""}, "deposit_in"),
        ("paid-passbook", {"deposit_in": "inagi"}, "deposit_in"),
        ("time", {"start_units": "たくさん"}, "start_units"),
    ],
)
def test_what_cannot_be_set_is_said_beside_it(office, code, fields, field):
    install(MIDORI, code)
    before = everything()
    answer = figures(office.client(office.officer), code, **fields)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert everything() == before


def test_the_summary_is_changed_with_the_figures(office):
    install(MIDORI, "paid-passbook")
    told = "会員は通帳にお金を預けます。\r\nお礼の4割は、時間としてあずけます。"
    answer = figures(
        office.client(office.officer), "paid-passbook", share_percent="40", summary=told
    )
    assert document(answer).summary == told.replace("\r\n", " ")
    assert changed(answer) == {"summary", "thanks.share_percent"}


def test_figures_that_break_a_rule_are_shown_with_their_line(office):
    install(MIDORI, "paid-cash")
    answer = figures(office.client(office.officer), "paid-cash", most_yen="700")
    [fault] = answer.context["trial"].faults
    assert fault.key == "ticket.bought_yen" and fault.text == "bought_yen = 800"
    assert "公開する</button>" not in text(answer)


def test_a_part_is_deposited_in_a_programme_of_the_town(office):
    install(MIDORI, "paid-invoice")
    client = office.client(office.officer)
    install(MIDORI, "time-deposit")
    answer = figures(
        client,
        "paid-invoice",
        share="part_deposited",
        share_percent="25",
        deposit_in="time-deposit",
    )
    thanks = document(answer).thanks
    assert (thanks.share, thanks.share_percent, thanks.deposit_in) == (
        "part_deposited", 25, "time-deposit",
    )  # fmt: skip
    assert "まだありません" not in text(answer)


def test_a_deposit_that_the_town_does_not_have_is_cautioned_about(office):
    install(MIDORI, "paid-passbook")
    client = office.client(office.officer)
    words = "時間預託の制度「time-deposit」が、この町にまだありません"
    assert words in text(figures(client, "paid-passbook", costs_most_yen="500"))
    install(KITA, "time-deposit")
    assert words in text(figures(client, "paid-passbook", costs_most_yen="500")), "another town's"
    install(MIDORI, "time-deposit")
    assert words not in text(figures(client, "paid-passbook", costs_most_yen="500"))


def test_thanks_above_the_minimum_wage_are_cautioned_about(office):
    install(MIDORI, "paid-invoice")
    Municipality.objects.filter(pk=MIDORI).update(prefecture="神奈川県")
    answer = figures(office.client(office.officer), "paid-invoice", activity_garden="1500")
    assert "1時間あたり1,350円" in text(answer)


# --- a new programme ------------------------------------------------------------------------------
def begun(client, sample, /, **changes):
    path = f"{LIST}new/{sample}/form/"
    drawn = client.get(path)
    assert drawn.status_code == 200
    form = drawn.context["form"]
    operator = form.fields["operator"].choices[0][0]
    return client.post(path, typed(form) | {"operator": operator} | changes)


def publish(client, code, answer):
    form = answer.context["form"]
    data = typed(form) | {"do": "publish"}
    assert data["seen"]
    return client.post(f"{LIST}new/{code}/", data)


def programmes(town=MIDORI):
    with tenant(town):
        return dict(Programme.objects.values_list("code", "currency"))


def test_an_officer_begins_a_programme_without_its_text(office):
    client = office.client(office.officer)
    assert "/desk/points/rules/new/paid-invoice/form/" in text(client.get(LIST))
    before = everything()
    fields = {
        "name": "みどり浜おたすけ",
        "code": "midori-otasuke",
        "summary": "みどり浜の\n助け合いです。",
        "effective_from_year": "令和8",
        "effective_from_month": "12",
        "effective_from_day": "1",
        "activity_garden": "900",
        "fee_0": "500",
    }
    answer = begun(client, "paid-invoice", **fields)
    made = document(answer)
    assert (made.name, made.code, made.currency) == (
        "みどり浜おたすけ", "midori-otasuke", "midori-otasuke",
    )  # fmt: skip
    assert made.summary == "みどり浜の 助け合いです。"
    assert made.thanks.by_activity["garden"] == 900 and made.fees[0].yen == 500
    assert "この文書で始められます" in text(answer)
    assert everything() == before
    for _ in range(2):  # pressed twice, begun once
        assert publish(client, "paid-invoice", answer).status_code == 302
    assert programmes()["midori-otasuke"] == "midori-otasuke"
    [act] = acts("rules_published")
    assert act.subject_id == "midori-otasuke" and "みどり浜おたすけ 第1版" in act.note
    with tenant(MIDORI):
        [version] = ProgrammeVersion.objects.filter(programme__code="midori-otasuke")
        assert version.effective_from == date(2026, 12, 1)
    page = text(client.get(f"{LIST}midori-otasuke/"))
    assert "庭の手入れ900円" in page and "年会費500円（1年度ごと）" in page
    assert programmes(KITA).get("midori-otasuke") is None


def test_a_unit_may_be_called_otherwise(office):
    client = office.client(office.officer)
    made = document(begun(client, "gratitude", unit="はな"))
    assert (made.unit, made.counted) == ("はな", "はな")
    made = document(begun(client, "inagi", unit="点"))
    assert (made.unit, made.counted) == ("点", "スタンプ")
    for code in ("time", "paid-cash", "saitama"):
        assert "unit" not in client.get(f"{LIST}new/{code}/form/").context["form"].fields


def test_a_second_programme_of_the_same_preset_has_another_code(office):
    install(MIDORI, "ticket")
    client = office.client(office.officer)
    page = text(client.get(f"{LIST}new/ticket/form/"))
    assert "この町にもうあります" in page
    assert begun(client, "ticket").context["form"].errors.keys() == {"code"}
    taken = begun(client, "ticket", code="ticket")
    assert taken.status_code == 422 and taken.context["form"].errors.keys() == {"code"}
    answer = begun(client, "ticket", code="ticket-minato", name="港の券")
    assert document(answer).currency == "ticket-minato"
    assert publish(client, "ticket", answer).status_code == 302
    assert programmes()["ticket-minato"] == "ticket-minato"
    assert programmes()["ticket"] == "ticket"


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({"code": "みどり"}, {"code"}),
        ({"code": "a" * 21}, {"code"}),
        ({"code": "kyojo-coin"}, {"code"}),
        ({"code": "coin"}, {"code"}),
        ({"name": ""}, {"name"}),
        ({"summary": " "}, {"summary"}),
        ({"unit": ""}, {"unit"}),
        ({"operator": "999999"}, {"operator"}),
        ({"effective_from_day": "31", "effective_from_month": "2"}, {"effective_from"}),
        ({"year_most": "50000"}, {"year_most"}),
    ],
)
def test_what_a_programme_cannot_be_called_is_said_beside_it(office, fields, names):
    before = everything()
    answer = begun(office.client(office.officer), "inagi", **fields)
    assert answer.status_code == 422, text(answer)
    assert answer.context["form"].errors.keys() == names
    assert everything() == before


def test_what_was_taken_meanwhile_is_not_begun(office):
    client = office.client(office.officer)
    answer = begun(client, "inagi", code="senior", name="A")
    other = begun(client, "yokohama", code="senior", name="B")
    assert publish(client, "inagi", answer).status_code == 302
    before = everything()
    refused = publish(client, "yokohama", other)
    assert refused.status_code == 422 and "この町にまだない" in text(refused)
    assert everything() == before


@pytest.mark.parametrize("code", [one for one in preset_names() if one != "kyojo-coin"])
def test_every_preset_can_be_begun_by_its_form(office, code):
    client = office.client(office.officer)
    answer = begun(client, code)
    made = document(answer)
    assert (made.code, made.currency) == (code, reading.read(preset(code)).currency)
    assert publish(client, code, answer).status_code == 302


def test_there_is_one_programme_of_coins(office):
    client = office.client(office.officer)
    assert client.get(f"{LIST}new/kyojo-coin/form/").status_code == 302
    assert client.get(f"{LIST}new/nothing/form/").status_code == 404
    assert "new/kyojo-coin/" not in text(client.get(LIST))
