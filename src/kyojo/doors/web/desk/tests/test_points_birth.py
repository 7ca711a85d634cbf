"""A member's birth date is put right at the desk, and what they have follows."""

import pytest

from kyojo.civic.people.models import Person
from kyojo.civic.people.testing import make_officer
from kyojo.help.support.tests.cast import KITA

from .points_cast import acts, asked, available, elder, everything, helped, text

pytestmark = pytest.mark.django_db


def sent(year: int, **fields):
    names = ("birth_date_year", "birth_date_month", "birth_date_day")
    return dict(zip(names, (str(year), "5", "1"), strict=True)) | {"basis": "counter"} | fields


def path(person: Person) -> str:
    return f"/desk/points/members/{person.uid}/"


def test_a_birth_date_is_put_right_and_the_year_counted_anew(office):
    person = elder(office)
    helped(person, 2)
    client = office.client(office.coordinator)
    assert "生年月日を直す" in text(client.get(path(person)))
    page = text(client.post(f"{path(person)}birth/", sent(1980), follow=True))
    assert "ついた数を数えなおしました" in page and "もどせない分" not in page
    assert available(person) == 0
    (update,) = acts("person_update")
    assert (update.basis, update.note) == ("counter", "birth_date")
    assert len(acts("grants_recounted")) == 1
    client.post(f"{path(person)}birth/", sent(1980))
    assert len(acts("person_update")) == 1, "twice is once"


def test_what_was_used_is_said_on_the_page(office):
    person = elder(office)
    helped(person, 2)
    asked(person, 200)
    client = office.client(office.officer)
    page = text(client.post(f"{path(person)}birth/", sent(1980), follow=True))
    assert "数えなおしで、もどせない分" in page and "200ポイント" in page
    closing = text(client.get("/desk/points/yokohama/closing/2026/"))
    assert "もう使われた分は、もどせません" in closing


@pytest.mark.parametrize("fields", [{"birth_date_month": "13"}, {"basis": ""}, {"basis": "rumour"}])
def test_what_cannot_be_is_said_and_changes_nothing(office, fields):
    person = elder(office)
    helped(person, 2)
    before = everything()
    answer = office.client(office.officer).post(f"{path(person)}birth/", sent(1980) | fields)
    assert answer.status_code == 422 and "生年月日を直す" in text(answer)
    assert everything() == before and available(person) == 400


@pytest.mark.parametrize("who", ["a member", "another town"])
def test_members_and_other_towns_cannot(office, who):
    person = elder(office)
    helped(person, 2)
    user = office.cast.carer.user if who == "a member" else make_officer(KITA)
    before = everything()
    answer = office.client(user).post(f"{path(person)}birth/", sent(1980))
    assert answer.status_code in (403, 404)
    assert everything() == before and available(person) == 400
