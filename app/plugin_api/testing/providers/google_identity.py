"""Google as the one who says who somebody is: codes, access and refresh tokens, service accounts, signed tokens of Pub/Sub."""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qs

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from app.plugin_api.testing.provider import Answer, Asked

__all__ = ["SigningKey", "TokenOffice"]

_DELEGATED = "delegated to "


class SigningKey:
    """An RSA key that signs JSON Web Tokens, with its certificate."""

    def __init__(self, key_id: str) -> None:
        self.key_id = key_id
        self._key = _key(key_id)

    def private_pem(self) -> str:
        """The key as it stands in the key file of a service account."""
        form = serialization.PrivateFormat.PKCS8
        return self._key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()

    def certificate(self) -> str:
        """A certificate of the public key, valid for a day on either side of now."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "federated-signon.example.test")])
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder(name, name, self._key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()

    def sign(self, claims: Mapping[str, Any]) -> str:
        """A token with these claims."""
        header = {"alg": "RS256", "typ": "JWT", "kid": self.key_id}
        signed = ".".join(_encoded(json.dumps(part).encode()) for part in (header, claims))
        return f"{signed}.{_encoded(self._key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"

    def read(self, token: str) -> dict[str, Any]:
        """The claims of a token. Raises ValueError unless this key signed it."""
        signed, _, signature = token.rpartition(".")
        try:
            self._key.public_key().verify(_decoded(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            raise ValueError("somebody else signed this token") from None
        return dict(json.loads(_decoded(signed.split(".")[1])))


class TokenOffice:
    """Makes tokens and takes them back. `client_id` and `client_secret` are those of the one client it knows."""

    CODE_LIFE_S = 600
    TOKEN_LIFE_S = 3599

    def __init__(self, address: str) -> None:
        self.address = address
        self.client_id = "tidings.apps.example.test"
        self.client_secret = "client-secret"
        self.service_account = "robot@project.example.test"
        self.service_key = SigningKey("service-key")
        self.google_key = SigningKey("google-key")
        self.delegated: set[str] = set()
        """The scopes that the domain's admin has allowed the service account."""
        self.people: set[str] | None = None
        """The addresses of the domain; None: whoever is asked for has one."""
        self.refresh_life_s = 0
        """How long consent lasts from now on, as Google tells of applications in testing; 0: for ever."""
        self._token_urls = {f"{address}/token", "https://oauth2.googleapis.com/token"}
        self._granted: dict[str, str] = {}
        self._codes: dict[str, tuple[str, str]] = {}

    # ---- what tests do
    def consent(self, code_challenge: str, scope: str) -> str:
        """The code somebody comes back with who has consented."""
        code = secrets.token_urlsafe(12)
        self._codes[code] = (code_challenge, scope)
        return code

    def grant(self) -> tuple[str, str]:
        """A consent given earlier: its refresh token, and an access token that is good now."""
        refresh_token = f"1//{secrets.token_urlsafe(12)}"
        self._granted[refresh_token] = refresh_token
        return refresh_token, self._access_token(refresh_token)

    def revoke_everything(self) -> None:
        """The person takes Tidings off the list of connected applications: no token of any kind works any more."""
        self._granted.clear()

    def expire_access_tokens(self) -> None:
        """An hour passes: refresh tokens still work."""
        self._granted = {token: token for token in self._granted if token.startswith("1//")}

    def is_good(self, asked: Asked) -> bool:
        """Whether the request carries an access token that works."""
        scheme, _, token = asked.headers.get("Authorization", "").partition(" ")
        return scheme == "Bearer" and token in self._granted and not token.startswith("1//")

    def owner(self, asked: Asked) -> str:
        """Whose mailbox the access token opens, where the service account asked for a certain one; else nothing."""
        consent = self._granted.get(asked.headers.get("Authorization", "").partition(" ")[2], "")
        return consent.removeprefix(_DELEGATED) if consent.startswith(_DELEGATED) else ""

    def key_file(self) -> str:
        """What the admin downloads for the service account."""
        content = {
            "type": "service_account",
            "client_email": self.service_account,
            "client_id": "1234567890",
            "private_key_id": self.service_key.key_id,
            "private_key": self.service_key.private_pem(),
            "token_uri": f"{self.address}/token",
        }
        return json.dumps(content)

    def push_token(self, audience: str, **claims: object) -> str:
        """What Pub/Sub puts into the `Authorization` header of a push, without "Bearer". `claims` replace the right ones."""
        now = int(time.time())
        right = {
            "iss": "https://accounts.google.com",
            "aud": audience,
            "email": "pushes@project.example.test",
            "email_verified": True,
            "iat": now,
            "exp": now + 3600,
        }
        return self.google_key.sign(right | claims)

    # ---- what is asked over HTTP
    def token(self, asked: Asked) -> Answer:
        """https://developers.google.com/identity/protocols/oauth2/web-server"""
        fields = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        kind = fields.get("grant_type", "")
        if kind == "urn:ietf:params:oauth:grant-type:jwt-bearer":
            return self._delegate(fields)
        if (fields.get("client_id"), fields.get("client_secret")) != (self.client_id, self.client_secret):
            return _refusal("invalid_client", "The OAuth client was not found.", 401)
        if kind == "authorization_code":
            return self._exchange(fields)
        if kind == "refresh_token":
            return self._refresh(fields)
        return _refusal("unsupported_grant_type", f"Invalid grant_type: {kind}")

    def revoke(self, asked: Asked) -> Answer:
        """All tokens of the same consent go with the one that is given back."""
        token = parse_qs(asked.body.decode()).get("token", [""])[0]
        consent = self._granted.get(token)
        if consent is None:
            return _refusal("invalid_token", "Token expired or revoked")
        self._granted = {one: of for one, of in self._granted.items() if of != consent}
        return Answer(200, {})

    def certificates(self, asked: Asked) -> Answer:
        """https://www.googleapis.com/oauth2/v1/certs"""
        found = {self.google_key.key_id: self.google_key.certificate()}
        return Answer(200, found, {"Cache-Control": "public, max-age=20000"})

    def _exchange(self, fields: Mapping[str, str]) -> Answer:
        challenge, scope = self._codes.pop(fields.get("code", ""), ("", ""))
        verifier = fields.get("code_verifier", "")
        if not challenge or _encoded(hashlib.sha256(verifier.encode()).digest()) != challenge:
            return _refusal("invalid_grant", "Malformed auth code.")
        refresh_token, access_token = self.grant()
        return self._tokens(access_token, scope=scope, refresh_token=refresh_token)

    def _refresh(self, fields: Mapping[str, str]) -> Answer:
        refresh_token = fields.get("refresh_token", "")
        if refresh_token not in self._granted:
            return _refusal("invalid_grant", "Token has been expired or revoked.")
        return self._tokens(self._access_token(refresh_token))

    def _delegate(self, fields: Mapping[str, str]) -> Answer:
        try:
            claims = self.service_key.read(fields.get("assertion", ""))
        except (ValueError, IndexError):
            return _refusal("invalid_grant", "Invalid JWT Signature.")
        is_meant = claims.get("iss") == self.service_account and claims.get("aud") in self._token_urls
        if not is_meant or not claims["iat"] - 300 <= time.time() < claims["exp"]:
            return _refusal("invalid_grant", "Invalid JWT: the token must be short-lived and meant for this address.")
        if not set(claims["scope"].split()) <= self.delegated:
            text = "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes."
            return _refusal("unauthorized_client", text, 401)
        if self.people is not None and claims["sub"] not in self.people:
            return _refusal("invalid_grant", "Invalid email or User ID")
        return self._tokens(self._access_token(f"{_DELEGATED}{claims['sub']}"))

    def _access_token(self, consent: str) -> str:
        token = f"ya29.{secrets.token_urlsafe(16)}"
        self._granted[token] = consent
        return token

    def _tokens(self, access_token: str, **more: str) -> Answer:
        fields = {"access_token": access_token, "token_type": "Bearer", "expires_in": self.TOKEN_LIFE_S}
        fields |= {"refresh_token_expires_in": self.refresh_life_s} if self.refresh_life_s else {}
        return Answer(200, fields | more)


@cache
def _key(key_id: str) -> rsa.RSAPrivateKey:
    """Made once for all tests of a run, as it takes long."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _refusal(error: str, description: str, status: int = 400) -> Answer:
    return Answer(status, {"error": error, "error_description": description})


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
