"""Nothing under /desk/ opens by a mailed link alone: every address, however it is asked for."""

import re
import time
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Act, User
from kyojo.civic.people.testing import make_carer, make_officer
from kyojo.civic.programmes.models import Issuance
from kyojo.doors.web.testing import sign_in
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db
BACKEND = "sesame.backends.ModelBackend"


def desk_addresses(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    """Every address under /desk/, with made-up ids."""
    for entry in (resolver or get_resolver("kyojo.urls")).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from desk_addresses(entry, route)
        elif isinstance(entry, URLPattern) and route.startswith("desk/"):
            yield "/" + re.sub(r"<(?:(\w+):)?\w+>", filled, route)


def filled(match: re.Match[str]) -> str:
    return {"uuid": str(new_id()), "int": "990027", "slug": "start"}.get(match[1] or "", "x")


def marked(client: Client, *records: dict[str, object]) -> Client:
    session = client.session
    session["account_authentication_methods"] = list(records)
    session.save()
    return client


@pytest.fixture
def officer(towns) -> User:
    return make_officer(towns.kita.id)


def test_a_login_without_a_second_factor_gets_nowhere_at_the_desk(towns, officer):
    client = Client()
    client.force_login(officer, backend=BACKEND)
    addresses = list(desk_addresses())
    assert len(addresses) > 100
    with tenant(towns.kita.id):
        before = Act.objects.count()
    file = {"file": SimpleUploadedFile("a.csv", b"x")}
    for address in addresses:
        for answer in (
            client.get(address),
            client.get(address + "?format=xlsx"),
            client.head(address),
            client.post(address, {"amount": "1"}),
            client.post(address, {"file": file["file"]}),
        ):
            assert answer.status_code == 302, (address, answer.request["REQUEST_METHOD"])
            assert answer["Location"].startswith("/security/set-up/?next="), address
        part = client.get(address, headers={"HX-Request": "true"})
        assert part["HX-Redirect"].startswith("/security/second/"), address
        assert part.content == b""
    with tenant(towns.kita.id):
        assert Act.objects.count() == before


@pytest.mark.parametrize(
    "record",
    [
        {"method": "link", "reauthenticated": True},
        {"method": "password"},
        {"method": "demo"},  # counts in a demo town only
        {"method": "mfa", "type": "totp", "hours": 13},
    ],
    ids=str,
)
def test_what_does_not_count_as_a_second_factor(officer, record):
    client = sign_in(Client(), officer)
    assert client.get("/desk/").status_code == 200
    hours = record.get("hours", 0)
    marked(client, record | {"at": time.time() - int(str(hours)) * 3600})
    assert client.get("/desk/")["Location"] == "/security/set-up/?next=%2Fdesk%2F"


def test_anothers_second_factor_does_not_count(towns, officer):
    client = sign_in(Client(), officer)
    other = make_officer(towns.kita.id, "other")
    session = client.session
    session["account_authentication_methods_user"] = str(other.pk)
    session.save()
    assert client.get("/desk/").status_code == 302


def test_in_a_demo_town_being_somebody_is_enough(officer, settings):
    settings.DEMO = True
    client = marked(sign_in(Client(), officer), {"method": "demo", "at": time.time() - 10**7})
    assert client.get("/desk/").status_code == 200
    assert client.get("/desk/members/?format=csv").status_code == 200


@pytest.mark.parametrize(
    ("method", "address", "sent"),
    [
        ("get", "/desk/members/?format=xlsx", {}),
        ("get", "/desk/acts/?format=csv", {}),
        ("post", "/desk/coins/", {"amount": "100", "reason": "試験"}),
        ("post", f"/desk/coins/issue/{UUID(int=7)}/approve/", {}),
    ],
)
def test_what_cannot_be_undone_asks_again_after_a_while(towns, officer, method, address, sent):
    client = sign_in(Client(), officer)
    marked(client, {"method": "mfa", "type": "webauthn", "at": time.time() - 16 * 60})
    assert client.get("/desk/members/").status_code == 200
    answer = getattr(client, method)(address, sent)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/security/")
    with tenant(towns.kita.id):
        assert not Issuance.objects.exists()
        assert not Act.objects.filter(action="list_taken").exists()


def test_who_is_no_staff_finds_nothing_there(towns, client):
    client.force_login(make_carer(towns.kita.id).user, backend=BACKEND)
    nothing = client.get("/desk-nothing/").content
    for address in ("/desk/", "/security/second/", "/security/set-up/", "/security/recovery/"):
        answer = client.get(address)
        assert (answer.status_code, answer.content) == (404, nothing), address


def test_an_open_page_that_asks_for_alarms_is_not_led_away(officer):
    """Somebody may be typing on it; it says that alarms do not come any more."""
    client = sign_in(Client(), officer)
    marked(client, {"method": "mfa", "type": "webauthn", "at": time.time() - 13 * 3600})
    headers = {"HX-Request": "true", "HX-Target": "desk-alert"}
    answer = client.get(reverse("desk-safety-alert"), headers=headers)
    assert answer.status_code == 200 and "HX-Redirect" not in answer
    assert "/security/second/?next=" in answer.content.decode()
    assert "助けを求める知らせが、ここに出なくなりました" in answer.content.decode()
