"""What an account at Twilio needs: that the token is taken, the number is there, and Twilio posts to us."""

from connectors.errors import AuthExpired, ConnectorError
from connectors.twilio_voice import Number
from plugins.voip.twilio_desk import Desk
from tidings import Account, Check, ConnectionReport, Host, translatable

__all__ = ["check_account"]

TWILIO, NUMBER, POSTS = translatable("Twilio"), translatable("Number"), translatable("Calls and texts reach us")
_REFUSED = translatable(
    "Twilio does not accept the account SID and the auth token. Copy both from the first page of its console."
)
_NOT_YOURS = translatable("The account has no such number. Buy it in Twilio's console, or choose another one.")
_NO_VOICE = translatable("This number carries no calls.")


def check_account(host: Host, account: Account) -> ConnectionReport:
    """Try each thing; changes nothing at Twilio. Where Twilio posts is told, and is no failure: it is set after the account was saved."""
    desk = Desk(host, account)
    try:
        name = desk.twilio.account_name()
        numbers = desk.twilio.numbers()
    except AuthExpired:
        return ConnectionReport((Check(TWILIO, False, host.gettext(_REFUSED)),))
    except ConnectorError as error:
        return ConnectionReport((Check(TWILIO, False, error.reason),))
    found = next((one for one in numbers if one.number == desk.line.number), None)
    return ConnectionReport((Check(TWILIO, True, name), *_of_number(host, account, found)))


def _of_number(host: Host, account: Account, number: Number | None) -> tuple[Check, ...]:
    if number is None:
        return (Check(NUMBER, False, host.gettext(_NOT_YOURS)),)
    if not number.carries_calls:
        return (Check(NUMBER, False, host.gettext(_NO_VOICE)),)
    return (Check(NUMBER, True, number.name), *_posts(host, account, number))


def _posts(host: Host, account: Account, number: Number) -> tuple[Check, ...]:
    if not account.id:  # it is being connected: there is no address yet
        return ()
    address = host.webhook_url(account.id)
    is_set = number.voice_url == address and number.sms_url == address
    hint = host.gettext("Press “Let Twilio post here” on the account's page, or enter the address there yourself.")
    return (Check(POSTS, True, "" if is_set else hint),)
