"""The test of each form that begins by itself at night, and what else has to be looked after: tests that wait for ever, old results."""

import secrets
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from plugins.webform.checking import results
from plugins.webform.checking.marks import new_nonce
from plugins.webform.checking.results import CheckResult
from plugins.webform.checking.sending import send_test
from plugins.webform.checking.steps import CheckState, Kind
from plugins.webform.checking.watching import end_overdue, tell
from plugins.webform.storing.versions import current
from tidings import Account, Host

__all__ = ["begin_test", "look_after", "try_tonight"]

NIGHT = range(2, 5)
"""Hours in the form's own time zone."""
REST = timedelta(hours=20)
"""Between two tests of a form, so that a night has one."""
LATEST = timedelta(hours=30)
"""After so long a test is made up for by day: the machine may sleep at night."""


def look_after(host: Host) -> None:
    """The plugin's job: begin what is due, give up on what waits too long, forget what is old."""
    end_overdue(host)
    try_tonight(host)
    results.forget_old(host, {account.id for account in host.accounts(with_paused=True)})


def try_tonight(host: Host) -> None:
    """Test each form whose turn it is. Nobody gets mail."""
    last = results.latest_nightly(host)
    for account in host.accounts():
        before = last.get(account.id)
        if _is_due(host.now(), before, _zone(host, account)):
            begin_test(host, account, Kind.NIGHTLY, address=_somebody(host), began_by="")


def begin_test(host: Host, account: Account, kind: Kind, *, address: str, began_by: str) -> CheckResult:
    """Send a marked message through the form; the rest of its way is followed by `watching`."""
    nonce = new_nonce(secrets.token_hex(10))
    check = results.begin(host, account.id, kind, nonce, address=address, began_by=began_by)
    check = send_test(host, account, check)
    if check.state is not CheckState.RUNNING:
        tell(host, check)
    return check


def _is_due(now: datetime, before: CheckResult | None, zone: ZoneInfo) -> bool:
    rested = now - before.began_at if before else REST
    return rested >= LATEST or (rested >= REST and now.astimezone(zone).hour in NIGHT)


def _zone(host: Host, account: Account) -> ZoneInfo:
    return ZoneInfo(current(host, account).definition.zone)


def _somebody(host: Host) -> str:
    """The address that stands in the test: an admin's. Nothing is sent to it."""
    people = host.agents()
    return next((one.email for one in people if one.role == "admin"), people[0].email if people else "")
