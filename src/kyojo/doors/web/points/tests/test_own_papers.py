"""What members take with them as PDF: the stamp card as it stands, the passbook. Only their own."""

import io
from dataclasses import dataclass
from datetime import date

import pypdf
import pytest

from kyojo.civic.earnings.testing import install, record, stand
from kyojo.civic.earnings.tests.paid_cast import fill, pair, void, wallet, write_down
from kyojo.civic.people.testing import FUMI, JUN, make_carer, make_supporter
from kyojo.doors.web.points import own_papers
from kyojo.kernel import clock

pytestmark = pytest.mark.django_db
CARD, BOOK = "/me/points/paid-stamp-card/card.pdf", "/me/points/paid-stamp-card/book.pdf"


def words(answer) -> str:
    assert answer["Content-Type"] == "application/pdf", answer.content.decode()[:500]
    pages = pypdf.PdfReader(io.BytesIO(answer.content)).pages
    return "\n".join(page.extract_text() for page in pages)


def test_a_paid_card_has_the_stamps_that_are_there_now(towns, browser_of):
    fumi, ken = pair(towns.midori.id, "paid-stamp-card")
    fill(fumi, "paid-stamp-card", 12)
    helped = write_down(ken, fumi, "paid-stamp-card")
    browser = browser_of(fumi)
    assert f'href="{CARD}"' in browser.get("/me/points/paid-stamp-card/").content.decode()
    card = words(browser.get(CARD))
    assert "いまのスタンプ　10個" in card and fumi.name in card
    assert card.count("11/20") == 10 and "1個650円" in card
    # two came to the helper, who has a card of their own
    assert "いまのスタンプ　2個" in words(browser_of(ken).get(CARD))
    void(helped)
    assert wallet(ken, "paid-stamp-card") == 0
    assert "いまのスタンプ" not in words(browser_of(ken).get(CARD))
    assert words(browser.get(CARD)).count("11/20") == 12
    book = words(browser.get(BOOK))
    assert "購入" in book and "手伝いのお礼" in book and "訂正" in book


def test_a_counted_card_is_the_members_own_and_never_kept(towns, browser_of):
    install(towns.midori.id, "inagi")
    fumi = make_supporter(towns.midori.id, FUMI)
    stand(fumi)
    record(fumi, "inagi", date(2026, 4, 6), hours=2)
    answer = browser_of(fumi).get("/me/points/inagi/card.pdf")
    assert words(answer).count("4/6") == 2
    assert "no-store" in answer["Cache-Control"]
    jun = make_supporter(towns.midori.id, JUN)
    other = browser_of(jun).get("/me/points/inagi/card.pdf")
    assert "4/6" not in words(other) and fumi.name not in words(other)


def test_time_is_kept_in_a_passbook_and_on_no_card(towns, browser_of):
    install(towns.midori.id, "time-deposit")
    fumi = make_supporter(towns.midori.id, FUMI)
    stand(fumi)
    record(fumi, "time-deposit", date(2026, 4, 6), hours=2)
    browser = browser_of(fumi)
    page = browser.get("/me/points/time-deposit/").content.decode()
    assert "book.pdf" in page and "card.pdf" not in page and "分カード" not in page
    assert browser.get("/me/points/time-deposit/card.pdf").status_code == 404
    assert "活動" in words(browser.get("/me/points/time-deposit/book.pdf"))


def test_who_has_no_card_is_given_none(client, towns, browser_of, fumi):
    assert client.get(BOOK)["Location"] == f"/login/?next={BOOK}"
    browser = browser_of(fumi)
    page = browser.get("/me/points/yokohama/").content.decode()
    assert "book.pdf" in page and "card.pdf" not in page
    assert browser.get("/me/points/yokohama/card.pdf").status_code == 404
    assert browser.get("/me/points/nothing/book.pdf").status_code == 404
    abroad = browser_of(make_carer(towns.kita.id))
    assert abroad.get("/me/points/yokohama/book.pdf").status_code == 404
    assert browser.post("/me/points/yokohama/book.pdf").status_code == 405


@dataclass
class Line:
    day: int
    change: int

    @property
    def at(self):
        return clock.at(date(2026, 11, self.day), 9)


def test_what_came_first_went_first():
    lines = [Line(4, 0), Line(3, 1), Line(2, -1), Line(1, 2)]
    days = own_papers.days_left(lines)  # type: ignore[arg-type]
    assert days == [date(2026, 11, 1), date(2026, 11, 3)]
