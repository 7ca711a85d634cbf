"""What an officer takes to the assembly, and what they are warned of before they publish."""

import io
from datetime import date

import docx
import pypdf
import pytest

from kyojo.civic.earnings.testing import install, record
from kyojo.civic.people.testing import make_officer
from kyojo.civic.programmes.rules.presets import preset

from .points_cast import CODE, KITA, MIDORI, elder, helped, text
from .test_points_rules import sent

pytestmark = pytest.mark.django_db
RULES = f"/desk/points/rules/{CODE}"


def pdf_text(content: bytes) -> str:
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)


@pytest.fixture
def two_versions(office):
    install(MIDORI, CODE)
    cheaper = preset(CODE).replace("units = 200", "units = 100")
    install(MIDORI, CODE, since=date(2027, 4, 1), document=cheaper)


def test_the_outline_and_the_table_of_old_and_new_are_given(office, two_versions):
    client = office.client(office.officer)
    made = client.get(f"{RULES}/1/outline.pdf")
    assert (made.status_code, made["Content-Type"]) == (200, "application/pdf")
    assert "8,000ポイント" in pdf_text(made.content).replace("\n", "")
    table = client.get(f"{RULES}/2/compared.pdf")
    words = pdf_text(table.content).replace("\n", "")
    assert "200ポイント" in words and "100ポイント" in words
    for address in (f"{RULES}/2/outline.docx", f"{RULES}/2/compared.docx"):
        answer = client.get(address)
        assert answer["Content-Disposition"].endswith('.docx"')
        assert docx.Document(io.BytesIO(answer.content)).element.body is not None
    page = text(client.get(f"{RULES}/?version=2"))
    assert f"{RULES}/2/compared.pdf" in page and "要綱（第2版）" in page


@pytest.mark.parametrize(
    "address", ["3/outline.pdf", "1/compared.pdf", "1/outline.exe", "1/outline.html"]
)
def test_papers_that_are_not_there_are_not_found(office, two_versions, address):
    assert office.client(office.officer).get(f"{RULES}/{address}").status_code == 404


def test_members_and_strangers_are_given_nothing(office, two_versions):
    for user in (None, office.cast.mother.user, office.cast.carer.user):
        assert office.client(user).get(f"{RULES}/1/outline.pdf").status_code == 404
    # and to the staff of the other town the programme is not there
    assert office.client(make_officer(KITA)).get(f"{RULES}/1/outline.pdf").status_code == 404


def test_before_publishing_an_officer_hears_what_to_look_at(office, two_versions):
    document = preset(CODE).replace("units = 200", "units = 2000")
    client = office.client(office.officer)
    answer = client.post(f"{RULES}/version/", sent(document, day=(2028, 4, 1)))
    assert "公開する前に、確かめてください" in text(answer)
    thanks = preset("gratitude")
    answer = client.post("/desk/points/rules/new/gratitude/", sent(thanks, day=(2026, 12, 1)))
    assert "公開する前に、確かめてください" not in text(answer)


def test_a_member_is_given_a_stamp_card_and_a_passbook(office):
    person = elder(office)
    install(MIDORI, "inagi")
    for n in range(3):
        record(person, "inagi", date(2026, 4, 6 + n), hours=2)
    helped(person, 2, since=date(2026, 5, 6))
    client = office.client(office.coordinator)
    page = text(client.get(f"/desk/points/members/{person.uid}/"))
    assert f"/desk/points/inagi/members/{person.uid}/card.pdf" in page
    card = client.get(f"/desk/points/inagi/members/{person.uid}/card.pdf")
    words = pdf_text(card.content)
    assert words.count("4/6") == words.count("4/7") == words.count("4/8") == 2
    assert card["Cache-Control"] == "no-store"
    book = pdf_text(client.get(f"/desk/points/{CODE}/members/{person.uid}/book.pdf").content)
    assert "400" in book and "活動" in book
    # 200 points a visit are not stamps
    assert client.get(f"/desk/points/{CODE}/members/{person.uid}/card.pdf").status_code == 404
    for user in (None, person.user, office.cast.carer.user):
        address = f"/desk/points/inagi/members/{person.uid}/book.pdf"
        assert office.client(user).get(address).status_code == 404
