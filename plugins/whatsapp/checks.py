"""The connection test of a number: app, number, rights; each step with what to do when it fails."""

from collections.abc import Iterator

from connectors.meta_graph.whatsapp import list_numbers
from plugins.whatsapp.graph import has_app, number_client
from plugins.whatsapp.subscription import missing_scopes, read_sign_in
from tidings import Account, ChannelError, Check, ConnectionReport, Host

__all__ = ["connection_report"]


def connection_report(host: Host, account: Account) -> ConnectionReport:
    """Each step until one fails; nothing is changed at Meta."""
    checks = []
    for check in _checks(host, account):
        checks.append(check)
        if not check.is_ok:
            break
    return ConnectionReport(tuple(checks))


def _checks(host: Host, account: Account) -> Iterator[Check]:
    if not has_app(host):
        yield Check("App", False, "Enter id and secret of the app in the settings of the plugin first.")
        return
    try:
        yield _number(host, account)
        yield _rights(host, account)
    except ChannelError as error:
        yield Check("Number", False, str(error))


def _number(host: Host, account: Account) -> Check:
    with number_client(host, account) as client:
        found = list_numbers(client, str(account.settings.get("business_id")))
    number = next((one for one in found if one.id == str(account.settings.get("number_id"))), None)
    if number is None:
        return Check(
            "Number", False, "The business account has no such number. Look at the ids under WhatsApp → API Setup."
        )
    return Check("Number", True, f"{number.verified_name}, {number.display_number}")


def _rights(host: Host, account: Account) -> Check:
    info = read_sign_in(host, account.secret("access_token"))
    if not info.is_valid:
        return Check("Sign-in", False, "Meta no longer takes the token. Sign in again, or give another one.")
    missing = ", ".join(sorted(missing_scopes(info)))
    return Check("Sign-in", not missing, f"The token does not allow everything; missing: {missing}." if missing else "")
