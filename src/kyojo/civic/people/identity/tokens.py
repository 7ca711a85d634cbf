"""ID tokens and client assertions (OpenID Connect Core 3.1.3.7, RFC 7523). Pure: no Django, no
network.

What a token must say is fixed here: the algorithms are ours to choose and are all asymmetric, so
neither ``none`` nor a public key taken for a shared secret gets through.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, KeySet, RSAKey

#: Signatures of ID tokens that are believed. The provider signs with ES256.
ALGORITHMS = ("ES256", "RS256", "PS256")
#: How far the provider's clock and ours may be apart, and how old a token may be.
SKEW = timedelta(seconds=60)
OLDEST = timedelta(minutes=10)
ASSERTION_LIVES = timedelta(seconds=60)
TOKEN_MAX = 16_384
SUBJECT_MAX = 255
_KEY_TYPES = {"ES256": ECKey, "RS256": RSAKey, "PS256": RSAKey}
_HASHES = {"256": hashlib.sha256}


class TokenWrong(Exception):
    """The token is not to be believed; the message says why, and holds nothing of the token."""


class KeyUnknown(TokenWrong):
    """Signed with a key that the provider's set, as it was read, does not have."""


def header_of(token: str) -> tuple[str, str]:
    """(algorithm, key id) of a compact JWT. Raises ``TokenWrong`` for any that is not ours."""
    if len(token) > TOKEN_MAX or token.count(".") != 2:
        raise TokenWrong("not a compact token")
    try:
        header = jws.extract_compact(token.encode()).headers()
    except (JoseError, ValueError, UnicodeError) as error:
        raise TokenWrong("header cannot be read") from error
    algorithm, key_id = header.get("alg"), header.get("kid", "")
    if algorithm not in ALGORITHMS:
        raise TokenWrong("algorithm is not allowed")
    if not isinstance(key_id, str):
        raise TokenWrong("key id is no text")
    return str(algorithm), key_id


def key_for(keys: KeySet, algorithm: str, key_id: str) -> Key:
    """The one key of the set that may have signed. Raises ``KeyUnknown``."""
    fitting = [
        key
        for key in keys.keys
        if isinstance(key, _KEY_TYPES[algorithm])
        and (not key_id or key.kid == key_id)
        and key.get("use") in (None, "sig")
        and key.get("alg") in (None, algorithm)
        and (algorithm != "ES256" or key.get("crv") == "P-256")
    ]
    if len(fitting) != 1:
        raise KeyUnknown("no such key, or several")
    return fitting[0]


def id_token_claims(
    token: str,
    *,
    keys: KeySet,
    issuer: str,
    client_id: str,
    nonce: str,
    access_token: str,
    now: datetime,
) -> Mapping[str, Any]:
    """The claims of an ID token that this provider made for us, now and for this very question.

    Raises ``TokenWrong``, ``KeyUnknown``.
    """
    algorithm, key_id = header_of(token)
    key = key_for(keys, algorithm, key_id)
    try:
        claims = jwt.decode(token, key, algorithms=[algorithm]).claims
    except (JoseError, ValueError) as error:
        raise TokenWrong("signature does not hold") from error
    _who_checked(claims, issuer=issuer, client_id=client_id)
    _when_checked(claims, now)
    if not _same(claims.get("nonce"), nonce):
        raise TokenWrong("nonce is another")
    at_hash = claims.get("at_hash")
    if at_hash is not None and not _same(at_hash, half_hash(access_token, algorithm)):
        raise TokenWrong("access token is another")
    return claims


def _who_checked(claims: Mapping[str, Any], *, issuer: str, client_id: str) -> None:
    if not _same(claims.get("iss"), issuer):
        raise TokenWrong("issuer is another")
    audience = claims.get("aud")
    several = audience if isinstance(audience, list) else [audience]
    if client_id not in several:
        raise TokenWrong("made for somebody else")
    if (len(several) > 1 or "azp" in claims) and not _same(claims.get("azp"), client_id):
        raise TokenWrong("handed to somebody else")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_MAX:
        raise TokenWrong("names nobody")


def _when_checked(claims: Mapping[str, Any], now: datetime) -> None:
    made, ends = (_moment(claims.get(name)) for name in ("iat", "exp"))
    at, skew = now.timestamp(), SKEW.total_seconds()
    if ends <= at - skew:
        raise TokenWrong("expired")
    if made > at + skew:
        raise TokenWrong("of the future")
    if made < at - skew - OLDEST.total_seconds():
        raise TokenWrong("too old")
    if "nbf" in claims and _moment(claims["nbf"]) > at + skew:
        raise TokenWrong("not yet in force")


def _moment(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenWrong("a moment is no number")
    return float(value)


def _same(told: object, ours: str) -> bool:
    return isinstance(told, str) and hmac.compare_digest(told.encode(), ours.encode())


def half_hash(value: str, algorithm: str) -> str:
    """``at_hash``: the left half of the hash, in base 64."""
    digest = _HASHES[algorithm[-3:]](value.encode()).digest()
    return _base64(digest[: len(digest) // 2])


def challenge(verifier: str) -> str:
    """The S256 challenge of PKCE (RFC 7636)."""
    return _base64(hashlib.sha256(verifier.encode()).digest())


def _base64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def client_assertion(
    *, client_id: str, audience: str, key: Key, now: datetime, token_id: str
) -> str:
    """Who we are towards the provider (``private_key_jwt``), for a minute and once."""
    header = {"alg": signing_algorithm(key)}
    if key.kid:
        header["kid"] = key.kid
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "jti": token_id,
        "iat": int(now.timestamp()),
        "exp": int((now + ASSERTION_LIVES).timestamp()),
    }
    return jwt.encode(header, claims, key, algorithms=[header["alg"]])


def signing_algorithm(key: Key) -> str:
    """Raises ``ValueError`` for a key that is neither RSA nor on P-256, or not a private one."""
    if not getattr(key, "is_private", False):
        raise ValueError("the key is not a private one")
    if isinstance(key, RSAKey):
        return "RS256"
    if isinstance(key, ECKey) and key.get("crv") == "P-256":
        return "ES256"
    raise ValueError("the key is neither RSA nor on P-256")
