"""Signing what leaves with the key of one's own domain (DKIM, RFC 6376), and the record in the DNS that goes with the key."""

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass, field

import dkim
import idna
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from connectors.mail_discovery.records import Resolver
from tidings import Permanent

__all__ = ["SigningKey", "is_published", "read_key", "signed", "signing_domain"]

_PEM = re.compile(r"-----BEGIN ([A-Z ]+)-----(.+?)-----END \1-----", re.DOTALL)
_SIGNED_AGAIN = (b"to", b"cc", b"subject", b"date", b"reply-to", b"content-type")
"""Beside From, which the library signs once more by itself."""
_LONGEST = 20_000
"""Characters of what is pasted: a key of 16384 bits."""
_SHORTEST = 1024
"""Bits; receivers take no shorter key for a signature (RFC 8301 §3.2)."""


@dataclass(frozen=True)
class SigningKey:
    """A private key and where receivers find its public half."""

    domain: str
    selector: str
    pem: bytes = field(repr=False)

    @property
    def record_name(self) -> str:
        """The name of the TXT record."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def record_value(self) -> str:
        """What has to stand in the TXT record."""
        return f"v=DKIM1; k=rsa; p={_public_part(self.pem)}"


def read_key(text: str) -> bytes:
    """A private RSA key as PEM. `text` is a PEM as it was pasted, also on one line, as pages hand it over.

    Raises `ValueError` with a sentence for whoever pasted it.
    """
    found = _PEM.search(text.strip()) if len(text) <= _LONGEST else None
    if found is None:
        raise ValueError("This is no private key: paste all of the file, from -----BEGIN to -----END.")
    kind, body = found[1], "".join(found[2].split())
    lines = [body[at : at + 64] for at in range(0, len(body), 64)]
    pem = "\n".join([f"-----BEGIN {kind}-----", *lines, f"-----END {kind}-----", ""]).encode("ascii", "replace")
    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError):  # TypeError: it has a password
        raise ValueError("This key cannot be read. It must be a private RSA key without a password.") from None
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("This is no RSA key. Make one by: openssl genrsa -out dkim.pem 2048")
    if key.key_size < _SHORTEST:
        raise ValueError(f"This key has {key.key_size} bits; receivers want {_SHORTEST} at least.")
    return pem


def signed(raw: bytes, key: SigningKey) -> bytes:
    """The mail with a signature above its headers. A second From or Subject cannot be put above it unnoticed either (RFC 6376 §8.15:
    they are signed once more than they stand there). Raises `Permanent` when the key does not fit."""
    mail = dkim.DKIM(raw)
    names = [*mail.default_sign_headers(), *_SIGNED_AGAIN]
    try:
        header: bytes = mail.sign(
            key.selector.encode("ascii"),
            key.domain.encode("ascii"),
            key.pem,
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=names,
        )
    except dkim.DKIMException as error:
        raise Permanent(f"This mail cannot be signed (DKIM): {error}.") from error
    return header + raw


def is_published(key: SigningKey, nameserver: str = "system") -> bool | None:
    """Whether the DNS has the public half of this key under its name; None when there is a record with another one.

    Raises `Unavailable` when nobody answers.
    """
    wanted = _key_bytes(_public_part(key.pem))
    texts = Resolver(nameserver).texts(key.record_name)
    if any(_key_bytes(_tags(text).get("p", "")) == wanted for text in texts):
        return True
    return None if texts else False


def signing_domain(domain: str) -> str:
    """A domain as it stands in a signature. Raises `ValueError` for what is none."""
    try:
        return idna.encode(domain.strip().lower(), uts46=True).decode("ascii")
    except idna.IDNAError:
        raise ValueError("This is not the name of a domain, such as example.com.") from None


def _public_part(pem: bytes) -> str:
    key = load_pem_private_key(pem, None).public_key()
    return b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode("ascii")


def _tags(record: str) -> dict[str, str]:
    pairs = (part.split("=", 1) for part in record.split(";") if "=" in part)
    return {name.strip(): "".join(value.split()) for name, value in pairs}


def _key_bytes(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError:
        return b""
