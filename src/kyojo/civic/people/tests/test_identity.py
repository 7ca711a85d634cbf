"""Identity by the authentication app, against a real provider on loopback, and attacks on it."""

import base64
import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import selectors, services
from kyojo.civic.people.errors import (
    ClashClosed,
    ConsentMissing,
    IdentityAskOver,
    IdentityCancelled,
    IdentityDiffers,
    IdentityDown,
    IdentityFailed,
    IdentityOff,
    IdentityTaken,
    IdentityTooOften,
)
from kyojo.civic.people.identity import provider as speaking
from kyojo.civic.people.models import (
    Act,
    IdentityAsk,
    IdentityClash,
    IdentityMark,
    Notice,
    Person,
    TrustCheck,
)
from kyojo.civic.people.testing import JUN, MINAMI, make_officer, make_supporter
from kyojo.civic.people.trust_selectors import clashes_open
from kyojo.kernel import clock

from .loopback_provider import CLIENT, LoopbackProvider, provider_running

pytestmark = pytest.mark.django_db
BACK = "http://testserver/me/identity/back/"


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    folder = tmp_path_factory.mktemp("identity")
    with provider_running(folder, BACK) as provider:
        yield provider, folder


@pytest.fixture
def app(running, settings):
    provider, folder = running
    settings.IDENTITY_ISSUER = provider.issuer
    settings.IDENTITY_CLIENT_ID = CLIENT
    settings.IDENTITY_KEY_FILE = str(folder / "client.pem")
    settings.IDENTITY_KEY_ID = "own"
    speaking.forget_all()
    fresh = LoopbackProvider(provider.issuer, provider.server)
    for name in ("user", "card", "answers", "asked", "refuses", "is_down"):
        setattr(provider, name, getattr(fresh, name))
    return provider


@pytest.fixture
def minami(towns) -> Person:
    person = make_supporter(towns.kita.id, MINAMI, identity=False)
    with tenant(towns.kita.id):
        services.consent_give(person=person, kind="identity")
    return person


def there_and_back(person: Person) -> tuple[dict[str, str], dict[str, str]]:
    """(what the session keeps, what the address of the way back says)."""
    services.consent_ensure(person=person, kind="identity")
    url, pending = services.identity_begin(person=person, redirect_uri=BACK)
    answer = httpx.get(url)
    assert answer.status_code == 302
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    return pending, {name: query.get(name, [""])[0] for name in ("state", "code", "error", "iss")}


def finish(person, pending, back, **other) -> TrustCheck:
    given = {"state": back["state"], "code": back["code"], "error": back["error"]} | other
    return services.identity_finish(
        person=person, pending=pending, redirect_uri=BACK, issuer=back["iss"], **given
    )


def nothing_checked(person: Person) -> bool:
    return not TrustCheck.objects.filter(person=person).exists() and not (
        IdentityMark.objects.filter(person=person).exists()
    )


def test_a_card_that_agrees_checks_the_person_and_leaves_a_hash_only(towns, minami, app, caplog):
    with tenant(towns.kita.id):
        check = finish(minami, *there_and_back(minami))
        assert (check.kind, check.method, check.checked_by) == (
            "identity",
            "デジタル認証アプリ",
            None,
        )
        assert selectors.trust_checks_of(minami) == [check]
        told = app.asked[0]
        assert told["client_assertion_type"].endswith("jwt-bearer") and told["code_verifier"]
        stored = json.dumps(list(IdentityMark.objects.values()), default=str)
        stored += json.dumps(list(IdentityAsk.objects.values()), default=str)
        stored += json.dumps(list(Act.objects.values()), default=str)
        for secret in ("1982", "青空", "みほん町", told["code"], told["code_verifier"]):
            assert secret not in stored and secret not in caplog.text
        again = finish(minami, *there_and_back(minami))  # the same card, renewed
        assert again.pk == check.pk and IdentityMark.objects.count() == 1


def test_what_differs_is_said_without_saying_what_the_card_says(towns, minami, app):
    app.card |= {"birthdate": "1982-05-15", "address": {"formatted": "よそ県よその市1-1"}}
    with tenant(towns.kita.id):
        with pytest.raises(IdentityDiffers) as refused:
            finish(minami, *there_and_back(minami))
        assert refused.value.message().startswith("カードと登録の生年月日と住所がちがいます")
        assert nothing_checked(minami)
        assert Act.objects.filter(action="identity_refused").count() == 1
        app.card |= {"birthdate": "1982-05-14", "address": None}
        assert finish(minami, *there_and_back(minami)).kind == "identity"


def test_one_card_cannot_stand_for_two_members_and_the_office_decides(towns, minami, app):
    with tenant(towns.kita.id):
        finish(minami, *there_and_back(minami))
    twin = make_supporter(towns.kita.id, JUN, identity=False)
    officer = make_officer(towns.kita.id)
    with tenant(towns.kita.id):
        services.person_update(
            person=twin, family_name="青空", given_name="みなみ", birth_date=MINAMI.birth_date
        )
        for _ in range(2):  # trying again makes no second case
            with pytest.raises(IdentityTaken):
                finish(twin, *there_and_back(twin))
        assert nothing_checked(twin)
        [clash] = clashes_open()
        assert (clash.person, clash.other) == (twin, minami)
        services.identity_clash_close(clash_id=clash.pk, outcome="other", by=officer)
        with pytest.raises(ClashClosed):
            services.identity_clash_close(clash_id=clash.pk, outcome="same", by=officer)
        assert selectors.trust_checks_of(minami) == []
        assert {one.person for one in Notice.objects.filter(kind__contains="tity_clash")} == {twin}
        assert finish(twin, *there_and_back(twin)).person == twin
    # In another town the provider's name of the card is no key to this one.
    other = make_supporter(towns.midori.id, MINAMI, identity=False)
    with tenant(towns.midori.id):
        assert finish(other, *there_and_back(other)).person == other
        assert not IdentityClash.objects.exists()


def test_the_way_back_belongs_to_one_session_once_and_not_for_long(towns, minami, app):
    with tenant(towns.kita.id):
        pending, back = there_and_back(minami)
        for wrong in (
            (None, back),
            (pending, back | {"state": back["state"] + "x"}),
            (pending, back | {"state": ""}),
            (pending | {"uid": "somebody"}, back),
        ):
            with pytest.raises(IdentityAskOver):
                finish(minami, *wrong)
        assert app.asked == []  # the provider was not even asked
        finish(minami, pending, back)
        with pytest.raises(IdentityAskOver):
            finish(minami, pending, back)
        pending, back = there_and_back(minami)
        with clock.frozen(clock.now() + timedelta(minutes=16)), pytest.raises(IdentityAskOver):
            finish(minami, pending, back)


def test_a_code_of_another_session_does_not_pass_pkce(towns, minami, app):
    jun = make_supporter(towns.kita.id, JUN, identity=False)
    with tenant(towns.kita.id):
        _, stolen = there_and_back(jun)
        pending, back = there_and_back(minami)
        with pytest.raises(IdentityFailed):
            finish(minami, pending, back | {"code": stolen["code"]})
        pending, back = there_and_back(minami)
        with pytest.raises(IdentityFailed):
            finish(minami, pending, back | {"iss": "https://evil.example.jp"})
        pending, back = there_and_back(minami)
        with pytest.raises(IdentityFailed):  # made for another question
            finish(minami, pending | {"nonce": "another"}, back)
        assert nothing_checked(minami)


def unsigned(token: str, app: LoopbackProvider) -> str:
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    return f"{head}.{token.split('.')[1]}."


def by_public_key(token: str, app: LoopbackProvider) -> str:
    """HS256 with the public key as its secret: the classic confusion."""
    public = json.dumps(app.jwks()["keys"][0]).encode()
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(public), algorithms=["HS256"])


def by_another_key(token: str, app: LoopbackProvider) -> str:
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    own = app.jwks()["keys"][0]["kid"]
    key = ECKey.generate_key("P-256", private=True)
    return jwt.encode({"alg": "ES256", "kid": own}, claims, key, algorithms=["ES256"])


def cut(token: str, app: LoopbackProvider) -> str:
    head, body, sign = token.split(".")
    return f"{head}.{body[:-4]}AAAA.{sign}"


def claims(**changes):
    return lambda token, app: app.signed_anew(token, **changes)


ATTACKS = {
    "no signature": unsigned,
    "a shared secret": by_public_key,
    "a key of their own": by_another_key,
    "changed on the way": cut,
    "for another client": claims(aud="RP00000002"),
    "for several": claims(aud=[CLIENT, "RP00000002"]),
    "handed to another": claims(azp="RP00000002"),
    "of another issuer": claims(iss="https://evil.example.jp"),
    "expired": claims(exp=1_600_000_000),
    "without an end": claims(exp=None),
    "of long ago": claims(iat=1_600_000_000),
    "of the future": claims(iat=4_000_000_000, exp=4_000_000_600),
    "of another question": claims(nonce="another"),
    "without a nonce": claims(nonce=None),
    "of another access token": claims(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
    "about nobody": claims(sub=None),
    "about somebody else": claims(sub="somebody-else"),
    "by an unknown key": lambda token, app: app.signed_anew(token, header={"kid": "unknown"}),
    "no token at all": lambda token, app: "x",
    "a very long one": lambda token, app: token + "A" * 20_000,
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_a_token_that_is_not_to_be_believed_checks_nobody(towns, minami, app, attack):
    app.answers["token"] = lambda told: told | {"id_token": attack(told["id_token"], app)}
    with tenant(towns.kita.id):
        with pytest.raises(IdentityFailed):
            finish(minami, *there_and_back(minami))
        assert nothing_checked(minami)


def test_a_token_signed_anew_without_a_change_passes(towns, minami, app):
    """The attacks above fail for what they change, not for how the tests sign."""
    app.answers["token"] = lambda told: told | {"id_token": app.signed_anew(told["id_token"])}
    with tenant(towns.kita.id):
        assert finish(minami, *there_and_back(minami)).kind == "identity"


@pytest.mark.parametrize(
    ("answers", "refused"),
    [
        (
            {"configuration": lambda told: told | {"issuer": "https://evil.example.jp"}},
            IdentityDown,
        ),
        (
            {"configuration": lambda told: told | {"authorization_endpoint": "http://10.0.0.1/"}},
            IdentityDown,
        ),
        ({"configuration": lambda told: b"[" * 10}, IdentityDown),
        ({"configuration": lambda told: b'{"a":"' + b"a" * 300_000 + b'"}'}, IdentityDown),
        ({"configuration": lambda told: b"[1]"}, IdentityDown),
    ],
)
def test_a_configuration_that_leads_elsewhere_is_not_followed(towns, minami, app, answers, refused):
    app.answers |= answers
    with tenant(towns.kita.id), pytest.raises(refused):
        services.identity_begin(person=minami, redirect_uri=BACK)


@pytest.mark.parametrize(
    ("answers", "refused"),
    [
        (
            {"configuration": lambda told: told | {"token_endpoint": "http://10.0.0.1/"}},
            IdentityDown,
        ),
        ({"configuration": lambda told: told | {"userinfo_endpoint": "x"}}, IdentityDown),
        ({"jwks": lambda told: {"keys": "none"}}, IdentityDown),
        (
            {"jwks": lambda told: {"keys": [{"kty": "EC"}, {"kty": "oct", "k": "AAAA"}]}},
            IdentityFailed,
        ),
        ({"token": lambda told: {"access_token": 1}}, IdentityFailed),
        ({"userinfo": lambda told: told | {"sub": "somebody-else"}}, IdentityFailed),
        ({"userinfo": lambda told: {"sub": told["sub"]}}, IdentityFailed),
        ({"userinfo": lambda told: told | {"birthdate": "1982"}}, IdentityFailed),
        ({"userinfo": lambda told: told | {"address": [1]}}, IdentityFailed),
    ],
)
def test_answers_that_make_no_sense_check_nobody(towns, minami, app, answers, refused):
    app.answers |= answers
    with tenant(towns.kita.id):
        with pytest.raises(refused):
            finish(minami, *there_and_back(minami))
        assert nothing_checked(minami)


def test_a_provider_that_is_down_or_a_person_who_says_no(towns, minami, app):
    with tenant(towns.kita.id):
        app.refuses = True
        with pytest.raises(IdentityCancelled):
            finish(minami, *there_and_back(minami))
        app.refuses = False
        pending, back = there_and_back(minami)
        app.is_down = True
        with pytest.raises(IdentityDown):
            finish(minami, pending, back)
        speaking.forget_all()
        with pytest.raises(IdentityDown):
            services.identity_begin(person=minami, redirect_uri=BACK)
        app.is_down = False
        finish(minami, *there_and_back(minami))


def test_a_key_that_turned_is_found_once_the_set_is_read_again(towns, minami, app, monkeypatch):
    with tenant(towns.kita.id):
        finish(minami, *there_and_back(minami))  # the keys are known now
        app.keys_rotate()
        with pytest.raises(IdentityFailed):  # read a moment ago, so not again yet
            finish(minami, *there_and_back(minami))
        monkeypatch.setattr(speaking, "AGAIN_SECONDS", 0.0)
        assert finish(minami, *there_and_back(minami)).kind == "identity"


def test_without_settings_nothing_is_offered_and_trying_too_often_waits(
    towns, minami, app, settings, tmp_path
):
    with tenant(towns.kita.id):
        for _ in range(6):
            services.identity_begin(person=minami, redirect_uri=BACK)
        with pytest.raises(IdentityTooOften):
            services.identity_begin(person=minami, redirect_uri=BACK)
        with clock.frozen(clock.now() + timedelta(days=2)):
            assert services.identity_asks_purge() == 6
        assert services.identity_by_app_offered()
        broken = tmp_path / "broken.pem"
        broken.write_text("-----BEGIN PRIVATE KEY-----")
        for wrong in (
            {"IDENTITY_ISSUER": ""},
            {"IDENTITY_ISSUER": "http://auth.example.jp"},
            {"IDENTITY_ISSUER": "https://user@auth.example.jp"},
            {"IDENTITY_KEY_FILE": "/nowhere"},
            {"IDENTITY_KEY_FILE": str(broken)},
        ):
            before = {name: getattr(settings, name) for name in wrong}
            for name, value in wrong.items():
                setattr(settings, name, value)
            assert not services.identity_by_app_offered()
            with pytest.raises(IdentityOff):
                services.identity_begin(person=minami, redirect_uri=BACK)
            for name, value in before.items():
                setattr(settings, name, value)


def test_without_the_consent_nothing_is_asked_and_taking_it_back_ends_what_was_found(
    towns, minami, app
):
    with tenant(towns.kita.id):
        pending, back = there_and_back(minami)
        services.consent_take_back(person=minami, kind="identity")
        with pytest.raises(ConsentMissing):
            services.identity_begin(person=minami, redirect_uri=BACK)
        with pytest.raises(ConsentMissing):
            finish(minami, pending, back)
        check = finish(minami, *there_and_back(minami))
        assert services.identity_forget(person=minami, reason="やめたため")
        assert not services.identity_forget(person=minami, reason="やめたため")
        check.refresh_from_db()
        assert (check.withdrawn_at is not None, check.withdrawn_reason) == (True, "やめたため")
        assert not IdentityMark.objects.exists()
