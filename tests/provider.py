"""An OpenID provider of the tests: a real server that issues codes and tokens, and can be told to cheat."""

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID, CLIENT_SECRET = "survey", "a secret of the tests"


class Provider:
    """Its keys, the codes it has issued, and what it does wrong: `cheat(claims, header)` changes each ID token."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://localhost:{port}"
        self.key = RSAKey.generate_key(2048, parameters={"kid": "1"})
        self.signing_key = self.key
        self.subject, self.name = "nguoi-1", "Nguyễn Thị Hòa"
        self.codes: dict[str, dict[str, str]] = {}
        self.stated_issuer = self.issuer
        self.cheat = lambda claims, header: None
        self.sign = self._sign
        self.n_tokens = 0

    def metadata(self) -> dict[str, object]:
        return {
            "issuer": self.stated_issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256", "none", "HS256"],
        }

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser is sent back to, with a code bound to what was asked."""
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return asked["redirect_uri"] + "?" + urlencode({"code": code, "state": asked["state"]})

    def token(self, given: dict[str, str], authorization: str) -> dict[str, object] | None:
        """A token for a code that is used once, by the right client, with the verifier of its challenge."""
        expected = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        asked = self.codes.pop(given.get("code", ""), None)
        if asked is None or authorization != f"Basic {expected}":
            return None
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            return None
        self.n_tokens += 1
        now = int(time.time())
        claims = {"iss": self.issuer, "sub": self.subject, "aud": CLIENT_ID, "iat": now, "exp": now + 300,
                  "nonce": asked["nonce"], "name": self.name}  # fmt: skip
        header = {"alg": "RS256", "kid": "1"}
        self.cheat(claims, header)
        return {"access_token": "of no use", "token_type": "Bearer", "id_token": self.sign(header, claims)}

    def _sign(self, header: dict[str, str], claims: dict[str, object]) -> str:
        return jwt.encode(header, claims, self.signing_key)


def unsigned(header: dict[str, str], claims: dict[str, object]) -> str:
    """A token that says it needs no signature."""
    return _written({**header, "alg": "none"}, claims) + "."


def signed_with(secret: bytes, header: dict[str, str], claims: dict[str, object]) -> str:
    """A token signed with a shared secret, by hand: the library refuses a public key as one."""
    written = _written({**header, "alg": "HS256"}, claims)
    return f"{written}.{_encoded(hmac.digest(secret, written.encode(), 'sha256'))}"


def _written(*parts: dict[str, object]) -> str:
    return ".".join(_encoded(json.dumps(part).encode()) for part in parts)


def _encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


@contextmanager
def running_provider() -> Iterator[Provider]:
    """A provider that listens on this machine until the block ends."""
    server = ThreadingHTTPServer(("localhost", 0), BaseHTTPRequestHandler)
    provider = Provider(server.server_address[1])
    server.RequestHandlerClass = _handler_of(provider)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler_of(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            if url.path == "/authorize":
                asked = {name: values[0] for name, values in parse_qs(url.query).items()}
                self.send_response(302)
                self.send_header("Location", provider.authorize(asked))
                self.end_headers()
            elif url.path == "/keys":
                self._json({"keys": [provider.key.as_dict(private=False)]})
            else:
                self._json(provider.metadata())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            given = {name: values[0] for name, values in parse_qs(body).items()}
            token = provider.token(given, self.headers.get("Authorization", ""))
            self._json(token or {"error": "invalid_grant"}, status=200 if token else 400)

        def _json(self, value: object, status: int = 200) -> None:
            body = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
