"""What can go wrong at a provider, in the provider's terms.

Every connector raises these and nothing else for trouble outside our process. They carry data, so that a
channel can decide what to do without reading sentences; the sentence is for people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

__all__ = [
    "AuthExpired",
    "ConnectorError",
    "RateLimited",
    "RecipientRefusal",
    "Rejected",
    "Step",
    "Unavailable",
]

Step = Literal[
    "connect", "tls", "login", "list", "select", "search", "fetch", "idle", "append",
    "sender", "recipient", "size", "data", "request",
]  # fmt: skip


@dataclass(frozen=True)
class RecipientRefusal:
    """One recipient's answer from a provider that judges recipients one by one."""

    code: int
    reason: str
    permanent: bool


class ConnectorError(Exception):
    """Base of all connector errors.

    `reason` is one sentence, with the provider's own words where there are any and never a secret.
    `step` names the part of the exchange that failed; `code` is the provider's own code (an SMTP or HTTP
    status, an IMAP response code), if it gave one. `recipients` maps addresses to their refusals when the
    provider answered per recipient and accepted none.
    """

    def __init__(
        self,
        reason: str,
        *,
        step: Step | None = None,
        code: int | str | None = None,
        recipients: Mapping[str, RecipientRefusal] | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.step = step
        self.code = code
        self.recipients = dict(recipients or {})


class AuthExpired(ConnectorError):
    """The credentials are wrong, expired or revoked: nothing works until somebody or a refresh renews them."""


class RateLimited(ConnectorError):
    """The provider asks us to slow down; `retry_after_s` is its own figure, or None where it gives none."""

    def __init__(
        self,
        reason: str,
        *,
        retry_after_s: float | None = None,
        step: Step | None = None,
        code: int | str | None = None,
        recipients: Mapping[str, RecipientRefusal] | None = None,
    ) -> None:
        super().__init__(reason, step=step, code=code, recipients=recipients)
        self.retry_after_s = retry_after_s


class Unavailable(ConnectorError):
    """The provider cannot be reached or fails for now; the same request may work later.

    `outcome_unknown` is true when the connection broke after the request was complete but before the answer:
    the provider may have carried it out, so repeating it may do it twice.
    """

    def __init__(
        self,
        reason: str,
        *,
        step: Step | None = None,
        code: int | str | None = None,
        recipients: Mapping[str, RecipientRefusal] | None = None,
        outcome_unknown: bool = False,
    ) -> None:
        super().__init__(reason, step=step, code=code, recipients=recipients)
        self.outcome_unknown = outcome_unknown


class Rejected(ConnectorError):
    """The provider understood the request and refuses it; repeating it unchanged is pointless."""
