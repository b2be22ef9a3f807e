"""The connection test of a page: app, token, rights, webhooks; each step with what to do when it fails."""

from collections.abc import Iterator

from connectors.meta_graph import pages
from plugins.facebook.graph import has_app, page_client
from plugins.facebook.subscription import missing_fields, missing_scopes, read_sign_in
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
        yield _page(host, account)
        yield from _rights(host, account)
        if account.id:
            yield _webhooks(host, account)
    except ChannelError as error:
        yield Check("Page", False, str(error))


def _page(host: Host, account: Account) -> Check:
    with page_client(host, account) as client:
        page = pages.read_page(client)
    if page.id != str(account.settings.get("page_id")):
        return Check("Page", False, f"The token is for another page: {page.name} ({page.id}).")
    return Check("Page", True, page.name)


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
    advice = f"Facebook does not tell us everything at once ({missing}). Sign in again, which subscribes the page."
    return Check("Webhook", not missing, advice if missing else "")
