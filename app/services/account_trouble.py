"""Notices about accounts that need their owner: the provider refuses our credential, or nothing has worked for an hour."""

from datetime import timedelta

from app.domain.backoff import LASTING_FAILURES
from app.models import ChannelAccount
from app.plugin_api.texts import translatable
from app.services.core import Unit
from app.services.notices import over, over_below, tell

__all__ = [
    "FIRST_SIGN_IN",
    "account_gone",
    "receiving_fails",
    "receiving_works",
    "sending_fails",
    "sending_works",
    "sign_in_awaited",
    "sign_in_needed",
]

FIRST_SIGN_IN = translatable("It starts once you have signed in at the provider.")
"""What stands at an account whose settings are right and whose owner has still to sign in."""
_LASTING = timedelta(hours=1)
_TIME_TO_SIGN_IN = timedelta(minutes=15)
_ATTEMPTS_OF_AN_HOUR = 9
"""With the pauses of `retry_pause` the ninth comes 85 minutes after the first, 20 % more or less."""
_SIGN_IN = translatable("The account %(account)s must be signed in again: %(reason)s")
_AWAITED = translatable("The account %(account)s is waiting: sign in at its provider to start it.")
_RECEIVING = translatable("The account %(account)s has not been reached for over an hour: %(reason)s")
_SENDING = translatable("The account %(account)s has not been able to send for over an hour: %(reason)s")


def sign_in_needed(unit: Unit, account: ChannelAccount, reason: str) -> None:
    """The provider no longer accepts our credential."""
    _tell(unit, account, "sign-in", _SIGN_IN, reason)


def sign_in_awaited(unit: Unit, account: ChannelAccount) -> None:
    """Its settings were just saved, and its owner goes on to sign in. Mailed only to those who left before they did."""
    tell(
        unit,
        subject=_subject(account.id, "sign-in"),
        text=_AWAITED,
        data={"account": account.name},
        path=_sign_in_path(account),
        mail_in=_TIME_TO_SIGN_IN,
    )


def receiving_fails(unit: Unit, account: ChannelAccount, reason: str) -> None:
    """Fetching failed again. Told only when nothing has worked for an hour and several attempts."""
    is_lasting = account.failures >= LASTING_FAILURES
    if is_lasting and unit.now - (account.checked_at or account.created_at) >= _LASTING:
        _tell(unit, account, "receiving", _RECEIVING, reason)


def receiving_works(unit: Unit, account: ChannelAccount) -> None:
    """Fetching worked again after trouble."""
    over(unit, _subject(account.id, "receiving"))
    over(unit, _subject(account.id, "sign-in"))


def sending_fails(unit: Unit, account: ChannelAccount, attempts: int, reason: str) -> None:
    """A message could not be sent once more. Told only when its attempts took over an hour."""
    if attempts >= _ATTEMPTS_OF_AN_HOUR:
        _tell(unit, account, "sending", _SENDING, reason)


def sending_works(unit: Unit, account_id: int) -> None:
    """A message went out."""
    over(unit, _subject(account_id, "sending"))


def account_gone(unit: Unit, account_id: int) -> None:
    """The account was removed, paused or put right: nothing that was told of it holds any more."""
    over_below(unit, _subject(account_id, ""))


def _tell(unit: Unit, account: ChannelAccount, what: str, text: str, reason: str) -> None:
    tell(
        unit,
        subject=_subject(account.id, what),
        text=text,
        data={"account": account.name, "reason": reason},
        path=_sign_in_path(account) if what == "sign-in" else f"/accounts/{account.id}",
        level="error",
    )


def _sign_in_path(account: ChannelAccount) -> str:
    """This leads on to the plugin's own page, or to the account's settings."""
    return f"/accounts/{account.id}/sign-in"


def _subject(account_id: int, what: str) -> str:
    return f"account:{account_id}:{what}"
