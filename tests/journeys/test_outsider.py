"""Whoever is no part of a case gets the same answer as for what does not exist: every address that
the people concerned see, and every address of the site with their real ids, tried by another
carer, by another town's people and by a visitor, read and sent to."""

import re
from collections.abc import Iterator
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from kyojo.doors.ops import demo_check_stories as stories

pytestmark = pytest.mark.timeout(240)
INSIDERS = (stories.CARER, stories.SUPPORTER, stories.RECIPIENT)
DESK = "霧島 はる"
#: Another carer (of another town), a supporter who was not asked, an officer of no town of the
#: case's, and the other company's officer; None is a visitor.
OUTSIDERS = (
    "小春日 さと",
    pytest.param("夕凪 なお", marks=pytest.mark.slow),
    pytest.param("ひながた信用金庫の担当", marks=pytest.mark.slow),
    None,
)
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
CONVERTERS = re.compile(r"<(?:(\w+):)?(\w+)>")
NO_NUMBER = "999999999"
#: The town's programme of points.
POINTS = "genki"
#: Made for everybody: a receipt and a log have no person in them, pages of towns and companies are
#: public.
PUBLIC = ("/receipts/", "/town/", "/company/", "/log/")


def ids_of_the_case(site) -> dict[str, list[str]]:
    """Real ids of 青空 みなみ's cases, by what they are of."""
    queries = {
        "visit": "SELECT v.uid FROM support_visit v JOIN people_person p ON p.uid = v.carer_uid"
        " WHERE p.family_name = '青空' AND v.state IN ('scheduled', 'ended')",
        "request": "SELECT v.request_uid FROM support_visit v JOIN people_person p"
        " ON p.uid = v.carer_uid WHERE p.family_name = '青空' AND v.state IN ('scheduled','ended')",
        "offer": "SELECT v.offer_uid FROM support_visit v JOIN people_person p"
        " ON p.uid = v.carer_uid WHERE p.family_name = '青空' AND v.state IN ('scheduled','ended')",
        "place": "SELECT c.uid FROM people_careplace c JOIN people_person p ON p.id = c.carer_id"
        " WHERE p.family_name = '青空'",
        "person": "SELECT uid FROM people_person WHERE family_name IN ('青空', '春風')",
        "employment": "SELECT e.uid FROM organisations_employment e JOIN people_person p"
        " ON p.id = e.person_id WHERE p.family_name = '春風'",
        "distribution": "SELECT uid FROM people_distribution",
        "issuance": "SELECT uid FROM programmes_issuance",
        "clearing": "SELECT uid FROM programmes_clearingsettlement",
        "record": "SELECT uid FROM earnings_record ORDER BY id LIMIT 3",
        "redemption": "SELECT uid FROM earnings_redemption",
        "notice": "SELECT n.id FROM people_notice n JOIN people_person p ON p.id = n.person_id"
        " WHERE p.family_name = '青空' LIMIT 3",
    }
    with site.cursor() as cursor:
        return {
            name: sorted({str(found) for (found,) in cursor.execute(query)})
            for name, query in queries.items()
        }


def patterns(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    """Every address of the site that has an id in it, as its route."""
    for entry in (resolver or get_resolver("kyojo.urls")).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, route)
        elif isinstance(entry, URLPattern) and ("uuid:" in route or "<int:pk>" in route):
            yield "/" + route


#: What an id in an address is of: by its own name, else by how the address begins.
BY_NAME = {
    "offer_uid": "offer",
    "supporter_uid": "person",
    "supporter": "person",
    "person": "person",
}
BY_ADDRESS = {
    "/ask/": "request",
    "/requests/": "request",
    "/offers/": "offer",
    "/visits/": "visit",
    "/me/places/": "place",
    "/me/company/": "employment",
    "/me/blocks/": "person",
    "/me/news/": "notice",
    "/me/devices/": "notice",
    "/me/points/": "redemption",
    "/me/times/day/": "notice",
    "/workplace/": "employment",
    "/desk/requests/": "request",
    "/desk/visits/": "visit",
    "/desk/members/": "person",
    "/desk/coins/issue/": "issuance",
    "/desk/coins/distribute/": "distribution",
    "/desk/clearing/": "clearing",
    "/desk/points/members/": "person",
    "/desk/points/<slug:code>/members/": "person",
    "/desk/points/<slug:code>/records/": "record",
    "/desk/points/<slug:code>/applications/": "redemption",
    "/desk/points/<slug:code>/help/": "record",
    "/desk/points/<slug:code>/invoices/": "record",
    "/desk/points/<slug:code>/sales/": "record",
    "/desk/points/<slug:code>/papers/": "record",
    "/accounts/": "notice",
    # The demo town has none of these: what is there under another address is not under theirs.
    "/series/": "request",
    "/bundles/": "request",
    "/help/series/": "request",
    "/help/teams/": "request",
    "/c/": "person",
    "/town/": "request",
    "/desk/teams/": "request",
    "/desk/once/": "request",
    "/desk/looks/": "visit",
    "/desk/appeals/": "notice",
    "/appeals/": "visit",
    "/desk/checks/": "person",
    "/me/trust/": "notice",
    "/desk/buttons/": "person",
    "/desk/logins/": "request",
    "/messages/": "offer",
    "/report/": "visit",
    "/reports/": "request",
    "/groups/": "request",
    "/desk/cases/": "request",
    "/desk/suspensions/": "request",
    "/desk/talks/": "offer",
    "/desk/groups/": "request",
    "/desk/points/<slug:code>/shops/": "record",
    "/badges/": "person",
    "/me/badges/": "person",
    "/me/certificates/": "person",
    "/workplace/certificates/": "person",
    "/desk/badges/": "person",
    "/desk/safety/emergencies/": "visit",
    "/desk/safety/worries/": "visit",
    "/desk/safety/centres/": "visit",
    "/desk/safety/accidents/": "visit",
    "/desk/safety/oncall/": "visit",
    "/desk/safety/roster/": "visit",
    "/desk/safety/late/": "notice",
    "/me/family/": "visit",
    "/family/": "visit",
}


def filled(route: str, ids: dict[str, list[str]], nothing: str) -> Iterator[tuple[str, str]]:
    """(address with real ids, the same with ids of nothing) for one route, twice."""

    def kind(name: str) -> str:
        return BY_NAME.get(name) or next(
            kind for start, kind in BY_ADDRESS.items() if route.startswith(start)
        )

    for turn in (0, 1):

        def real(match: re.Match[str], turn: int = turn) -> str:
            if match[1] == "slug":
                return POINTS if "/points/" in route else "start"
            if match[1] == "int" and match[2] != "pk":
                return "990027"
            of_kind = ids[kind(match[2])]
            return of_kind[turn % len(of_kind)]

        def none(match: re.Match[str]) -> str:
            if match[1] == "uuid":
                return nothing
            return NO_NUMBER if match[2] == "pk" else real(match)

        yield CONVERTERS.sub(real, route), CONVERTERS.sub(none, route)


def answer_of(client: httpx.Client, site, path: str, *, token: str = "") -> tuple[int, str, str]:
    """Status, where it leads and the page, without what differs by itself."""
    if token:
        response = client.post(
            site.url + path, data={"csrfmiddlewaretoken": token}, headers={"Referer": site.url}
        )
    else:
        response = client.get(site.url + path)
    body = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", response.text)
    body = re.sub(r'"X-CSRFToken": ?"[^"]*"|nonce-[\w-]+', "", body.replace("&quot;", '"'))
    body = re.sub(r"\d{1,2}時(\d{1,2}分)?", "", body)  # the town's clock runs on between the two
    where = response.headers.get("location", "")
    return response.status_code, *(told_of(text, path) for text in (where, body))


def told_of(text: str, path: str) -> str:
    """``text`` without the address that was asked for, as it stands or quoted."""
    for form in (path, quote(path, safe="/"), quote(path, safe=""), path.replace("-", "\\u002D")):
        text = text.replace(form, "*")
    return UUID.sub("*", text)


@pytest.fixture(scope="module")
def addresses(shared_site) -> dict[str, str]:
    """Every address that must not exist for outsiders → the same address of nothing."""
    ids = ids_of_the_case(shared_site)
    assert all(ids.values()), {name: len(found) for name, found in ids.items()}
    nothing = str(uuid4())
    found = {real: none for route in patterns() for real, none in filled(route, ids, nothing)}
    from kyojo.doors.ops.demo_check_people import Stage

    stage = Stage(shared_site.url)
    for who in (*INSIDERS, DESK):
        walker = stage.be(who)
        for path in linked(walker):
            if UUID.search(path) and not path.startswith(PUBLIC):
                found[path] = UUID.sub(nothing, path)
    stage.close()
    return {real: none for real, none in found.items() if not real.startswith(PUBLIC)}


def linked(walker) -> set[str]:
    """Addresses linked or sent to from the pages one and two steps from the first page."""
    seen: set[str] = set()
    first = own_paths(walker)
    for path in sorted(first)[:40]:
        if path in ("/logout/", "/demo/"):
            continue
        walker._answered(walker.client.get(walker.base_url + path))
        seen |= own_paths(walker)
    return first | seen


def own_paths(walker) -> set[str]:
    found = [*walker.page.xpath("//a/@href"), *walker.page.xpath("//form/@action")]
    return {
        path.split("#")[0].split("?")[0] for path in found if path.startswith("/") and path != "/"
    }


@pytest.fixture
def digest(shared_site):
    """What all cases look like, to see that nothing changed."""

    def look() -> list[tuple]:
        with shared_site.cursor() as cursor:
            return [
                *cursor.execute(
                    "SELECT uid, municipality_id, state FROM support_visit ORDER BY 1, 2"
                ),
                *cursor.execute(
                    "SELECT uid, municipality_id, state FROM matching_offer ORDER BY 1, 2"
                ),
                *cursor.execute(
                    "SELECT uid, municipality_id, state FROM requests_helprequest ORDER BY 1, 2"
                ),
                *cursor.execute(
                    "SELECT uid, consent, holds FROM support_visit ORDER BY 1, 2::text"
                ),
                *cursor.execute("SELECT count(*) FROM ledger_transfer"),
                *cursor.execute("SELECT count(*) FROM people_trustcheck"),
                *cursor.execute("SELECT uid, state FROM earnings_redemption ORDER BY 1"),
                *cursor.execute("SELECT uid, void_at FROM earnings_record ORDER BY 1"),
                *cursor.execute("SELECT uid, state FROM organisations_employment ORDER BY 1"),
            ]

    return look


@pytest.mark.parametrize("who", OUTSIDERS)
def test_what_is_not_yours_does_not_exist(shared_site, people, addresses, digest, who) -> None:
    before = digest()
    stage = people(shared_site)
    walker = stage.be(who) if who else stage.visitor("通りすがり")
    walker.client.follow_redirects = False
    tokens = walker.page.xpath("//input[@name='csrfmiddlewaretoken']/@value")
    if not tokens:
        walker.follow("人と時計を変える")
        tokens = walker.page.xpath("//input[@name='csrfmiddlewaretoken']/@value")
    told: list[str] = []
    of_nothing: dict[tuple[str, str], tuple[int, str, str]] = {}
    for real, none in sorted(addresses.items()):
        for token in ("", tokens[0]):
            key = (none, token)
            if key not in of_nothing:
                of_nothing[key] = answer_of(walker.client, shared_site, none, token=token)
            answer = answer_of(walker.client, shared_site, real, token=token)
            if answer != of_nothing[key]:
                verb = "POST" if token else "GET"
                told.append(f"{verb} {real}: {answer[:2]}, nothing: {of_nothing[key][:2]}")
    assert len(addresses) > 100
    assert told == []
    assert digest() == before
