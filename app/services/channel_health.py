"""How accounts do at their providers, as their channels remember it; and telling admins before a sign-in ends."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from app.errors import ConfigError
from app.models import ChannelAccount, Notice
from app.plugin_api.channel import Account, AccountHealth, Channel, Quota
from app.plugin_api.texts import translatable
from app.services.account_view import account_view
from app.services.core import Core, writing
from app.services.notices import over, tell

__all__ = ["SOON", "all_accounts", "health_of", "sign_in_ends_at", "tell_of_ending_sign_ins"]

log = logging.getLogger(__name__)

SOON = timedelta(days=7)
"""So long before a sign-in ends its owner hears of it."""
_ENDS = translatable("The sign-in of the account %(account)s ends on %(day)s. Renew it before that.")
_ENDED = translatable("The sign-in of the account %(account)s ended on %(day)s. Sign in again.")


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


def sign_in_ends_at(core: Core, account_id: int) -> datetime | None:
    """When the sign-in of an active account ends; None when it does not, or when nobody knows."""
    row = core.session.get_one(ChannelAccount, account_id)
    return _end_of_sign_in(core, row, _view(core, row))


def tell_of_ending_sign_ins(core: Core) -> None:
    """Tell admins of each account whose sign-in ends within a week or has ended, once; close what was told when it was renewed."""
    found = [(row.id, row.name, _end_of_sign_in(core, row, account)) for row, account in all_accounts(core)]
    core.session.rollback()
    for account_id, name, ends_at in found:
        _tell(core, f"account:{account_id}:token", account_id, name, ends_at)


def _end_of_sign_in(core: Core, row: ChannelAccount, account: Account) -> datetime | None:
    """None also for accounts that are paused, or that are told of already because they wait for their owner."""
    channel = core.plugins.channels.get(row.plugin)
    if channel is None or row.state != "active":
        return None
    health = health_of(core, channel, account)
    return health.token_expires_at if health else None


def _tell(core: Core, subject: str, account_id: int, name: str, ends_at: datetime | None) -> None:
    now = core.clock.now()
    open_notice = select(Notice.text, Notice.data).where(Notice.subject == subject, Notice.closed_at.is_(None))
    told = core.session.execute(open_notice).first()
    core.session.rollback()
    if ends_at is None or ends_at > now + SOON:
        if told is not None:
            with writing(core) as unit:
                over(unit, subject)
        return
    has_ended = ends_at <= now
    text, data = _ENDED if has_ended else _ENDS, {"account": name, "day": f"{ends_at:%Y-%m-%d}"}
    if told is not None and (told.text, told.data) == (text, data):
        return
    with writing(core) as unit:
        tell(
            unit,
            subject=subject,
            text=text,
            data=data,
            path=f"/accounts/{account_id}/sign-in?renew=1",
            level="error" if has_ended else "warning",
        )


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
    ):
        raise TypeError("health() gave something of another type, or a moment without a time zone")
    return health


def _is_moment(at: object) -> bool:
    return at is None or (isinstance(at, datetime) and at.tzinfo is not None)
