"""Documents that name mail servers, written for tests."""

from __future__ import annotations

__all__ = ["config_document", "server"]


def server(
    kind: str = "imap",
    host: str = "mail.example.test",
    port: int | str = 993,
    security: str = "SSL",
    username: str = "%EMAILADDRESS%",
    sign_ins: tuple[str, ...] = ("password-cleartext",),
) -> str:
    """One incoming or outgoing server."""
    tag = "outgoingServer" if kind == "smtp" else "incomingServer"
    names = "".join(f"<authentication>{name}</authentication>" for name in sign_ins)
    return (
        f'<{tag} type="{kind}"><hostname>{host}</hostname><port>{port}</port><socketType>{security}</socketType>'
        f"<username>{username}</username>{names}</{tag}>"
    )


def config_document(*servers: str) -> bytes:
    """The document with these servers; IMAP and SMTP at mail.example.test if none are given."""
    inside = "".join(servers or (server(), server("smtp", port=465)))
    text = f'<?xml version="1.0"?><clientConfig version="1.1"><emailProvider id="example.test">{inside}</emailProvider></clientConfig>'
    return text.encode()
