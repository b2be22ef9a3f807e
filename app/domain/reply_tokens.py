"""Signed tokens that bring an answer home: in our own Message-IDs and, where the account allows it, in the reply address."""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Sequence

__all__ = [
    "address_with_token",
    "make_message_id",
    "make_token",
    "token_in_addresses",
    "token_in_ids",
    "tokens_seen",
    "without_token",
]

_MAC_BYTES = 10
_TOKEN = r"[a-z2-7]{4,40}"
_IN_ID = re.compile(rf"\A<?t\.({_TOKEN})\.[a-z2-7]+@", re.IGNORECASE)
_IN_ADDRESS = re.compile(rf"\+r-({_TOKEN})@", re.IGNORECASE)


def make_token(key: bytes, conversation_id: int) -> str:
    """The token of a conversation: its id and an 80-bit HMAC-SHA256 in base32, lower case, safe in any local part."""
    body = conversation_id.to_bytes((conversation_id.bit_length() + 7) // 8 or 1, "big")
    return _b32(_mac(key, body) + body)


def read_token(keys: Sequence[bytes], token: str) -> int | None:
    """The conversation's id, or None when no key made this token."""
    try:
        raw = base64.b32decode(token.upper() + "=" * (-len(token) % 8))
    except ValueError:
        return None
    mac, body = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
    if not body or not any(hmac.compare_digest(mac, _mac(key, body)) for key in keys):
        return None
    return int.from_bytes(body, "big")


def make_message_id(token: str, domain: str) -> str:
    """A fresh Message-ID (without brackets) that carries the token: "t.<token>.<random>@domain"."""
    return f"t.{token}.{_b32(secrets.token_bytes(10))}@{domain}"


def address_with_token(address: str, token: str) -> str:
    """ "help@example.com" → "help+r-<token>@example.com"."""
    local, _, domain = address.rpartition("@")
    return f"{local.split('+')[0]}+r-{token}@{domain}"


def token_in_ids(keys: Sequence[bytes], external_ids: Iterable[str]) -> int | None:
    """The conversation named by the last valid token among Message-IDs."""
    return _last(keys, (_IN_ID.match(i) for i in external_ids))


def token_in_addresses(keys: Sequence[bytes], addresses: Iterable[str]) -> int | None:
    """The conversation named by a valid token among recipient addresses."""
    return _last(keys, (_IN_ADDRESS.search(a) for a in addresses))


def without_token(address: str) -> str:
    """ "help+r-<token>@example.com" → "help@example.com"; any other address as it is."""
    return _IN_ADDRESS.sub("@", address)


def tokens_seen(external_ids: Iterable[str], addresses: Iterable[str]) -> tuple[str, ...]:
    """What looks like a token in ids and addresses, each once. Nothing is checked: this is for those who have no key."""
    matches = (*(_IN_ID.match(i) for i in external_ids), *(_IN_ADDRESS.search(a) for a in addresses))
    return tuple(dict.fromkeys(match.group(1).lower() for match in matches if match))


def _last(keys: Sequence[bytes], matches: Iterable[re.Match[str] | None]) -> int | None:
    found = [read_token(keys, match.group(1)) for match in matches if match]
    valid = [conversation_id for conversation_id in found if conversation_id is not None]
    return valid[-1] if valid else None


def _mac(key: bytes, body: bytes) -> bytes:
    return hmac.new(key, b"reply:" + body, hashlib.sha256).digest()[:_MAC_BYTES]


def _b32(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=").lower()
