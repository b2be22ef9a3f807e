"""The connection test of an account: app, token, rights, webhooks; each step with what to do when it fails."""

from collections.abc import Iterator

from connectors.meta_graph import pages
from plugins.instagram.graph import has_app, page_client
from plugins.instagram.subscription import missing_fields, missing_scopes, read_sign_in
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
        yield _account(host, account)
        yield from _rights(host, account)
        if account.id:
            yield _webhooks(host, account)
    except ChannelError as error:
        yield Check("Account", False, str(error))


def _account(host: Host, account: Account) -> Check:
    with page_client(host, account) as client:
        page = pages.read_page(client)
    if page.instagram_id != str(account.settings.get("instagram_id")):
        return Check("Account", False, f"The token is for the page {page.name}, to which another account is linked.")
    return Check("Account", True, page.instagram_username)


def _rights(host: Host, account: Account) -> Iterator[Check]:
    info = read_sign_in(host, account)
    if not info.is_valid:
        yield Check("Sign-in", False, "Facebook no longer takes the token. Sign in again.")
        return
    missing = ", ".join(sorted(missing_scopes(info)))
    yield Check(
        "Sign-in", not missing, f"Sign in again and agree to everything; missing: {missing}." if missing else ""
    )


def _webhooks(host: Host, account: Account) -> Check:
    missing = ", ".join(sorted(missing_fields(host, account)))
    advice = f"Instagram does not tell us everything at once ({missing}). Sign in again, which subscribes it."
    return Check("Webhook", not missing, advice if missing else "")
