"""Renewing sign-ins ahead of their end, also those of paused accounts: a Microsoft sign-in that nobody uses dies after 90 days."""

from datetime import datetime, timedelta

from connectors.errors import AuthExpired, ConnectorError
from plugins.mailbox.settings import PASSWORD, MailboxSettings
from plugins.mailbox.signing_in.grants import Grant, grant_of
from plugins.mailbox.signing_in.tokens import AccessToken, refresh_key
from tidings import Account, Host, translatable

__all__ = ["lost_sign_in", "renew_sign_ins"]

IDLE = timedelta(days=1)
_OF_ITS_LIFE = 4 / 5
_LOST = translatable("The sign-in of the paused account %(account)s is no longer accepted: %(reason)s")


def renew_sign_ins(host: Host) -> None:
    """Renew what was not used for a day, has a fifth of its life left, or was refused the last time. A provider that cannot be reached is
    left alone until the next time."""
    working = {account.id for account in host.accounts()}
    unreachable: set[str] = set()
    for account in host.accounts(with_paused=True):
        settings = MailboxSettings.of(account)
        if settings.auth == PASSWORD or not account.secret(refresh_key(settings.auth)) or settings.auth in unreachable:
            continue
        if not _is_due(grant_of(host, account.id, settings.auth), host.now()):
            continue
        if not _renew(host, account, settings, is_paused=account.id not in working):
            unreachable.add(settings.auth)


def lost_sign_in(account_id: int) -> str:
    """The subject of the notice that a paused account must be signed in to again."""
    return f"sign_in_{account_id}"


def _is_due(grant: Grant, now: datetime) -> bool:
    if (
        grant.refreshed_at is None or grant.failed_at is not None
    ):  # what ended may be mended by now: a new secret was entered
        return True
    used_up = (grant.ends_at - grant.refreshed_at) * _OF_ITS_LIFE if grant.ends_at else IDLE
    return now - grant.refreshed_at >= min(IDLE, used_up)


def _renew(host: Host, account: Account, settings: MailboxSettings, *, is_paused: bool) -> bool:
    """Whether the provider answered. A refusal of a working account shows when it is next used, so only that of a paused one is told."""
    failed_before = grant_of(host, account.id, settings.auth).failed_at is not None
    try:
        AccessToken(host, account, settings).renew()
    except AuthExpired as error:
        if is_paused and not failed_before:
            data = {"account": account.name, "reason": error.reason}
            host.tell(lost_sign_in(account.id), _LOST, data=data, path=f"/sign-in/{account.id}")
        return True
    except ConnectorError as error:
        host.log.info("the sign-in of account %s could not be renewed now: %s", account.id, error.reason)
        return False
    host.over(lost_sign_in(account.id))
    return True
