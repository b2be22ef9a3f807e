"""Proof of work by ALTCHA's protocol (version 2, PBKDF2): sums that cost a phone about a second and a flood of posts a great deal.

A form asks for them always, never, or while an attack is on (`pressure`). What the server signs is a secret of this installation's own;
who got hold of it could skip the sums and nothing else, so it stands among the plugin's small values.
"""

import secrets
from datetime import timedelta

import altcha
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from plugins.webform.guarding import pressure
from plugins.webform.guarding.tables import SOLVED
from plugins.webform.publication import PublishedForm
from tidings import Host, translatable

__all__ = ["COST", "LIFETIME", "ROUNDS", "challenge", "check", "is_wanted", "note_refused", "notice"]

COST = 5000
"""Iterations of PBKDF2 for one attempt: 1.2 ms on a desktop of 2025."""
ROUNDS = (200, 440)
"""How many attempts the answer takes, drawn evenly: 0.4 s on a desktop, about a second on a phone, and never much more."""
LIFETIME = timedelta(hours=1)
MOST_BYTES = 4_000

_ALGORITHM = "PBKDF2/SHA-256"
_SECRET = "proof:secret"  # noqa: S105  # the name under which it is stored
_SIGNING, _KEYS = "challenge:", "key:"
_NOTICE = translatable("Proof of work is on since %(time)s UTC: %(count)s suspicious posts in ten minutes.")


def is_wanted(host: Host, published: PublishedForm) -> bool:
    """Whether visitors of this form have to prove work now."""
    wanted = published.settings.proof
    return wanted == "always" or (wanted == "auto" and pressure.attack_since(host) is not None)


def challenge(host: Host) -> dict[str, object]:
    """A fresh challenge as JSON for the browser; solving it takes `ROUNDS` attempts."""
    secret = _secret(host)
    made = altcha.create_challenge(
        _ALGORITHM,
        COST,
        counter=ROUNDS[0] + secrets.randbelow(ROUNDS[1] - ROUNDS[0]),
        data={
            "until": int((host.now() + LIFETIME).timestamp())
        },  # by the host's clock; `expires_at` would go by another
        hmac_secret=_SIGNING + secret,
        hmac_key_secret=_KEYS + secret,
    )
    return dict(made.to_dict())


def check(host: Host, solution: str) -> bool:
    """Whether this is the solution of a challenge of ours, in time and for the first time. Costs two HMACs and one row."""
    if not solution or len(solution) > MOST_BYTES:
        return False
    try:
        payload = altcha.Payload.from_base64(solution)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return False
    secret = _secret(host)
    result = altcha.verify_solution(payload, _SIGNING + secret, hmac_key_secret=_KEYS + secret)
    parameters = payload.challenge.parameters
    if not result.verified or not parameters.data or parameters.data["until"] < host.now().timestamp():
        return False
    return _is_first(host, parameters.nonce)


def note_refused(host: Host) -> None:
    """Count a post that was refused; many of them are an attack, too."""
    pressure.note_suspicious(host)


def notice(host: Host) -> str:
    """What admins read while an attack is on; empty otherwise."""
    since = pressure.attack_since(host)
    if since is None:
        return ""
    return host.gettext(_NOTICE) % {"time": f"{since:%H:%M}", "count": pressure.recent_suspicious(host)}


def _is_first(host: Host, nonce: str) -> bool:
    try:
        with host.tables.begin() as connection:
            connection.execute(insert(SOLVED).values(nonce=nonce, at=host.now()))
    except IntegrityError:
        return False
    return True


def _secret(host: Host) -> str:
    """The installation's own, made at its first use. Of two processes that make one at once, both go on with what was stored last."""
    found = host.store.get(_SECRET)
    if not found:
        host.store.set(_SECRET, secrets.token_hex(32))
        found = host.store.get(_SECRET)
    return str(found)
