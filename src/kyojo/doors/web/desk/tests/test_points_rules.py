"""制度と版 at the desk: a new version is tried over the real records before it is published."""

from datetime import date

import pytest

from kyojo.civic.earnings.models import Record
from kyojo.civic.earnings.testing import install
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.programmes.models import Programme, ProgrammeVersion
from kyojo.civic.programmes.rules import reading
from kyojo.civic.programmes.rules.presets import preset, preset_names
from kyojo.help.support.tests.cast import MIDORI
from kyojo.kernel import clock

from .points_cast import CODE, acts, elder, everything, helped, text

pytestmark = pytest.mark.django_db
LIST = "/desk/points/rules/"
ONE = f"{LIST}{CODE}/"
VERSION = f"{ONE}version/"


def sent(document, day=(2027, 4, 1), **fields):
    names = ("effective_from_year", "effective_from_month", "effective_from_day")
    parts = dict(zip(names, map(str, day), strict=True))
    # as browsers send it
    return {"document": document.replace("\n", "\r\n"), "do": "check", **parts} | fields


def checked(client, path, data):
    """The data again, as the page that showed the check sends it."""
    answer = client.post(path, data)
    assert answer.status_code == 200, text(answer)
    return answer, data | {"seen": answer.context["form"]["seen"].value(), "do": "publish"}


def versions(code=CODE):
    with tenant(MIDORI):
        return list(
            ProgrammeVersion.objects.filter(programme__code=code)
            .order_by("version")
            .values_list("version", "effective_from", "document")
        )


def test_the_pages_say_what_holds(office):
    elder(office)
    client = office.client(office.coordinator)
    page = text(client.get(LIST))
    assert "シニアボランティアポイント（横浜市の型）" in page and "共助コイン" in page
    assert "見本から" not in page, "only officers begin a programme"
    page = text(client.get(ONE))
    assert "1回ごとに200ポイント" in page and "年度8,000ポイント" in page
    assert "第1号被保険者" in page and "schema = 2" in page
    assert "/version/" not in page
    assert client.get(f"{LIST}kyojo-coin/").status_code == 200
    assert client.get(f"{LIST}nothing/").status_code == 404
    assert client.get(f"{ONE}?version=99").status_code == 200
    officer = office.client(office.officer)
    assert "見本から" in text(officer.get(LIST)) and "/version/" in text(officer.get(ONE))


def test_a_new_version_is_checked_tried_and_published(office):
    person = elder(office)
    helped(person, 3)
    client = office.client(office.officer)
    assert preset(CODE).split("\n")[0] in client.get(VERSION).context["form"]["document"].value()
    text_new = preset(CODE).replace("units = 200", "units = 300")
    before = everything()
    answer, data = checked(client, VERSION, sent(text_new))
    page = text(answer)
    assert "変わるところ（1か所）" in page and "earning.units" in page
    assert '<td role="cell" data-label="いま">200</td>' in page
    assert "2026年度（令和8年度）の本当の記録で試すと" in page, "the past year has no records"
    assert '<td class="num">900</td>' in page and "増える人 1人・減る人 0人" in page
    assert everything() == before
    for _ in range(2):
        answer = client.post(VERSION, data, follow=True)
        assert "第2版を公開しました" in text(answer)
    assert [row[:2] for row in versions()] == [(1, date(2024, 4, 1)), (2, date(2027, 4, 1))]
    assert versions()[1][2] == text_new, "without the line ends of Windows"
    (act,) = acts("rules_published")
    assert act.subject_id == CODE and "第2版" in act.note
    assert "これから" in text(client.get(ONE))
    assert "これから始まる版が、もうあります" in text(client.get(VERSION))


def test_the_past_year_is_tried_where_it_has_records(office):
    person = elder(office)
    helped(person, 45, since=date(2025, 4, 7))
    less = preset(CODE).replace("year_most = 8000", "year_most = 5000")
    answer, _ = checked(office.client(office.officer), VERSION, sent(less))
    page = text(answer)
    assert "2025年度（令和7年度）の本当の記録で試すと" in page
    assert '<td class="num">8,000</td>' in page and '<td class="num">5,000</td>' in page
    assert "増える人 0人・減る人 1人" in page


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("units = 200", "units = -1", "earning.units"),
        ("units = 200", "unit = 200", "まだ書かれていません"),
        ("year_most = 8000", "year_most = 90000", "全国基準"),
        ('code = "yokohama"', 'code = "osaka"', "制度のコードは変えられません"),
        ('currency = "yokohama-point"', 'currency = "inagi-point"', "使っていない名前"),
        ("[earning]", "[earning", "TOMLとして読めませんでした"),
        ("schema = 2", "x = " + "[" * 3000, "TOMLとして読めませんでした"),
    ],
)
def test_every_mistake_is_said_with_its_line_and_never_takes_effect(office, old, new, words):
    elder(office)
    install(MIDORI, "inagi")
    client = office.client(office.officer)
    document = preset(CODE).replace(old, new)
    before = everything()
    for do in ("check", "publish"):
        answer = client.post(VERSION, sent(document, do=do))
        assert (answer.status_code, words in text(answer)) == (422, True), text(answer)
        assert new in answer.content.decode().replace("&quot;", '"'), "nothing typed is lost"
        assert "公開する</button>" not in text(answer)
    assert everything() == before


def test_mistakes_are_all_shown_at_once(office):
    elder(office)
    document = (
        preset(CODE).replace("units = 200", "units = 0").replace('proof = "card"', "proof = 1")
    )
    answer = office.client(office.officer).post(VERSION, sent(document))
    page = text(answer)
    assert "直すところが2か所あります" in page
    line = document.split("\n").index("units = 0") + 1
    assert f"{line}行目" in page and "<code>units = 0</code>" in page


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ((2027, 6, 1), "4月1日から始めてください"),
        ((2026, 4, 1), "後の日から始めてください"),
        ((2024, 4, 1), "もう別の内容で公開されています"),
        ((2027, 2, 30), "日を1から28の数字で"),
    ],
)
def test_a_day_that_rules_cannot_begin_on_is_said_beside_it(office, day, words):
    elder(office)
    client = office.client(office.officer)
    document = preset(CODE).replace("units = 200", "units = 300")
    before = everything()
    first = client.post(VERSION, sent(document, day))
    seen = first.context["form"]["seen"].value() or ""
    answer = client.post(VERSION, sent(document, day, do="publish", seen=seen))
    assert answer.status_code == 422
    assert words in text(answer)
    assert "effective_from" in answer.context["form"].errors
    assert everything() == before


def test_what_was_changed_after_the_check_is_checked_again(office):
    elder(office)
    client = office.client(office.officer)
    document = preset(CODE).replace("units = 200", "units = 300")
    _, data = checked(client, VERSION, sent(document))
    before = everything()
    other = data | {"document": document.replace("units = 300", "units = 400")}
    answer = client.post(VERSION, other)
    assert (answer.status_code, "新しい結果を見てから" in text(answer)) == (422, True)
    assert "400" in text(answer)
    assert client.post(VERSION, sent(document, do="publish")).status_code == 422
    assert everything() == before


def test_a_coin_programme_has_versions_too(office):
    elder(office)
    client = office.client(office.officer)
    path = f"{LIST}kyojo-coin/version/"
    document = preset("kyojo-coin").replace(
        "second_officer_over_coins = 10000", "second_officer_over_coins = 9000"
    )
    answer, data = checked(client, path, sent(document, (2026, 12, 1)))
    assert "コインは支援の記録から数える" in text(answer)
    assert client.post(path, data).status_code == 302
    assert len(versions("kyojo-coin")) == 2


def test_a_programme_from_a_preset(office):
    client = office.client(office.officer)
    for code in preset_names():
        if code != "kyojo-coin":
            assert client.get(f"{LIST}new/{code}/").status_code == 200, code
    assert client.get(f"{LIST}new/nothing/").status_code == 404
    assert client.get(f"{LIST}new/kyojo-coin/").status_code == 302, "it is there already"
    path = f"{LIST}new/inagi/"
    operator = client.get(path).context["form"].fields["operator"].choices[0][0]
    document = preset("inagi").replace("（稲城市の型）", "（みどり浜）")
    wrong = client.post(path, sent(document, (2026, 4, 1), operator="999999"))
    assert wrong.status_code == 422
    answer, data = checked(client, path, sent(document, (2026, 4, 1), operator=operator))
    assert "この文書で始められます" in text(answer)
    for _ in range(2):
        assert client.post(path, data).status_code == 302
    with tenant(MIDORI):
        assert Programme.objects.get(code="inagi").name == "介護支援ボランティア（みどり浜）"
    assert len(versions("inagi")) == 1 and len(acts("rules_published")) == 1
    assert "みどり浜" in text(client.get("/desk/points/"))


def test_figures_are_set_without_the_text(office):
    person = elder(office)
    helped(person, 2)
    client = office.client(office.officer)
    path = f"{ONE}figures/"
    assert 'value="200"' in text(client.get(path))
    before = everything()
    summary = reading.read(preset(CODE)).summary
    data = {"units": "250", "at_least_minutes": "30", "earning_year_most": "", "summary": summary}
    answer = client.post(path, data)
    page = text(answer)
    for key in ("earning.units", "earning.at_least_minutes", "earning.year_most"):
        assert f"<code>{key}</code>" in page, key
    assert "units = 250" in answer.context["form"]["document"].value()
    assert everything() == before
    assert client.post(path, {"units": "x"}).status_code == 422
    assert client.get(f"{LIST}kyojo-coin/figures/").status_code == 404
    form = answer.context["form"]
    data = sent(form["document"].value(), do="publish", seen=form["seen"].value())
    assert client.post(VERSION, data).status_code == 302
    assert len(versions()) == 2


def test_other_roles_publish_nothing(office):
    elder(office)
    document = preset(CODE).replace("units = 200", "units = 300")
    _, data = checked(office.client(office.officer), VERSION, sent(document))
    before = everything()
    for user in (office.coordinator, office.office, office.cast.kita_officer):
        client = office.client(user)
        for path in (VERSION, f"{ONE}figures/"):
            assert client.get(path).status_code == 404
            assert client.post(path, data).status_code == 404
    for user in (office.coordinator, office.office):
        for path in (f"{LIST}new/inagi/", f"{LIST}new/inagi/form/"):
            assert office.client(user).get(path).status_code == 404
            assert office.client(user).post(path, data).status_code == 404
    assert everything() == before
    with tenant(MIDORI), clock.frozen(clock.at(date(2027, 4, 2), 9)):
        assert not Record.objects.exists()
