"""Who may ask the fake of X: the page of consent, codes with PKCE, refresh tokens that work once, and signatures of OAuth 1.0a."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode

from app.plugin_api.testing.provider import Answer, Asked
from app.plugin_api.testing.providers.x_api_state import Person, Refused, Token, problem

if TYPE_CHECKING:
    from app.plugin_api.testing.providers.x_api import FakeX

__all__ = ["APP", "give_app_token", "give_token", "revoke_token", "show_consent", "who_asks"]

LIFE = timedelta(hours=2)
CODE_LIFE = timedelta(seconds=30)
APP = Person("", "", "the app itself")
"""Who asks with the app's own token."""


def show_consent(x: "FakeX", asked: Asked) -> Answer:
    """The person agrees at once (or refuses, if told to) and is sent back."""
    query, target = asked.query, asked.query.get("redirect_uri", "")
    is_known = query.get("client_id") == x.client_id and target and query.get("response_type") == "code"
    if not is_known or query.get("code_challenge_method") != "S256" or not query.get("code_challenge"):
        return Answer(400, "Something went wrong. You weren't able to give access to the App.")
    state = query.get("state", "")
    if x.person_declines:
        return Answer(302, "", {"Location": f"{target}?{urlencode({'error': 'access_denied', 'state': state})}"})
    code = secrets.token_urlsafe(32)
    ends_at = (x.now() + CODE_LIFE).isoformat()
    x.state.codes[code] = {"target": target, "challenge": query["code_challenge"], "ends_at": ends_at, **_scope(query)}
    return Answer(302, "", {"Location": f"{target}?{urlencode({'state': state, 'code': code})}"})


def give_token(x: "FakeX", asked: Asked) -> Answer:
    """oauth2/token: a code or a refresh token for tokens. A refresh token used twice ends what it gave (RFC 6819 §5.2.2.3)."""
    form = dict(parse_qsl(asked.body.decode("latin-1")))
    if not _is_client(x, asked, form):
        return _oauth_problem("invalid_client", "Missing valid authorization header", 401)
    if form.get("grant_type") == "authorization_code":
        return _for_code(x, form)
    used = next((one for one in x.state.tokens.values() if one.refresh == form.get("refresh_token")), None)
    if used is None or used.is_refreshed or used.is_revoked:
        return _oauth_problem("invalid_grant", "Value passed for the token was invalid.", 400)
    used.is_refreshed = True
    return _given(x.new_token(used.person, used.scopes))


def revoke_token(x: "FakeX", asked: Asked) -> Answer:
    """oauth2/revoke."""
    form = dict(parse_qsl(asked.body.decode("latin-1")))
    if not _is_client(x, asked, form):
        return _oauth_problem("invalid_client", "Missing valid authorization header", 401)
    for token in x.state.tokens.values():
        if form.get("token") in (token.access, token.refresh):
            token.is_revoked = True
    return Answer(200, {"revoked": True})


def give_app_token(x: "FakeX", asked: Asked) -> Answer:
    """oauth2/token of the older API: the app's own token for its key and secret."""
    if _basic(asked) != (x.consumer_key, x.consumer_secret):
        return Answer(403, {"errors": [{"code": 99, "message": "Unable to verify your credentials"}]})
    return Answer(200, {"token_type": "bearer", "access_token": x.app_token})


def who_asks(x: "FakeX", asked: Asked, *scopes: str) -> Person:
    """The person whose token or signature a request carries. Raises Refused."""
    header = asked.headers.get("Authorization", "")
    if header.startswith("OAuth "):
        return _signer(x, asked, header)
    token = header.removeprefix("Bearer ")
    if token == x.app_token:
        return APP
    found = x.state.tokens.get(token)
    if found is None or found.is_revoked or found.expires_at <= x.now():
        raise Refused(_unauthorised())
    if missing := [one for one in scopes if one not in found.scopes]:
        detail = f"You are not permitted to perform this action. Missing: {', '.join(missing)}"
        raise Refused(problem("", 403, "Forbidden", detail))
    return found.person


def _signer(x: "FakeX", asked: Asked, header: str) -> Person:
    """https://docs.x.com/fundamentals/authentication/oauth-1-0a/creating-a-signature"""
    given = {
        name.strip(): _unquoted(value)
        for name, _, value in (part.partition("=") for part in header.removeprefix("OAuth ").split(","))
    }
    person, secret = x.oauth1_keys.get(given.get("oauth_token", ""), (None, ""))
    if person is None or person.id in x.revoked_people or given.get("oauth_consumer_key") != x.consumer_key:
        raise Refused(_unauthorised())
    signed = {**asked.query, **{name: value for name, value in given.items() if name.startswith("oauth_")}}
    signature = signed.pop("oauth_signature", "")
    pairs = "&".join(f"{one}={other}" for one, other in sorted((_quoted(k), _quoted(v)) for k, v in signed.items()))
    key = f"{_quoted(x.consumer_secret)}&{_quoted(secret)}".encode()
    for scheme in ("https", "http"):
        address = f"{scheme}://{asked.server.lower()}{asked.path}"
        base = "&".join(map(_quoted, (asked.method, address, pairs)))
        right = base64.b64encode(hmac.new(key, base.encode(), hashlib.sha1).digest()).decode()
        if hmac.compare_digest(right.encode(), signature.encode()):
            return person
    raise Refused(_unauthorised())


def _for_code(x: "FakeX", form: Mapping[str, str]) -> Answer:
    kept = x.state.codes.pop(form.get("code", ""), None)
    verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    challenge = base64.urlsafe_b64encode(verifier).decode().rstrip("=")
    is_good = kept is not None and kept["target"] == form.get("redirect_uri") and kept["challenge"] == challenge
    if kept is None or not is_good or kept["ends_at"] < x.now().isoformat():
        return _oauth_problem("invalid_request", "Value passed for the authorization code was invalid.", 400)
    return _given(x.new_token(x.account, tuple(kept["scope"].split())))


def _given(token: Token) -> Answer:
    has_refresh = {"refresh_token": token.refresh} if "offline.access" in token.scopes else {}
    life = int(LIFE.total_seconds())
    body = {"token_type": "bearer", "expires_in": life, "access_token": token.access, "scope": " ".join(token.scopes)}
    return Answer(200, {**body, **has_refresh})


def _is_client(x: "FakeX", asked: Asked, form: Mapping[str, str]) -> bool:
    if not x.client_secret:
        return form.get("client_id") == x.client_id
    return _basic(asked) == (x.client_id, x.client_secret)


def _basic(asked: Asked) -> tuple[str, str]:
    try:
        given = base64.b64decode(asked.headers.get("Authorization", "").removeprefix("Basic ")).decode()
    except ValueError:
        return "", ""
    name, _, secret = given.partition(":")
    return name, secret


def _scope(query: Mapping[str, str]) -> dict[str, str]:
    return {"scope": query.get("scope", "")}


def _oauth_problem(error: str, description: str, status: int) -> Answer:
    return Answer(status, {"error": error, "error_description": description})


def _unauthorised() -> Answer:
    return problem("", 401, "Unauthorized", "Unauthorized")


def _quoted(value: str) -> str:
    return quote(value, safe="~")


def _unquoted(value: str) -> str:
    return dict(parse_qsl(f"v={value.strip().strip(chr(34))}", keep_blank_values=True)).get("v", "")
