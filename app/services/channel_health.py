"""How accounts do at their providers, as their channels remember it; and telling admins before a sign-in or a secret ends."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.domain.terms import ENDED, NOTICES, days_told
from app.errors import ConfigError
from app.models import ChannelAccount, Notice
from app.plugin_api.channel import Account, AccountHealth, Channel, Quota, Term
from app.plugin_api.registrations import is_own_path
from app.plugin_api.texts import translatable
from app.services.account_view import account_view
from app.services.core import Core, Unit, writing
from app.services.notices import over, tell

__all__ = ["all_accounts", "first_to_end", "health_of", "tell_of_ending_terms", "terms_of"]

log = logging.getLogger(__name__)

SIGN_IN = translatable("Sign-in")
_TERM = ":term:"
_WORDS: Mapping[tuple[bool, bool], str] = {
    (True, False): translatable("The sign-in of the account %(account)s ends on %(day)s. Renew it before that."),
    (True, True): translatable("The sign-in of the account %(account)s ended on %(day)s. Sign in again."),
    (False, False): translatable("%(term)s for %(account)s ends on %(day)s. Renew it before that."),
    (False, True): translatable("%(term)s for %(account)s ended on %(day)s. Renew it."),
}
"""By whether it is a sign-in, and whether it has ended."""
_LONGEST_LABEL = 80


@dataclass(frozen=True, slots=True)
class _Ending:
    """What ends soon, and for which accounts; `days` is the notice that is due."""

    subject: str
    accounts: tuple[str, ...]
    label: str
    ends_at: datetime
    days: int
    path: str

    @property
    def words(self) -> tuple[str, dict[str, Any]]:
        text = _WORDS[self.label == SIGN_IN, self.days == ENDED]
        data = {"account": ", ".join(self.accounts), "day": f"{self.ends_at:%Y-%m-%d}", "term": self.label}
        return text, {**data, "days": self.days}

    @property
    def level(self) -> str:
        return {ENDED: "error", NOTICES[-1]: "info"}.get(self.days, "warning")


def all_accounts(core: Core) -> Sequence[tuple[ChannelAccount, Account]]:
    """Each account with what its channel gets to see, in the order in which they were connected; without secrets where those cannot be
    read. One query."""
    rows = core.session.scalars(select(ChannelAccount).order_by(ChannelAccount.id)).all()
    return [(row, _view(core, row)) for row in rows]


def health_of(core: Core, channel: Channel, account: Account) -> AccountHealth | None:
    """What the channel says of an account; None when it failed, which counts against its plugin."""
    try:
        return core.plugins.dispatcher.guarded(account.plugin, "health")(lambda: _sound(channel.health(account)))
    except (Exception, SystemExit):  # plugin code, which may raise anything: the guard has counted it
        log.exception("plugin %s cannot say how account %s does", account.plugin, account.id)
        return None


def terms_of(health: AccountHealth) -> tuple[Term, ...]:
    """All that ends, the sign-in first."""
    sign_in = (Term(SIGN_IN, health.token_expires_at),) if health.token_expires_at else ()
    return (*sign_in, *health.terms)


def first_to_end(core: Core, account_id: int) -> Term | None:
    """What of an active account ends first; None when nothing does, or when nobody knows."""
    row = core.session.get_one(ChannelAccount, account_id)
    return min(_terms(core, row, _view(core, row)), key=lambda term: term.ends_at, default=None)


def tell_of_ending_terms(core: Core) -> None:
    """Tell admins of what ends 30, 7 and 1 days before it does and when it has, once each; close what was told when it was renewed."""
    ending = _all_ending(core)
    told = _told(core)
    core.session.rollback()
    is_over = [subject for subject, (is_open, *_) in told.items() if is_open and subject not in ending]
    news = [one for one in ending.values() if told.get(one.subject, (False, "", {}))[1:] != one.words]
    if is_over or news:
        with writing(core) as unit:
            for subject in is_over:
                over(unit, subject)
            for one in news:
                _tell(unit, one)


def _all_ending(core: Core) -> dict[str, _Ending]:
    """What is to be told now, by subject. What several accounts share is told once."""
    found: dict[str, _Ending] = {}
    for row, account in all_accounts(core):
        for one in _ending(row, _terms(core, row, account), core.clock.now()):
            known = found.get(one.subject, one)
            names = tuple(dict.fromkeys((*known.accounts, *one.accounts)))
            found[one.subject] = replace(min(known, one, key=lambda each: each.ends_at), accounts=names)
    return found


def _ending(row: ChannelAccount, terms: Iterable[Term], now: datetime) -> Iterator[_Ending]:
    for term in terms:
        days = days_told(term.ends_at, now)
        if days is None:
            continue
        if term.path:
            subject, path = f"plugin:{row.plugin}{_TERM}{term.label}", f"/plugins/{row.plugin}{term.path}"
        else:
            subject, path = f"account:{row.id}{_TERM}{term.label}", f"/accounts/{row.id}/sign-in?renew=1"
        yield _Ending(subject, (row.name,), term.label, term.ends_at, days, path)


def _terms(core: Core, row: ChannelAccount, account: Account) -> Sequence[Term]:
    """Nothing of accounts that are paused; of those that wait for their owner, who was told, only what has a page of its own."""
    channel = core.plugins.channels.get(row.plugin)
    health = health_of(core, channel, account) if channel is not None and row.state != "paused" else None
    return [term for term in terms_of(health or AccountHealth()) if term.path or row.state == "active"]


def _told(core: Core) -> dict[str, tuple[bool, str, dict[str, Any]]]:
    """What was told last of each subject: whether that is open, and its words. What somebody dismissed counts as told."""
    was_told = Notice.closed_at.is_(None) | (Notice.closed_by != "")
    statement = select(Notice.subject, Notice.closed_at, Notice.text, Notice.data)
    rows = core.session.execute(
        statement.where(Notice.subject.contains(_TERM, autoescape=True), was_told).order_by(Notice.id)
    )
    return {subject: (closed_at is None, text, data) for subject, closed_at, text, data in rows}


def _tell(unit: Unit, one: _Ending) -> None:
    """A month before the end the notice stands on the pages alone."""
    text, data = one.words
    is_quiet = one.level == "info"
    tell(unit, subject=one.subject, text=text, data=data, path=one.path, level=one.level, is_mailed=not is_quiet)


def _view(core: Core, row: ChannelAccount) -> Account:
    try:
        return account_view(core, row)
    except ConfigError:  # the account itself tells of that
        return account_view(core, row, with_secrets=False)


def _sound(health: object) -> AccountHealth:
    """What a channel gave, if a page can show it. Raises TypeError."""
    if not (
        isinstance(health, AccountHealth)
        and _is_moment(health.token_expires_at)
        and all(isinstance(one, Quota) and _is_moment(one.resets_at) and one.limit >= 0 for one in health.quotas)
        and all(len(row) == 2 for row in health.rows)
        and all(_is_term(one) for one in health.terms)
    ):
        raise TypeError("health() gave something of another type, or a moment without a time zone")
    return health


def _is_term(one: object) -> bool:
    return (
        isinstance(one, Term)
        and 0 < len(one.label) <= _LONGEST_LABEL
        and isinstance(one.ends_at, datetime)
        and _is_moment(one.ends_at)
        and (not one.path or is_own_path(one.path))
    )


def _is_moment(at: object) -> bool:
    return at is None or (isinstance(at, datetime) and at.tzinfo is not None)
