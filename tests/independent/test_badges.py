"""Badges as the site serves them, checked by programs that share nothing with Kyojo's signing:
cryptojwt for the signature, openbadgeslib for all that Open Badges 3.0 asks, Go's own packages for
signature and revocation."""

import base64
import json
from datetime import UTC, datetime, timedelta
from zlib import crc32

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptojwt.exception import BadSignature
from cryptojwt.jwk.jwk import key_from_jwk_dict
from cryptojwt.jws.jws import JWS
from django.conf import settings
from openbadgeslib.verify import verify_badge

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.services import trust_check_record
from kyojo.civic.people.testing import make_officer, make_programme, make_supporter
from kyojo.help.recognition import services
from kyojo.help.recognition.models import Badge
from kyojo.kernel import clock

MIDORI = 990027


class Site:
    """A badge that its holder shows, on a real socket."""

    def __init__(self, url: str) -> None:
        self.url = url
        make_programme(MIDORI)
        self.officer = make_officer(MIDORI)
        self.holder = make_supporter(MIDORI)
        with tenant(MIDORI):
            trust_check_record(
                person=self.holder,
                kind="training",
                label="見守り講習",
                method="講習",
                by=self.officer,
            )
            [self.badge] = services.badges_award(people=[self.holder])
            services.badge_identity_set(person=self.holder, uid=self.badge.uid, has_identity=True)
            services.badge_public_set(person=self.holder, uid=self.badge.uid, is_public=True)
            services.sign_due()

    def fetch(self, url: str) -> httpx.Response:
        """What stands at an address of the credential, from this site's socket."""
        answer = httpx.get(self.url + url.removeprefix(settings.BASE_URL).split("#")[0])
        assert answer.status_code == 200, url
        return answer

    def token(self) -> str:
        return self.fetch(f"/badges/{self.badge.uid}/credential.jwt").text

    def baked(self, form: str) -> bytes:
        return self.fetch(f"/badges/{self.badge.uid}/credential.{form}").content

    def key(self) -> dict[str, str]:
        """Where the header says the key is."""
        head = json.loads(part(self.token(), 0))
        return self.fetch(head["kid"]).json()

    def revoke(self) -> None:
        with tenant(MIDORI):
            services.badge_revoke(uid=self.badge.uid, by=self.officer, reason="試験")
            services.sign_due()


def part(token: str, number: int) -> bytes:
    text = token.split(".")[number]
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def forged(token: str) -> str:
    """The same badge with another name in it."""
    head, body, signature = token.split(".")
    claims = json.loads(part(token, 1)) | {"name": "手伝い 1000回"}
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"{head}.{body}.{signature}"


@pytest.fixture
def site(towns, live_site) -> Site:
    with clock.frozen(datetime.now(UTC) - timedelta(hours=1)):
        return Site(live_site.url)


def test_cryptojwt_verifies_the_signature_and_refuses_a_forgery(site):
    key = key_from_jwk_dict(site.key())
    claims = JWS(alg="RS256").verify_compact(site.token(), keys=[key])
    assert claims["credentialSubject"]["achievement"]["name"] == "見守り講習を終えました"
    listed = site.fetch(claims["credentialStatus"]["statusListCredential"]).text
    assert JWS(alg="RS256").verify_compact(listed, keys=[key])["iss"] == claims["iss"]
    with pytest.raises(BadSignature):
        JWS(alg="RS256").verify_compact(forged(site.token()), keys=[key])


def swapped(picture: bytes, token: bytes, other: bytes) -> bytes:
    """The same picture with ``other`` baked in; a PNG's chunk gets its length and checksum anew."""
    start = picture.index(token)
    if not picture.startswith(b"\x89PNG"):
        return picture.replace(token, other)
    head = picture.rindex(b"iTXt", 0, start)
    chunk = picture[head:start] + other
    end = start + len(token) + 4
    length = (len(chunk) - 4).to_bytes(4, "big")
    return picture[: head - 4] + length + chunk + crc32(chunk).to_bytes(4, "big") + picture[end:]


@pytest.mark.parametrize("form", ["svg", "png"])
def test_openbadgeslib_verifies_the_baked_picture_and_hears_of_the_revocation(site, form):
    public = key_from_jwk_dict(site.key()).public_key()
    pem = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )

    def verified():
        return verify_badge(
            site.baked(form),
            pubkey_pem=pem,
            check_status=True,
            download=lambda url: site.fetch(url).content,
        )

    picture = site.baked(form)
    found = verified()
    assert (found.valid, found.trusted, found.proof_format) == (True, True, "vc-jwt"), found.reason
    assert found.credential.achievement.name == "見守り講習を終えました"
    lie = swapped(picture, site.token().encode(), forged(site.token()).encode())
    assert not verify_badge(lie, pubkey_pem=pem).valid
    site.revoke()
    again = verify_badge(
        picture,
        pubkey_pem=pem,
        check_status=True,
        download=lambda url: site.fetch(url).content,
    )
    assert not again.valid and "revocation" in again.reason


def test_go_verifies_badge_key_and_list_and_hears_of_the_revocation(site, verify, tmp_path):
    token = tmp_path / "badge.jwt"
    token.write_text(site.token())
    asked = ["badge", "-file", token, "-base", settings.BASE_URL, "-site", site.url]
    assert verify(*asked) == "ok 見守り講習を終えました\n"
    forgery = tmp_path / "forged.jwt"
    forgery.write_text(forged(site.token()))
    answer = verify("badge", "-file", forgery, "-base", settings.BASE_URL, "-site", site.url)
    assert answer.startswith("signature_wrong: ")
    site.revoke()
    assert verify(*asked).startswith("revoked: ")
    with tenant(MIDORI):
        services.issuer_key_replace(by=site.officer, is_compromised=True)
        assert Badge.objects.get().revoked_at is not None
    assert verify(*asked).startswith("missing: ")
