"""Addresses of mail: which spellings reach the same mailbox, and whose an address is among those that accounts call their own. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

__all__ = ["CATCH_ALL", "OwnAddresses", "canonical_address", "mailbox_of", "without_tag"]

CATCH_ALL = "*@"
"""What an address that stands for all of a domain begins with: "*@example.com"."""

_MAIL = "email"
_DOTLESS = ("gmail.com", "googlemail.com")
"""Dots before the @ mean nothing there (https://support.google.com/mail/answer/7436150)."""


def without_tag(address: str) -> str:
    """ "Ada+shop@Example.com" → "ada@example.com" (RFC 5233)."""
    local, at, domain = address.strip().lower().rpartition("@")
    return f"{local.split('+')[0] or local}{at}{domain}"


def canonical_address(address: str) -> str:
    """The address that all spellings of one mailbox share."""
    local, at, domain = without_tag(address).rpartition("@")
    return f"{local.replace('.', '')}@gmail.com" if domain in _DOTLESS else f"{local}{at}{domain}"


def mailbox_of(kind: str, value: str) -> str:
    """Who reads what is sent to an address, the same for all its spellings: "email:ada@example.com" for Ada+shop@Example.com."""
    is_mail = kind == _MAIL and "@" in value
    return f"{kind}:{canonical_address(value) if is_mail else value.strip().lower()}"[:340]


@dataclass(frozen=True)
class OwnAddresses:
    """What accounts are written to: pairs of an account's id and an address in small letters, "*@example.com" for all of a domain. Of two
    accounts with the same address the first one counts. Since API 3."""

    claims: tuple[tuple[int, str], ...] = ()

    def names(self, kind: str, value: str) -> bool:
        """Whether an account calls this its own, of mail also another spelling of the same mailbox."""
        return self._named(value) is not None if kind == _MAIL else value.strip().lower() in self._exact

    def gets(self, kind: str, value: str) -> bool:
        """Whether an account gets what is sent there: it names it, or all of its domain."""
        return self.account_for(value) is not None if kind == _MAIL else self.names(kind, value)

    def account_for(self, address: str) -> int | None:
        """The account that gets what is sent to a mail address: the one that names exactly this, or it without its tag, or another spelling
        of it, or all of its domain. None when nobody here gets it."""
        named = self._named(address)
        return named if named is not None else self._domains.get(address.strip().lower().rpartition("@")[2])

    def of(self, account_id: int) -> "OwnAddresses":
        """Those of one account."""
        return OwnAddresses(tuple(claim for claim in self.claims if claim[0] == account_id))

    def spelt(self, address: str) -> str:
        """An address that reaches us without the tag that nobody named: "help+r-token@example.com" → "help@example.com"."""
        wanted = address.strip().lower()
        return wanted if wanted in self._exact else without_tag(wanted)

    @property
    def domains(self) -> frozenset[str]:
        """What stands behind the @."""
        return frozenset(address.rpartition("@")[2] for _, address in self.claims if "@" in address)

    def _named(self, address: str) -> int | None:
        exact, spelling = address.strip().lower(), canonical_address(address)
        for known, key in ((self._exact, exact), (self._exact, without_tag(exact)), (self._spellings, spelling)):
            if key in known:
                return known[key]
        return None

    @cached_property
    def _exact(self) -> dict[str, int]:
        return _first((address, account) for account, address in self.claims if not address.startswith(CATCH_ALL))

    @cached_property
    def _spellings(self) -> dict[str, int]:
        return _first((canonical_address(address), account) for address, account in self._exact.items())

    @cached_property
    def _domains(self) -> dict[str, int]:
        catching = ((address, account) for account, address in self.claims if address.startswith(CATCH_ALL))
        return _first((address.removeprefix(CATCH_ALL), account) for address, account in catching)


def _first(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for key, account in pairs:
        found.setdefault(key, account)
    return found
