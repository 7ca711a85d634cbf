"""渡す: a last look that tells no names, once, lent for help and returned; はじめる; fees."""

from datetime import date, timedelta

import pytest

from kyojo.civic.earnings import circulation_selectors, selectors, services
from kyojo.civic.earnings.models import Movement
from kyojo.civic.earnings.services.circulating import TRIES_A_DAY
from kyojo.civic.earnings.testing import install, record, stand
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Act, Notice, Person
from kyojo.civic.people.testing import FUMI, JUN, KEN, make_carer, make_officer, make_supporter
from kyojo.civic.programmes.rules.presets import preset
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

from .conftest import NOW
from .test_pages import is_lost, order_of, text

pytestmark = pytest.mark.django_db
ONE, HAND = "/me/points/time/", "/me/points/time/hand/"


@pytest.fixture
def pair(towns):
    install(towns.midori.id, "time")
    return tuple(make_supporter(towns.midori.id, who) for who in (FUMI, KEN))


def movements(town):
    with tenant(town):
        return [(row.kind, row.amount, row.use) for row in Movement.objects.order_by("id")]


def stands(person, code="time"):
    with tenant(person.municipality_id):
        programme = selectors.ruled(code).programme
        return (
            selectors.wallet(programme, person).available,
            circulation_selectors.outstanding(programme, person),
        )


def filled(receiver, **fields):
    return {
        "order_id": str(new_id()),
        "use": "help",
        "number": receiver.number,
        "family_name": receiver.family_name,
        "amount": "30",
        "step": "send",
    } | fields


def test_from_the_beginning_to_a_handing_with_a_last_look(browser_of, pair):
    fumi, ken = pair
    browser = browser_of(fumi)
    page = browser.get(ONE)
    assert "はじめの分として、1時間が届きます" in text(page)
    assert browser.get(f"{ONE}start/").status_code == 405
    for _ in range(2):
        assert browser.post(f"{ONE}start/")["Location"] == ONE
    page = text(browser.get(ONE))
    assert "はじめの分が届きました" in page and "この制度をはじめる" not in page
    form = browser.get(HAND)
    assert "いまあるのは1時間です。手伝いのお礼なら、前貸しを入れて3時間まで渡せます。" in text(
        form
    )
    data = filled(ken, order_id=order_of(form), amount="９０分", family_name="はるかぜ")
    check = browser.post(HAND, data | {"step": "check"})
    for said in ("春風さんに渡します", "手伝いのお礼", "1時間30分", "30分を前貸しします"):
        assert said in text(check)
    assert "あとで手伝って返します" in text(check)
    assert "けん" not in text(check) and "ケン" not in text(check)
    assert stands(fumi) == (60, 0)
    changed = browser.post(HAND, data | {"step": "change"})
    assert (changed.status_code, 'value="はるかぜ"' in changed.content.decode()) == (200, True)
    for _ in range(2):
        assert browser.post(HAND, data)["Location"] == ONE
    assert (stands(fumi), stands(ken)) == ((0, 30), (90, 0))
    page = text(browser.get(ONE))
    assert "春風けんさんに渡しました11月20日（金）18時手伝いのお礼−1時間30分" in page
    assert "事務局から前貸しを受けました" in page and "前貸しの残り30分" in page
    with tenant(ken.municipality_id):
        [notice] = Notice.objects.filter(person=ken, kind="units_handed")
        assert "青空 ふみさんから" in notice.title
    # and back: what was lent returns first
    theirs = browser_of(ken)
    assert theirs.post(HAND, filled(fumi, amount="40")).status_code == 302
    assert (stands(fumi), stands(ken)) == ((10, 0), (50, 0))
    assert "前貸しの分を返しました" in text(browser.get(ONE))
    assert "前貸しの残り" not in text(browser.get(ONE))


def test_the_same_page_with_other_content_is_refused(browser_of, pair):
    fumi, ken = pair
    browser = browser_of(fumi)
    data = filled(ken)
    browser.post(HAND, data)
    assert browser.post(HAND, data | {"step": "check"})["Location"] == ONE
    for changed in ({"amount": "31"}, {"use": "family"}):
        answer = browser.post(HAND, data | changed)
        assert (answer.status_code, "ちがう内容" in text(answer)) == (422, True)
    assert movements(fumi.municipality_id) == [("handed", 30, "help"), ("advanced", 30, "")]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"use": ""}, "1つ選んでください"),
        ({"use": "donation"}, "1つ選んでください"),
        ({"number": ""}, "受け取る人の会員番号を入れてください"),
        ({"family_name": " "}, "受け取る人の苗字を入れてください"),
        ({"family_name": "青空"}, "会員番号と苗字が合いません"),
        ({"number": "99999"}, "会員番号と苗字が合いません"),
        ({"amount": ""}, "渡す時間（分）を入れてください"),
        ({"amount": "0"}, "1以上の数字で"),
        ({"amount": "-5"}, "1以上の数字で"),
        ({"amount": "121"}, "前貸しを入れて120分までです"),
        ({"amount": "1", "use": "family"}, "いま使えるのは0分です"),
        ({"order_id": "x"}, "ページが古くなりました"),
    ],
)
@pytest.mark.parametrize("step", ["check", "send"])
def test_what_is_wrong_is_said_and_moves_nothing(browser_of, pair, fields, said, step):
    fumi, ken = pair
    answer = browser_of(fumi).post(HAND, filled(ken, step=step) | fields)
    assert (answer.status_code, said in text(answer)) == (422, True)
    assert movements(fumi.municipality_id) == []


def test_a_number_tells_nobody_s_name_and_guessing_ends(browser_of, pair, towns):
    fumi, ken = pair
    abroad = make_supporter(towns.kita.id, JUN)
    with tenant(ken.municipality_id):
        gone = make_supporter(towns.midori.id, JUN)
        Person.objects.filter(pk=gone.pk).update(left_at=clock.now())
    browser = browser_of(fumi)
    answers = set()
    guesses = [
        filled(ken, family_name="朝露"),
        filled(ken, number="1"),
        filled(fumi),  # oneself
        filled(gone),
        filled(abroad, number="99998"),
        filled(ken, family_name=ken.given_name),
    ]
    for guess in guesses:
        answer = browser.post(HAND, guess | {"step": "check"})
        assert answer.status_code == 422
        assert "けん" not in text(answer)
        answers.add("会員番号と苗字が合いません" in text(answer))
    assert answers == {True}
    for _ in range(TRIES_A_DAY - len(guesses)):
        browser.post(HAND, guesses[0])
    stopped = browser.post(HAND, filled(ken))
    assert (stopped.status_code, "きょうは止めています" in text(stopped)) == (422, True)
    assert movements(ken.municipality_id) == []
    with tenant(ken.municipality_id):
        found = Act.objects.filter(action="handing_mismatched", subject_id=str(fumi.uid))
        assert (found.count(), {act.note for act in found}) == (TRIES_A_DAY, {""})
    # others are not stopped, and tomorrow is another day
    assert browser_of(ken).post(HAND, filled(fumi)).status_code == 302
    with clock.frozen(NOW + timedelta(hours=6)):
        assert browser.post(HAND, filled(ken)).status_code == 302


def test_what_matches_is_no_try(browser_of, pair):
    fumi, ken = pair
    browser = browser_of(fumi)
    for number in (ken.number, ken.number.removeprefix("M-"), f" m-{ken.number[2:]} "):
        for name in ("春風", "ハルカゼ", "はるかぜ", "ﾊﾙｶｾﾞ", " 春 風 "):
            sent = filled(ken, number=number, family_name=name, step="check")
            assert "春風さんに渡します" in text(browser.post(HAND, sent)), (number, name)
    with tenant(ken.municipality_id):
        assert not Act.objects.filter(action="handing_mismatched").exists()


def test_a_carer_s_gift_is_for_carers(browser_of, towns):
    document = preset("gratitude").replace(
        'use = "help"', 'use = "help"\n\n[[uses]]\nuse = "gift_to_carer"'
    )
    install(towns.midori.id, "gratitude", document=document)
    fumi, ken = (make_supporter(towns.midori.id, who) for who in (FUMI, KEN))
    carer = make_carer(towns.midori.id)
    stand(fumi)
    record(fumi, "gratitude", date(2026, 4, 6), activity="any", host="")
    path = "/me/points/gratitude/hand/"
    browser = browser_of(fumi)
    refused = browser.post(path, filled(ken, use="gift_to_carer", amount="1"))
    assert (refused.status_code, "この使いみちでは渡せません" in text(refused)) == (422, True)
    sent = filled(carer, use="gift_to_carer", amount="1")
    assert browser.post(path, sent).status_code == 302
    assert stands(carer, "gratitude") == (1, 0)


def test_who_has_nothing_and_where_nothing_is_handed_on(browser_of, pair, towns):
    fumi, ken = pair
    for code in ("ticket", "paid-passbook", "yokohama"):
        install(towns.midori.id, code)
    browser = browser_of(fumi)
    page = browser.get("/me/points/ticket/hand/")
    assert "使える分がたまると、渡せます" in text(page)
    assert '<form class="stack' not in page.content.decode()
    for path in (
        *("/me/points/paid-passbook/hand/", "/me/points/yokohama/hand/"),
        *("/me/points/nothing/hand/", "/me/points/nothing/start/"),
    ):
        assert is_lost(browser, browser.get(path)) or path.endswith("start/")
        assert is_lost(browser, browser.post(path, filled(ken)))
    none = browser.post("/me/points/ticket/start/")
    assert (none.status_code, "はじめの分がありません" in text(none)) == (409, True)
    assert movements(fumi.municipality_id) == []


def test_visitors_and_people_of_another_town_hand_nothing(browser_of, client, pair, towns):
    fumi, ken = pair
    abroad = browser_of(make_supporter(towns.kita.id, JUN))
    for path in (HAND, f"{ONE}start/"):
        assert client.post(path, filled(ken)).status_code == 302
        assert is_lost(abroad, abroad.post(path, filled(ken)))
    assert movements(fumi.municipality_id) == []


def test_papers_and_fees_are_seen_on_the_programme_s_page(browser_of, towns):
    fees = '\n[[fees]]\nname = "年会費"\nyen = 1200\neach = "year"\n'
    install(towns.midori.id, "ticket", document=preset("ticket") + fees)
    fumi = make_supporter(towns.midori.id, FUMI)
    officer = make_officer(towns.midori.id)
    browser = browser_of(fumi)
    page = text(browser.get("/me/points/ticket/"))
    assert "年会費（1,200円）2026年度の分まだ" in page and "で受け取っています" in page
    with tenant(towns.midori.id):
        common = {"programme_code": "ticket", "person": fumi, "by": officer}
        services.units_buy(uid=new_id(), amount=2, reference="31", **common)
        services.papers_print(uid=new_id(), amount=2, **common)
        services.paper_take_in(uid=new_id(), token_or_number="2", **common)
        services.fee_pay(
            uid=new_id(), name="年会費", fiscal_year=2026, reference="領収 9", **common
        )
    page = text(browser.get("/me/points/ticket/"))
    assert "年会費（1,200円）2026年11月20日。番号領収9受け取りました" in page
    assert "紙の券2番が入りました11月20日（金）18時事務局で受け取った券です。＋1枚" in page
    assert "紙の券にしました11月20日（金）18時券をもってきた会員の分になります。−2枚" in page
