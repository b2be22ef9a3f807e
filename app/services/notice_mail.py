"""Mailing notices to all admins, through the accounts that agents send mail with; trying again when that fails."""

import logging
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update

from app.domain.backoff import MOST_ATTEMPTS, next_attempt, retry_pause
from app.domain.roles import Permission, may
from app.domain.text import clean_line
from app.errors import ConfigError
from app.models import Agent, ChannelAccount, Notice
from app.plugin_api.channel import MAIL, Account
from app.plugin_api.errors import ChannelError
from app.plugin_api.messages import OutboundMessage, Participant
from app.redaction import masked
from app.services.account_view import account_view
from app.services.channel_limits import can_begin
from app.services.core import Core, Unit, writing
from app.services.notice_letter import Letter, News, write_letter
from app.services.own_addresses import own_addresses
from app.services.safe_mode import make_recovery_link
from app.services.settings import get_setting

__all__ = ["can_mail", "mail_notices"]

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
"""For so long nobody else takes up what a process is mailing."""
_RESCUED = ("plugin:", "theme:")
"""Subjects of what may keep an admin from opening our pages: their mails carry a recovery link."""


@dataclass(frozen=True, slots=True)
class _Admin:
    name: str
    email: str
    language: str


@dataclass(frozen=True, slots=True)
class _Taken:
    ids: tuple[int, ...]
    news: tuple[News, ...]
    needs_rescue: bool


def can_mail(core: Core) -> bool:
    """Whether any account could mail a notice now."""
    return next(iter(_accounts(core)), None) is not None


def mail_notices(core: Core) -> int:
    """Mail what is due, all of it in one mail to each admin, and give how many notices that were.

    Nothing happens while no account can send mail: what is still open then is mailed once there is one.
    """
    admins = _admins(core) if _is_any_due(core) else []
    accounts = list(_accounts(core)) if admins else []
    core.session.rollback()
    taken = _take(core) if accounts else None
    if taken is None:
        return 0
    left, problem = admins, ""
    for account in accounts:
        left, problem = _send(core, account, left, taken)
        if not left:
            break
    _record(core, taken, was_sent=len(left) < len(admins), problem=problem)
    return len(taken.ids)


def _is_any_due(core: Core) -> bool:
    is_due = (Notice.mail_state == "queued") & (Notice.mail_due_at <= core.clock.now()) & Notice.closed_at.is_(None)
    return core.session.execute(select(Notice.id).where(is_due).limit(1)).first() is not None


def _admins(core: Core) -> list[_Admin]:
    """Active admins, but for those whose address is the inbox itself, where every agent would read it."""
    own = own_addresses(core.session.connection())
    statement = select(Agent).where(Agent.active.is_(True)).order_by(Agent.id)
    language = get_setting(core, "language", "")
    return [
        _Admin(agent.name, agent.email, agent.language or language)
        for agent in core.session.scalars(statement)
        if may(agent.role, Permission.NOTICES) and not own.names(MAIL, agent.email)
    ]


def _accounts(core: Core) -> Iterable[Account]:
    """Active accounts that can send mail; those without trouble first, then the oldest."""
    statement = select(ChannelAccount).where(ChannelAccount.state == "active")
    for row in core.session.scalars(statement.order_by(ChannelAccount.failures > 0, ChannelAccount.id)):
        channel = core.plugins.channels.get(row.plugin)
        if channel is None or not can_begin(channel.capabilities) or channel.address_kind != MAIL:
            continue
        try:
            yield account_view(core, row)
        except ConfigError:  # its secrets cannot be read; the account itself tells of that
            continue


def _take(core: Core) -> _Taken | None:
    """Claim what is due, for so long that a process that dies with it does not keep it."""
    with writing(core) as unit:
        _forget_closed(unit)
        statement = (
            select(Notice)
            .where(Notice.mail_state == "queued", Notice.mail_due_at <= unit.now)
            .order_by(Notice.id)
            .with_for_update(skip_locked=True)
        )
        rows = unit.session.scalars(statement).all()
        for row in rows:
            row.mail_attempts, row.mail_due_at = row.mail_attempts + 1, unit.now + LEASE
        if not rows:
            return None
        return _Taken(
            ids=tuple(row.id for row in rows),
            news=tuple(News(row.text, dict(row.data), row.path) for row in rows),
            needs_rescue=any(row.subject.startswith(_RESCUED) for row in rows),
        )


def _forget_closed(unit: Unit) -> None:
    is_closed = (Notice.mail_state == "queued") & Notice.closed_at.is_not(None)
    unit.session.execute(update(Notice).where(is_closed).values(mail_state="none"))


def _send(core: Core, account: Account, admins: Sequence[_Admin], taken: _Taken) -> tuple[list[_Admin], str]:
    """Send to each admin through one account: who is left, and the last thing that went wrong."""
    channel, problem = core.plugins.channels[account.plugin], ""
    left: list[_Admin] = []
    for admin in admins:
        try:
            channel.send(account, _message(core, account, admin, _letter(core, admin, taken)))
        except ChannelError as error:
            left, problem = [*left, admin], str(error)
        except (Exception, SystemExit) as error:  # plugin code: the notice stays queued whatever it does
            log.exception("plugin %s failed to mail a notice", account.plugin)
            left, problem = [*left, admin], f"The plugin failed ({type(error).__name__})."
    return left, problem


def _letter(core: Core, admin: _Admin, taken: _Taken) -> Letter:
    return write_letter(
        taken.news,
        language=admin.language or "en",
        business=get_setting(core, "business_name", "") or "Tidings",
        address=core.config.address,
        recovery_link=make_recovery_link(core) if taken.needs_rescue else "",
    )


def _message(core: Core, account: Account, admin: _Admin, letter: Letter) -> OutboundMessage:
    """Of no conversation: its ids are 0, and nothing answers to it."""
    domain = account.address.rpartition("@")[2] or "localhost"
    return OutboundMessage(
        message_id=0,
        conversation_id=0,
        external_id=f"notice.{secrets.token_hex(12)}@{domain}",
        to=(Participant(MAIL, admin.email, admin.name),),
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        created_at=core.clock.now(),
        is_automatic=True,
    )


def _record(core: Core, taken: _Taken, *, was_sent: bool, problem: str) -> None:
    core.session.rollback()
    with writing(core) as unit:
        for row in unit.session.scalars(select(Notice).where(Notice.id.in_(taken.ids)).with_for_update()):
            row.mail_error = clean_line(masked(problem), 500)
            if was_sent:
                row.mail_state, row.mail_due_at = "sent", unit.now
            elif row.mail_attempts >= MOST_ATTEMPTS:
                row.mail_state = "failed"
            else:
                row.mail_due_at = next_attempt(unit.now, retry_pause(row.mail_attempts))
        unit.changed("notices")
