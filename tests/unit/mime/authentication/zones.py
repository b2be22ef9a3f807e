"""A domain name system of a few lines, and mails signed by names in it."""

import base64
from collections.abc import Mapping

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from app.mime.authentication import Ask, LookupFailed

SILENT = "silent"
_SHORT = (
    b"-----BEGIN RSA PRIVATE KEY-----\n"
    b"MIIBOgIBAAJBAKtuR44bTrCbdDVO0fAgK2yU6642cxyhUa55wIu9d3FtGOca5oJ5\n"
    b"C146vDdGc4XdtXJVsuSujZOGQhm13bBZw30CAwEAAQJAHeNSMmJsa7oOnqSpUXYq\n"
    b"W/nyxSLVGu69MPAlM7fKtUmI2HlQsfu2YJDxSO5WSUZkUodSO+rvy4IJPATMFnsR\n"
    b"gQIhAN69EEB68d/ir5rwxC0l+kpQ2psC7Eu5VA1ladAM8rORAiEAxQfNl013qFE2\n"
    b"k6Iy45O36rqxyhBVx0lrJJJJF+p9gy0CIQDKBg2hjmGnwYGpNMuab6HOmftNMZ+F\n"
    b"Jzk3VU5d6ACSIQIgB9Qjixt84ac4b+1F8FzyNdVtMwYrIlv8cduOI/EhQ5ECIBli\n"
    b"BNn5FkbajOhdthDDPFFJfewKa/BzgANiJXEd+zKv\n"
    b"-----END RSA PRIVATE KEY-----\n"
)
"""A key of 512 bits: too short for any library to make one."""


def zone(records: Mapping[tuple[str, str], object]) -> Ask:
    """`{("example.com", "TXT"): ["v=spf1 -all"]}`; `SILENT` in place of the values is a question that nobody answers."""

    def ask(name: str, kind: str) -> tuple[str, ...]:
        found = records.get((name.lower(), kind), ())
        if found == SILENT:
            raise LookupFailed(name)
        return tuple(found)

    return ask


class Signer:
    """A key, the record it is published in, and mails signed with it."""

    def __init__(self, domain: str = "example.com", bits: int = 2048) -> None:
        self.domain = domain
        key = serialization.load_pem_private_key(_SHORT, None) if bits < 1024 else rsa.generate_private_key(65537, bits)
        self._private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
        public = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.record = f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"

    @property
    def records(self) -> dict[tuple[str, str], list[str]]:
        return {(f"s1._domainkey.{self.domain}", "TXT"): [self.record]}

    def signed(self, mail: bytes, **options: object) -> bytes:
        return dkim.sign(mail, b"s1", self.domain.encode(), self._private, **options) + mail

    def sealed(self, mail: bytes, host: bytes) -> bytes:
        """With an ARC set of this domain over what `host` wrote in Authentication-Results."""
        headers = dkim.arc_sign(mail, b"s1", self.domain.encode(), self._private, host)
        return b"".join(headers) + mail
