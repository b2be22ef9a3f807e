"""Telling a second press of the button from another visitor where a post brings no token: both come from one browser within a minute.

What tells browsers apart is digested with a salt that is forgotten with its minute, so that nobody finds an internet address in it later.
"""

import hashlib
import secrets

from werkzeug import Request

from tidings import Host

__all__ = ["forget_salt", "shared_nonce"]

SPAN_S = 60

_SALT = "plain:salt"


def shared_nonce(host: Host, key: str, request: Request) -> str:
    """20 hexadecimal digits: the same for all posts of one browser to the form with this key within one span, of nobody else's."""
    told = (
        _salt(host),
        key,
        request.remote_addr or "",
        request.user_agent.string,
        request.headers.get("Accept-Language", ""),
    )
    return hashlib.sha256("\0".join(told).encode("utf-8", "replace")).hexdigest()[:20]


def forget_salt(host: Host) -> None:
    """Once its span is over, whether or not anything was posted since."""
    kept = host.store.get(_SALT)
    if kept and kept["span"] != _span(host):
        host.store.delete(_SALT)


def _salt(host: Host) -> str:
    """Of two processes that make one at once, the later one's counts: a second press may be missed then."""
    kept = host.store.get(_SALT)
    if not kept or kept["span"] != _span(host):
        kept = {"span": _span(host), "salt": secrets.token_hex(16)}
        host.store.set(_SALT, kept, is_fleeting=True)
    return str(kept["salt"])


def _span(host: Host) -> int:
    return int(host.now().timestamp()) // SPAN_S
