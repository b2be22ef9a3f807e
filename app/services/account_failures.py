"""Writing what went wrong at the provider where the owner of an account sees it."""

from datetime import timedelta

from app.domain.backoff import next_attempt, retry_pause
from app.domain.text import clean_line
from app.errors import AppError
from app.models import ChannelAccount
from app.plugin_api.errors import ChannelError, NeedsReauth, Temporary
from app.redaction import masked
from app.services.account_trouble import receiving_fails, sign_in_needed
from app.services.core import Core, writing

__all__ = ["note_trouble"]

_LONGEST_PAUSE = timedelta(minutes=15)


def note_trouble(core: Core, account_id: int, error: BaseException) -> None:
    """Write what went wrong where the owner sees it: sign in again, or wait until …"""
    is_told = isinstance(error, ChannelError | AppError)
    reason = masked(str(error)) if is_told else f"The plugin failed ({type(error).__name__})."
    with writing(core) as unit:
        row = unit.session.get(ChannelAccount, account_id)
        if row is None:
            return
        row.failures += 1
        row.last_error, row.failed_at = clean_line(reason, 1000), unit.now
        if isinstance(error, NeedsReauth):
            row.state = "needs_reauth"
            row.revision += 1
            sign_in_needed(unit, row, reason)
        else:
            receiving_fails(unit, row, reason)
            wish = error.retry_at if isinstance(error, Temporary) else None
            row.next_attempt_at = next_attempt(unit.now, min(retry_pause(row.failures), _LONGEST_PAUSE), wish)
        unit.changed("account", id=account_id)
