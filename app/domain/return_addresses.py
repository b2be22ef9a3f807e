"""Words that stand in the addresses mail is sent back to when it cannot be delivered (VERP): which message, and which of its recipients.

They hold two numbers and a signature, no names; whoever has one can say of no other message that it came back.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence

__all__ = ["make_return_token", "may_be_return_address", "return_token_in"]

_MAC_BYTES = 10
_MOST_RECIPIENTS = 256
_IN_ADDRESS = re.compile(r"(?<![a-z0-9])b-([a-z2-7]{18,32})(?![a-z0-9])[^@]*@", re.IGNORECASE)


def make_return_token(key: bytes, message_id: int, recipient: int) -> str:
    """ "b-" and base32 in small letters: an 80-bit HMAC-SHA256, the place of the recipient (counted from 0, to, cc and bcc together), the
    message's id. Raises ValueError from the 257th recipient on."""
    if not 0 <= recipient < _MOST_RECIPIENTS:
        raise ValueError(f"there is no word for recipient {recipient}")
    body = bytes([recipient]) + message_id.to_bytes((message_id.bit_length() + 7) // 8 or 1, "big")
    return "b-" + base64.b32encode(_mac(key, body) + body).decode().rstrip("=").lower()


def return_token_in(keys: Sequence[bytes], addresses: Iterable[str]) -> tuple[int, int] | None:
    """The message's id and the place of its recipient, named by the first address with a word that one of the keys made."""
    matches = (_IN_ADDRESS.search(address) for address in addresses)
    found = (_read(keys, match.group(1)) for match in matches if match)
    return next((one for one in found if one is not None), None)


def may_be_return_address(address: str) -> bool:
    """Whether a word stands in an address that could be one of these; nobody has looked who signed it."""
    return _IN_ADDRESS.search(address) is not None


def _read(keys: Sequence[bytes], token: str) -> tuple[int, int] | None:
    try:
        raw = base64.b32decode(token.upper() + "=" * (-len(token) % 8))
    except ValueError:
        return None
    mac, body = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
    if len(body) < 2 or not any(hmac.compare_digest(mac, _mac(key, body)) for key in keys):
        return None
    return int.from_bytes(body[1:], "big"), body[0]


def _mac(key: bytes, body: bytes) -> bytes:
    return hmac.new(key, b"return:" + body, hashlib.sha256).digest()[:_MAC_BYTES]
