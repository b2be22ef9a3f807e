"""Values that go in and out of the IMAP and SMTP clients, in the words of the two protocols."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from connectors.errors import RecipientRefusal

Security = Literal["tls", "starttls", "none"]


@dataclass(frozen=True)
class PasswordAuth:
    """A user name and its password or app password."""

    username: str
    password: str = field(repr=False)

    def __post_init__(self) -> None:
        if any(ch in self.username + self.password for ch in "\r\n\0"):
            raise ValueError("A user name or password cannot contain line breaks or NUL.")


@dataclass(frozen=True)
class XOAuth2:
    """OAuth over IMAP and SMTP.

    `token` returns an access token that is valid now; it may raise ConnectorError.
    """

    username: str
    token: Callable[[], str] = field(repr=False)


Auth = PasswordAuth | XOAuth2


@dataclass(frozen=True)
class IMAPSettings:
    """Where a mailbox is and how to enter it. `timeout_s` bounds every wait for one answer of the server."""

    host: str
    auth: Auth
    port: int = 993
    security: Security = "tls"
    timeout_s: float = 30.0


@dataclass(frozen=True)
class SMTPSettings:
    """Where mail is handed in. `auth` None means the server takes mail from us without a login.

    `helo_name` is what we call ourselves in EHLO; empty lets the client choose.
    """

    host: str
    auth: Auth | None = None
    port: int = 465
    security: Security = "tls"
    timeout_s: float = 30.0
    helo_name: str = ""


@dataclass(frozen=True)
class Mailbox:
    """One folder of an account.

    `flags` are as the server writes them: `\\Noselect`, `\\HasChildren`, `\\Sent` …
    """

    name: str
    delimiter: str | None
    flags: frozenset[str]

    @property
    def is_selectable(self) -> bool:
        """Whether the folder can hold mail."""
        return not {flag.lower() for flag in self.flags} & {"\\noselect", "\\nonexistent"}


@dataclass(frozen=True)
class MailboxState:
    """A selected folder. When `uidvalidity` differs from last time, every UID known before is meaningless."""

    name: str
    uidvalidity: int
    uidnext: int
    exists: int


@dataclass(frozen=True)
class MailSummary:
    """What the server says of a message without sending it.

    `size` is in bytes and, on some servers, an estimate.
    """

    uid: int
    size: int
    flags: frozenset[str]
    internal_date: datetime | None


@dataclass(frozen=True)
class MailHeader:
    """Some header fields of a message as they stand in it, with the empty line that ends them."""

    uid: int
    size: int
    internal_date: datetime | None
    raw: bytes = field(repr=False)


@dataclass(frozen=True)
class FetchedMail:
    """One message of a folder. `raw` is None exactly when `withheld` says why.

    "too_big": larger than the limit of the call, so it was not transferred. "refused": the server lists the
    message but will not hand it out; `detail` holds its words. Either way the rest of the folder goes on.
    """

    uid: int
    size: int
    flags: frozenset[str]
    internal_date: datetime | None
    raw: bytes | None = field(repr=False)
    withheld: Literal["too_big", "refused"] | None = None
    detail: str = ""


class IdleEvent(enum.Enum):
    """Why a wait for new mail ended."""

    NEW_MAIL = "new_mail"
    TIMED_OUT = "timed_out"
    STOPPED = "stopped"


@dataclass(frozen=True)
class SMTPReceipt:
    """A message that the server took over for at least one recipient.

    `refused` holds the others: temporary refusals may be tried again, permanent ones may not. `response` is
    the server's last line, which usually carries its queue id.
    """

    accepted: tuple[str, ...]
    refused: Mapping[str, RecipientRefusal]
    response: str


@dataclass(frozen=True)
class SMTPAbilities:
    """What a connection test learnt of an SMTP server. `size_limit` is in bytes, None when it states none."""

    extensions: frozenset[str]
    size_limit: int | None
    is_encrypted: bool
