"""Open Badges 3.0 (1EdTech): what is signed, and how. Pure: no Django, no clock, no database.

A credential is an ``OpenBadgeCredential`` of the W3C data model 2.0, secured as a VC-JWT (§8.2):
RS256, a ``kid`` that leads to the key as a JWK, the credential itself as the claims, and with it
``iss``, ``jti``, ``nbf`` and ``sub``. Whether it was revoked is a bit in a Bitstring Status List.
"""

import base64
import gzip
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

ALGORITHM = "RS256"
KEY_BITS = 2048
VC_CONTEXT = "https://www.w3.org/ns/credentials/v2"
OB_CONTEXT = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
OB_SCHEMA = (
    "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
)
#: Bits of a status list: the least that the specification allows, so that no one bit stands out.
LIST_BITS = 131_072

Document = dict[str, Any]


@dataclass(frozen=True)
class Issuer:
    """Who vouches: a town. ``url`` is its profile's address and its id."""

    url: str
    name: str
    homepage: str
    phone: str = ""

    def document(self) -> Document:
        found: Document = {
            "id": self.url,
            "type": ["Profile"],
            "name": self.name,
            "url": self.homepage,
        }
        return found | ({"phone": self.phone} if self.phone else {})

    def profile(self) -> Document:
        """The profile as a document of its own."""
        return {"@context": [VC_CONTEXT, OB_CONTEXT], **self.document()}

    def key_url(self, kid: str) -> str:
        return f"{self.url}keys/{kid}"

    def list_url(self, number: int) -> str:
        return f"{self.url}status/{number}"

    def achievement_url(self, code: str) -> str:
        return f"{self.url}achievements/{code}/"


@dataclass(frozen=True)
class Result:
    """One figure of a certificate: what it is of, and the figure in words."""

    name: str
    value: str


def achievement_document(
    *,
    issuer: Issuer,
    code: str,
    name: str,
    description: str,
    criteria: str,
    kind: str = "CommunityService",
    image: bool = True,
    results: Sequence[Result] = (),
) -> Document:
    """An ``Achievement``; ``kind`` of the specification's achievement types."""
    url = issuer.achievement_url(code)
    found: Document = {
        "id": url,
        "type": ["Achievement"],
        "achievementType": kind,
        "creator": issuer.document(),
        "name": name,
        "description": description,
        "criteria": {"id": url, "narrative": criteria},
        "inLanguage": "ja",
    }
    if image:
        found["image"] = {"id": f"{url}image.svg", "type": "Image", "caption": name}
    if results:
        found["resultDescription"] = [
            {
                "id": f"{url}#r{number}",
                "type": ["ResultDescription"],
                "name": one.name,
                "resultType": "RawScore",
            }
            for number, one in enumerate(results, 1)
        ]
    return found


def credential_document(
    *,
    issuer: Issuer,
    url: str,
    name: str,
    subject_id: str,
    achievement: Document,
    valid_from: datetime,
    status: tuple[int, int],
    refresh_url: str,
    identity: Document | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    results: Sequence[Result] = (),
) -> Document:
    """An ``OpenBadgeCredential``, unsigned. ``status``: number of the list, index in it.
    ``subject_id`` names nobody; ``identity``: a hash by which the holder can prove to be meant."""
    subject: Document = {
        "id": subject_id,
        "type": ["AchievementSubject"],
        "achievement": achievement,
    }
    if identity is not None:
        subject["identifier"] = [identity]
    if since is not None and until is not None:
        subject |= {"activityStartDate": moment(since), "activityEndDate": moment(until)}
    if results:
        described = achievement["resultDescription"]
        subject["result"] = [
            {"type": ["Result"], "resultDescription": one["id"], "value": result.value}
            for one, result in zip(described, results, strict=True)
        ]
    number, index = status
    list_url = issuer.list_url(number)
    return {
        "@context": [VC_CONTEXT, OB_CONTEXT],
        "id": url,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": name,
        "issuer": issuer.document(),
        "validFrom": moment(valid_from),
        "awardedDate": moment(valid_from),
        "credentialSubject": subject,
        "credentialSchema": [{"id": OB_SCHEMA, "type": "1EdTechJsonSchemaValidator2019"}],
        "credentialStatus": {
            "id": f"{list_url}#{index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": str(index),
            "statusListCredential": list_url,
        },
        "refreshService": {"id": refresh_url, "type": "1EdTechCredentialRefresh"},
    }


def identity_of(mail: str, salt: str) -> Document:
    """An ``IdentityObject``: whoever knows the address and the salt can tell that it is meant."""
    digest = hashlib.sha256(f"{mail}{salt}".encode()).hexdigest()
    return {
        "type": "IdentityObject",
        "hashed": True,
        "identityHash": f"sha256${digest}",
        "identityType": "emailAddress",
        "salt": salt,
    }


def status_list_document(
    *, issuer: Issuer, number: int, revoked: Iterable[int], made_at: datetime, valid_until: datetime
) -> Document:
    """A ``BitstringStatusListCredential``, unsigned: the bits of ``revoked`` are set."""
    url = issuer.list_url(number)
    return {
        "@context": [VC_CONTEXT],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer.url,
        "validFrom": moment(made_at),
        "validUntil": moment(valid_until),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encoded_list(revoked),
        },
    }


def encoded_list(revoked: Iterable[int]) -> str:
    """The bits, the first one the highest of its byte; gzip, then base64url behind a ``u``."""
    bits = bytearray(LIST_BITS // 8)
    for index in revoked:
        bits[index // 8] |= 0x80 >> index % 8
    packed = gzip.compress(bytes(bits), mtime=0)
    return "u" + base64.urlsafe_b64encode(packed).decode().rstrip("=")


def moment(at: datetime) -> str:
    """Whole seconds, UTC."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


# --- keys and signatures --------------------------------------------------------------------------


def key_make() -> RSAKey:
    return RSAKey.generate_key(KEY_BITS)


def key_id(key: RSAKey) -> str:
    """The first letters of the key's thumbprint (RFC 7638)."""
    return key.thumbprint()[:16]


def key_public(key: RSAKey, url: str) -> Document:
    """The public key as a JWK: never a private part."""
    return {
        **{str(name): value for name, value in key.as_dict(private=False).items()},
        "kid": url,
        "alg": ALGORITHM,
        "use": "sig",
    }


def signed(document: Mapping[str, Any], *, key: RSAKey, key_url: str) -> str:
    """The credential as a compact JWS (VC-JWT)."""
    issuer = document["issuer"]
    claims = {
        **document,
        "iss": issuer["id"] if isinstance(issuer, Mapping) else issuer,
        "jti": document["id"],
        "nbf": _seconds(document["validFrom"]),
        "sub": document["credentialSubject"]["id"],
    }
    if "validUntil" in document:
        claims["exp"] = _seconds(document["validUntil"])
    header = {"alg": ALGORITHM, "typ": "JWT", "kid": key_url}
    return jwt.encode(header, claims, key, algorithms=[ALGORITHM])


def read(token: str, *, public: Mapping[str, Any]) -> Document:
    """The claims of one of our own tokens. Raises ``joserfc.errors.JoseError`` where the
    signature is not by ``public``."""
    key = RSAKey.import_key({name: public[name] for name in ("kty", "n", "e")})
    return dict(jwt.decode(token, key, algorithms=[ALGORITHM]).claims)


def enveloped(token: str) -> Document:
    """A signed token as a JSON document (VC data model 2.0, §4.13)."""
    return {
        "@context": VC_CONTEXT,
        "id": f"data:application/vc+jwt,{token}",
        "type": "EnvelopedVerifiableCredential",
    }


def _seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())
