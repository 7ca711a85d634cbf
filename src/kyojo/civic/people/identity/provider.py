"""Speaking with the provider: discovery, keys, tokens, user information.

Only the configured issuer is spoken to: by TLS (loopback excepted, for tests), at addresses of its
own host, without redirects, for seconds, and answers are read up to a limit. Nothing that it says
is logged or kept but its public configuration and keys.
"""

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import httpx
from django.conf import settings
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, KeySet, RSAKey

from kyojo.kernel import clock

from . import tokens

ANSWER_MAX_BYTES = 256 * 1024
TIMEOUT = httpx.Timeout(5.0, connect=3.0)
#: For how long the configuration and the keys are believed, and how soon they may be read again
#: because a token names a key that is not among them.
KEPT_SECONDS, AGAIN_SECONDS = 3600.0, 30.0
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class ProviderDown(Exception):
    """No answer, or none that makes sense. The message holds nothing of it."""


class ProviderRefused(Exception):
    """The provider does not take the code: it was used, is too old, or is not ours."""


class SettingWrong(Exception):
    """The settings of the provider cannot be used."""


@dataclass(frozen=True)
class Tokens:
    access_token: str
    id_token: str


@dataclass(frozen=True)
class Provider:
    """One provider and who we are to it."""

    issuer: str
    client_id: str
    key: Key
    scopes: str
    acr: str

    # --- the way there ---
    def authorization_url(self, *, redirect_uri: str, state: str, nonce: str, verifier: str) -> str:
        """Where the browser goes. Raises ``ProviderDown``."""
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": redirect_uri,
            "scope": self.scopes,
            "state": state,
            "nonce": nonce,
            "code_challenge": tokens.challenge(verifier),
            "code_challenge_method": "S256",
        }
        if self.acr:
            asked["acr_values"] = self.acr
        url = self._endpoint("authorization_endpoint")
        return f"{url}{'&' if '?' in url else '?'}{urlencode(asked)}"

    # --- the way back ---
    def claims(
        self, *, code: str, redirect_uri: str, nonce: str, verifier: str
    ) -> Mapping[str, Any]:
        """Who came back with ``code``: the ID token's claims with what the provider tells of them.

        Raises ``ProviderDown``, ``ProviderRefused``, ``tokens.TokenWrong``.
        """
        given = self._exchange(code=code, redirect_uri=redirect_uri, verifier=verifier)
        proven = self._proven(given, nonce)
        told = self._told(given.access_token)
        # Whoever the information is about must be whom the signed token names.
        if told.get("sub") != proven["sub"]:
            raise tokens.TokenWrong("information about somebody else")
        return {**told, "sub": proven["sub"]}

    def _exchange(self, *, code: str, redirect_uri: str, verifier: str) -> Tokens:
        url = self._endpoint("token_endpoint")
        answer = _asked(
            "POST",
            url,
            data={
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": redirect_uri,
                "client_id": self.client_id,
                "code_verifier": verifier,
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": tokens.client_assertion(
                    client_id=self.client_id,
                    audience=url,
                    key=self.key,
                    now=clock.now(),
                    token_id=str(uuid4()),
                ),
            },
        )
        access, identity = answer.get("access_token"), answer.get("id_token")
        if not isinstance(access, str) or not isinstance(identity, str):
            raise ProviderRefused("no tokens")
        return Tokens(access, identity)

    def _proven(self, given: Tokens, nonce: str) -> Mapping[str, Any]:
        def look(keys: KeySet) -> Mapping[str, Any]:
            return tokens.id_token_claims(
                given.id_token,
                keys=keys,
                issuer=self.issuer,
                client_id=self.client_id,
                nonce=nonce,
                access_token=given.access_token,
                now=clock.now(),
            )

        url = self._endpoint("jwks_uri")
        try:
            return look(_keys(url))
        except tokens.KeyUnknown:
            return look(_keys(url, again=True))

    def _told(self, access_token: str) -> Mapping[str, Any]:
        return _asked(
            "GET",
            self._endpoint("userinfo_endpoint"),
            headers={"Authorization": f"Bearer {access_token}"},
        )

    def _endpoint(self, name: str) -> str:
        """Raises ``ProviderDown`` where it is not one of the issuer's own host."""
        found = _discovered(self.issuer).get(name)
        if not isinstance(found, str) or _origin(found) != _origin(self.issuer):
            raise ProviderDown(f"{name} is not the issuer's own")
        return found


def provider() -> Provider | None:
    """The provider of the settings; None where none is set. Raises ``SettingWrong``."""
    if not settings.IDENTITY_ISSUER or not settings.IDENTITY_CLIENT_ID:
        return None
    issuer = settings.IDENTITY_ISSUER
    parts = urlsplit(issuer)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise SettingWrong("KYOJO_IDENTITY_ISSUER must begin with https://")
    if parts.query or parts.fragment or parts.username is not None:
        raise SettingWrong("KYOJO_IDENTITY_ISSUER is an address without a query or a login")
    return Provider(
        issuer=issuer,
        client_id=settings.IDENTITY_CLIENT_ID,
        key=_own_key(settings.IDENTITY_KEY_FILE, settings.IDENTITY_KEY_ID),
        scopes=settings.IDENTITY_SCOPES,
        acr=settings.IDENTITY_ACR,
    )


@lru_cache(maxsize=4)
def _own_key(path: str, key_id: str) -> Key:
    """Our private key: a PEM file, or a JWK. Raises ``SettingWrong``."""
    try:
        text = Path(path).read_text("utf-8")
    except OSError as error:
        raise SettingWrong("KYOJO_IDENTITY_KEY_FILE cannot be read") from error
    named = {"kid": key_id} if key_id else None
    for kind in (ECKey, RSAKey):
        try:
            raw = json.loads(text) if text.lstrip().startswith("{") else text
            key = kind.import_key(raw, named)
            tokens.signing_algorithm(key)
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        return key
    raise SettingWrong("KYOJO_IDENTITY_KEY_FILE holds no private key, RSA or on P-256")


# --- reading --------------------------------------------------------------------------------------


@dataclass
class _Kept:
    value: Any
    at: float


_kept: dict[str, _Kept] = {}
_reading = threading.Lock()


def forget_all() -> None:
    """Read the configuration and the keys anew at the next look."""
    with _reading:
        _kept.clear()


def _discovered(issuer: str) -> Mapping[str, Any]:
    def read() -> Mapping[str, Any]:
        found = _asked("GET", issuer.rstrip("/") + "/.well-known/openid-configuration")
        if found.get("issuer") != issuer:
            raise ProviderDown("the configuration is another issuer's")
        return found

    found: Mapping[str, Any] = _once_an_hour(issuer, read)
    return found


def _keys(url: str, *, again: bool = False) -> KeySet:
    def read() -> KeySet:
        told = _asked("GET", url).get("keys")
        if not isinstance(told, list):
            raise ProviderDown("no keys")
        keys = []
        for one in told:
            # A key of a kind that we do not know is not ours to refuse: others may need it.
            try:
                if isinstance(one, dict) and one.get("kty") in ("EC", "RSA"):
                    keys.append((ECKey if one["kty"] == "EC" else RSAKey).import_key(one))
            except (JoseError, ValueError, TypeError, KeyError):
                continue
        return KeySet(keys)

    found: KeySet = _once_an_hour(url, read, again=again)
    return found


def _once_an_hour(name: str, read: Any, *, again: bool = False) -> Any:
    with _reading:
        kept = _kept.get(name)
        age = time.monotonic() - kept.at if kept else KEPT_SECONDS
        if kept is None or age >= KEPT_SECONDS or (again and age >= AGAIN_SECONDS):
            _kept[name] = kept = _Kept(read(), time.monotonic())
        return kept.value


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def _asked(method: str, url: str, **given: Any) -> Mapping[str, Any]:
    """The JSON object that ``url`` answers. Raises ``ProviderDown``, ``ProviderRefused`` (a 4xx of
    a POST)."""
    try:
        with (
            httpx.Client(timeout=TIMEOUT, follow_redirects=False) as client,
            client.stream(
                method, url, **{"headers": {"Accept": "application/json"}, **given}
            ) as answer,
        ):
            body = bytearray()
            for part in answer.iter_bytes():
                body += part
                if len(body) > ANSWER_MAX_BYTES:
                    raise ProviderDown("the answer is too long")
    except httpx.HTTPError as error:
        raise ProviderDown(type(error).__name__) from None
    if method == "POST" and 400 <= answer.status_code < 500:
        raise ProviderRefused(f"status {answer.status_code}")
    if answer.status_code != 200:
        raise ProviderDown(f"status {answer.status_code}")
    try:
        found = json.loads(bytes(body))
    except ValueError:
        raise ProviderDown("the answer is no JSON") from None
    if not isinstance(found, dict):
        raise ProviderDown("the answer is no object")
    return found
