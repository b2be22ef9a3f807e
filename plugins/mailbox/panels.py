"""The boxes on the page of a mailbox: what it reads and how far, what came and what could not leave, how to deliver straight in."""

from plugins.mailbox.cursor import place_in
from plugins.mailbox.listener import listen_address
from plugins.mailbox.settings import APPEND, DELIVERED, SERVER, MailboxSettings
from plugins.mailbox.troubles import failures_of, folder_troubles
from tidings import Account, Host, Panel

__all__ = ["account_panels"]

_COPIES = {SERVER: "kept by the server", APPEND: "put there by Tidings"}


def account_panels(host: Host, account: Account) -> list[Panel]:
    """The panels of one account."""
    settings = MailboxSettings.of(account)
    panels = [Panel("Mailbox", rows=_facts(host, account, settings), order=20)]
    if settings.receive_by != DELIVERED:
        panels.append(Panel("Folders", rows=_folders(host, account, settings), order=21))
    if listen := host.config.get("listen", "").strip():
        panels.append(Panel("Deliver straight in", rows=_delivery(listen, settings), order=22))
    return panels


def _facts(host: Host, account: Account, settings: MailboxSettings) -> tuple[tuple[str, str], ...]:
    stats = host.account_stats(account.id)
    count, reason = failures_of(host, account.id)
    rows = [
        ("Address", settings.address),
        ("Messages received", str(stats.received)),
        ("In the last seven days", str(stats.received_last_week)),
        ("Copies of sent mail", _COPIES.get(settings.sent_copy, "none")),
    ]
    if count:
        rows.append(("Could not be sent", f"{count}; the last one: {reason}"))
    return tuple(rows)


def _folders(host: Host, account: Account, settings: MailboxSettings) -> tuple[tuple[str, str], ...]:
    problems = folder_troubles(host, account.id)
    return tuple((folder, problems.get(folder) or _position(account, folder)) for folder in settings.folders)


def _position(account: Account, folder: str) -> str:
    place = place_in(account.cursor, folder)
    if place is None:
        return "not read yet"
    return f"read up to UID {place.uid}" + (", looking through it again" if place.since else "")


def _delivery(listen: str, settings: MailboxSettings) -> tuple[tuple[str, str], ...]:
    try:
        address = listen_address(listen)
    except ValueError as error:
        return (("Problem", str(error)),)
    where = f"{address.scheme}://{address.name}:{address.port}"
    local, _, domain = settings.address.rpartition("@")
    return (("Server", where), ("Recipients", f"{settings.address}, {local}+anything@{domain}"))
