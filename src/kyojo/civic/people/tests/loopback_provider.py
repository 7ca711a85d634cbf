"""A real OpenID provider on loopback for the tests: authorization code, PKCE S256 required,
``private_key_jwt``, pairwise subjects. What it answers can be changed to try attacks.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import idpyoidc.server as oidc
from cryptojwt.jwk.ec import new_ec_key
from idpyoidc.message.oidc import TokenErrorResponse
from idpyoidc.server.oidc.authorization import Authorization
from idpyoidc.server.oidc.provider_config import ProviderConfiguration
from idpyoidc.server.oidc.token import Token
from idpyoidc.server.oidc.userinfo import UserInfo
from joserfc import jwt
from joserfc.jwk import ECKey

CLIENT = "RP00000001"
KEYS = [{"type": "EC", "crv": "P-256", "use": ["sig"]}]
MINAMI_CARD = {
    "name": "青空　みなみ",
    "birthdate": "1982-05-14",
    "address": {"formatted": "みほん県北ひなた市みほん町一丁目2番3号"},
}


@dataclass
class LoopbackProvider:
    """``card``: what the card of whoever comes says. ``answers``: endpoint → change of its
    answer. ``asked``: what was posted to the token endpoint. ``refuses``: the person says no."""

    issuer: str
    server: Any
    user: str = "card-1"
    card: dict[str, Any] = field(default_factory=lambda: dict(MINAMI_CARD))
    answers: dict[str, Callable[[dict[str, Any]], Any]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    refuses: bool = False
    is_down: bool = False

    # --- what the browser does ---
    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser is sent back to."""
        if self.refuses:
            return f"{query['redirect_uri']}?error=access_denied&state={query['state']}"
        endpoint = self.server.get_endpoint("authorization")
        self.server.context.authn_broker.db["card"]["method"].user = self.user
        self.server.context.userinfo.db[self.user] = self.card
        request = endpoint.parse_request(query)
        assert "error" not in request, request
        made = endpoint.process_request(request)
        done = endpoint.do_response(**made, request=request)
        return str(done["response"])

    # --- what the relying party asks ---
    def token(self, body: str) -> dict[str, Any]:
        endpoint = self.server.get_endpoint("token")
        request = endpoint.parse_request(body, http_info={"url": f"{self.issuer}/token"})
        if isinstance(request, TokenErrorResponse) or "error" in request:
            return {"error": request.get("error", "invalid_request")}
        made = endpoint.process_request(request)
        if "error" in made:
            return {"error": made["error"]}
        return dict(json.loads(endpoint.do_response(request=request, **made)["response"]))

    def userinfo(self, bearer: str) -> dict[str, Any]:
        endpoint = self.server.get_endpoint("userinfo")
        request = endpoint.parse_request({}, http_info={"headers": {"authorization": bearer}})
        made = endpoint.process_request(request)
        return dict(json.loads(endpoint.do_response(request=request, **made)["response"]))

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorization",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/jwks.json",
        }

    def jwks(self) -> dict[str, Any]:
        return dict(self.server.keyjar.export_jwks())

    def returns_to(self, uri: str) -> None:
        self.server.context.cdb[CLIENT]["redirect_uris"] = [(uri, {})]

    # --- attacks ---
    def signed_anew(
        self, token: str, *, header: dict[str, Any] | None = None, **changes: Any
    ) -> str:
        """The ID token with other claims, signed with the provider's own key."""
        claims = {**claims_of(token), **changes}
        own = self.server.keyjar.get_signing_key("EC", self.server.issuer) or (
            self.server.keyjar.get_signing_key("EC", "")
        )
        key = ECKey.import_key(own[0].serialize(private=True))
        head = {"alg": "ES256", "kid": own[0].kid, **(header or {})}
        kept = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(head, kept, key, algorithms=["ES256"])

    def keys_rotate(self) -> None:
        """A new signing key; the old one is gone."""
        issuer_keys = self.server.keyjar
        fresh = new_ec_key("P-256", use="sig", kid="turned")
        for owner in ("", self.server.issuer):
            if owner in issuer_keys.owners():
                for bundle in issuer_keys[owner]:
                    bundle._keys = [fresh]


def claims_of(token: str) -> dict[str, Any]:
    import base64

    part = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))


@contextmanager
def provider_running(folder: Path, redirect_uri: str) -> Iterator[LoopbackProvider]:
    """The provider in a thread; ``folder`` gets our private key as ``client.pem``."""
    key = ECKey.generate_key("P-256", {"kid": "own"}, private=True)
    (folder / "client.pem").write_bytes(key.as_pem(private=True))
    http = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    issuer = f"http://127.0.0.1:{http.server_port}"
    provider = LoopbackProvider(issuer, _server(issuer, redirect_uri, key))
    http.RequestHandlerClass = _handler(provider)
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def _server(issuer: str, redirect_uri: str, key: ECKey) -> Any:
    scopes = {one: [one] for one in ("name", "birthdate", "address")} | {"openid": ["sub"]}
    server = oidc.Server(
        {
            "issuer": issuer,
            "httpc_params": {"verify": False, "timeout": 1},
            "subject_types_supported": ["pairwise"],
            "key_conf": {"key_defs": KEYS},
            "scopes_to_claims": scopes,
            "endpoint": {
                "provider_config": {
                    "path": ".well-known/openid-configuration",
                    "class": ProviderConfiguration,
                    "kwargs": {},
                },
                "authorization": {"path": "authorization", "class": Authorization, "kwargs": {}},
                "token": {
                    "path": "token",
                    "class": Token,
                    "kwargs": {"client_authn_method": ["private_key_jwt"]},
                },
                "userinfo": {"path": "userinfo", "class": UserInfo, "kwargs": {}},
            },
            "authentication": {
                "card": {
                    "acr": "aal3",
                    "class": "idpyoidc.server.user_authn.user.NoAuthn",
                    "kwargs": {"user": "card-1"},
                }
            },
            "userinfo": {"class": "idpyoidc.server.user_info.UserInfo", "kwargs": {"db": {}}},
            "authz": {
                "class": "idpyoidc.server.authz.AuthzHandling",
                "kwargs": {
                    "grant_config": {
                        "usage_rules": {
                            "authorization_code": {
                                "supports_minting": ["access_token", "id_token"],
                                "max_usage": 1,
                                "expires_in": 120,
                            },
                            "access_token": {"expires_in": 120},
                        }
                    }
                },
            },
            "token_handler_args": {
                "jwks_defs": {
                    "private_path": "",
                    "key_defs": [{"type": "oct", "bytes": "24", "use": ["enc"], "kid": "code"}],
                },
                "code": {"lifetime": 120},
                "token": {
                    "class": "idpyoidc.server.token.jwt_token.JWTToken",
                    "kwargs": {"lifetime": 120, "aud": [issuer]},
                },
                "id_token": {"class": "idpyoidc.server.token.id_token.IDToken", "kwargs": {}},
            },
            "add_on": {
                "pkce": {
                    "function": "idpyoidc.server.oauth2.add_on.pkce.add_support",
                    "kwargs": {"essential": True, "code_challenge_methods": {"S256": None}},
                }
            },
        }
    )
    server.context.cdb[CLIENT] = {
        "redirect_uris": [(redirect_uri, {})],
        "response_types_supported": ["code"],
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "id_token_signed_response_alg": "ES256",
        "subject_type": "pairwise",
        "allowed_scopes": list(scopes),
        "scopes_to_claims": scopes,
    }
    server.keyjar.import_jwks({"keys": [key.as_dict(private=False)]}, CLIENT)
    return server


def _handler(provider: LoopbackProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/authorization":
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                self.send_response(302)
                self.send_header("Location", provider.authorize(query))
                self.end_headers()
            elif parts.path == "/userinfo":
                self._tell("userinfo", provider.userinfo(self.headers["Authorization"]))
            elif parts.path == "/jwks.json":
                self._tell("jwks", provider.jwks())
            elif parts.path == "/.well-known/openid-configuration":
                self._tell("configuration", provider.configuration())
            else:
                self.send_error(404)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            provider.asked.append({name: one[0] for name, one in parse_qs(body).items()})
            self._tell("token", provider.token(body))

        def _tell(self, name: str, answer: dict[str, Any]) -> None:
            if provider.is_down:
                self.send_error(503)
                return
            change = provider.answers.get(name)
            told = change(answer) if change and "error" not in answer else answer
            body = told if isinstance(told, bytes) else json.dumps(told).encode()
            self.send_response(400 if isinstance(told, dict) and "error" in told else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
