"""What looking for mail servers gives: the two servers, who named them, and each step on the way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from connectors.imap_smtp import Endpoint, ProviderPreset

__all__ = ["SOURCES", "Discovery", "Source", "Step"]

Source = Literal["provider", "mx", "srv", "autoconfig", "ispdb", "guess"]
SOURCES: tuple[Source, ...] = ("provider", "mx", "srv", "autoconfig", "ispdb", "guess")
"""Who may name servers, the most trustworthy first: our own table by domain and by mail exchanger, SRV records, the domain's web server,
Thunderbird's list, and names that are customary and answer."""


@dataclass(frozen=True)
class Step:
    """One question and its answer, for people: "MX example.com", "mx1.example.com"."""

    asked: str
    answer: str


@dataclass(frozen=True)
class Discovery:
    """Where mail is fetched and handed in. A half that nobody named is None.

    `named_by` is the host name or list that `source` spoke of. `username` is empty where it is the address. `is_confirmed` is false when
    unsigned DNS alone names a server outside of the address's domain: a person should read the name before a password is sent there
    (RFC 6186 §6).
    """

    source: Source | None = None
    named_by: str = ""
    imap: Endpoint | None = None
    smtp: Endpoint | None = None
    username: str = ""
    auth: Literal["password", "xoauth2"] = "password"
    preset: ProviderPreset | None = None
    is_confirmed: bool = True
    steps: tuple[Step, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether both servers are known."""
        return self.imap is not None and self.smtp is not None

    def completed_by(self, other: Discovery) -> Discovery:
        """This one with what it does not know taken from another; the steps of both."""
        steps = (*self.steps, *other.steps)
        if self.imap is None and self.smtp is None:
            return replace(other, steps=steps)
        if self.is_whole or (other.imap is None and other.smtp is None):
            return replace(self, steps=steps)
        is_confirmed = self.is_confirmed and other.is_confirmed
        imap, smtp = self.imap or other.imap, self.smtp or other.smtp
        return replace(self, imap=imap, smtp=smtp, is_confirmed=is_confirmed, steps=steps)
