"""The connection test of an account: app, sign-in, being told at once; each step with what to do when it fails."""

from collections.abc import Iterator

from plugins.twitter import restrictions
from plugins.twitter.names import own_id
from plugins.twitter.subscription import told_of
from plugins.twitter.x import asked, can_sign_in, has_api_key, signs_itself
from tidings import Account, ChannelError, Check, ConnectionReport, Host

__all__ = ["connection_report"]


def connection_report(host: Host, account: Account) -> ConnectionReport:
    """Each step until one fails; costs one call and no read."""
    checks = []
    for check in _checks(host, account):
        checks.append(check)
        if not check.is_ok:
            break
    return ConnectionReport(tuple(checks))


def _checks(host: Host, account: Account) -> Iterator[Check]:
    is_set_up = has_api_key(host) if signs_itself(account) else can_sign_in(host)
    advice = "Enter API key and secret in the settings of X." if signs_itself(account) else "Enter the client ID first."
    yield Check("App", is_set_up, "" if is_set_up else advice)
    try:
        me = asked(host, account, lambda client: client.me())
    except ChannelError as error:
        yield Check("Sign-in", False, str(error))
        return
    is_same = me.id == own_id(account)
    yield Check(
        "Sign-in", is_same, f"@{me.username}" if is_same else f"These are the keys of @{me.username}, another account."
    )
    why = restrictions.why_not(host, account.id, "public")
    yield Check("Writing", True, "Read-only: X does not let the app write at present." if why else "")
    told = told_of(host, account.id)
    yield Check("Told at once", True, "" if told.is_on else f"No: X is asked every few minutes. {told.why_not}".strip())
