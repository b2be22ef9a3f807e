"""The boxes on the page of a mailbox: what it reads and how far, what came and what could not leave, how to deliver straight in."""

from plugins.mailbox.cursor import place_in
from plugins.mailbox.health import sign_in_panel
from plugins.mailbox.listener import listen_address
from plugins.mailbox.published import published_rows
from plugins.mailbox.sending import signing_key
from plugins.mailbox.sent_copies import copy_trouble
from plugins.mailbox.settings import APPEND, DELIVERED, SERVER, MailboxSettings
from plugins.mailbox.troubles import failures_of, folder_troubles
from tidings import Account, Host, Panel, translatable

__all__ = ["account_panels"]

_COPIES = {SERVER: translatable("kept by the server"), APPEND: translatable("put there by Tidings")}
_NONE = translatable("none are kept")


def account_panels(host: Host, account: Account) -> list[Panel]:
    """The panels of one account."""
    settings = MailboxSettings.of(account)
    panels = [Panel("Mailbox", rows=_facts(host, account, settings), order=20)]
    if settings.receive_by != DELIVERED:
        panels.append(Panel("Folders", rows=_folders(host, account, settings), order=21))
    panels += sign_in_panel(host, account)
    own = host.account(account.id)
    key = signing_key(own, settings) if own is not None else None
    if key is not None:
        panels.append(Panel("Signature of the domain", rows=published_rows(host, account.id, key), order=23))
    if listen := host.config.get("listen", "").strip():
        panels.append(Panel("Deliver straight in", rows=_delivery(host, listen, settings), order=22))
    return panels


def _facts(host: Host, account: Account, settings: MailboxSettings) -> tuple[tuple[str, str], ...]:
    stats = host.account_stats(account.id)
    count, reason = failures_of(host, account.id)
    rows = [
        (host.gettext("Address"), settings.address),
        (host.gettext("Messages received"), str(stats.received)),
        (host.gettext("In the last seven days"), str(stats.received_last_week)),
        (host.gettext("Copies of sent mail"), host.gettext(_COPIES.get(settings.sent_copy, _NONE))),
    ]
    if count:
        text = host.gettext("%(count)s; the last one: %(reason)s")
        rows.append((host.gettext("Could not be sent"), text % {"count": count, "reason": reason}))
    return (*rows, *_copy_rows(host, account.id))


def _copy_rows(host: Host, account_id: int) -> list[tuple[str, str]]:
    """Copies that the server refuses, such as those for a full mailbox."""
    trouble, text = copy_trouble(host, account_id), host.gettext("%(count)s; the last one: %(reason)s")
    rows = []
    if trouble.refused:
        words = text % {"count": trouble.refused, "reason": trouble.reason}
        rows.append((host.gettext("Copies that the server refuses so far"), words))
    if trouble.lost:
        words = text % {"count": trouble.lost, "reason": trouble.reason}
        rows.append((host.gettext("Copies that could not be kept"), words))
    return rows


def _folders(host: Host, account: Account, settings: MailboxSettings) -> tuple[tuple[str, str], ...]:
    problems = folder_troubles(host, account.id)
    return tuple((folder, problems.get(folder) or _position(host, account, folder)) for folder in settings.folders)


def _position(host: Host, account: Account, folder: str) -> str:
    place = place_in(account.cursor, folder)
    if place is None:
        return host.gettext("not read yet")
    if place.since:
        return host.gettext("read up to UID %(uid)s, looking through it again") % {"uid": place.uid}
    return host.gettext("read up to UID %(uid)s") % {"uid": place.uid}


def _delivery(host: Host, listen: str, settings: MailboxSettings) -> tuple[tuple[str, str], ...]:
    try:
        address = listen_address(listen)
    except ValueError as error:
        return ((host.gettext("Problem"), str(error)),)
    where = f"{address.scheme}://{address.name}:{address.port}"
    local, _, domain = settings.address.rpartition("@")
    return (
        (host.gettext("Server"), where),
        (host.gettext("Recipients"), f"{settings.address}, {local}+anything@{domain}"),
    )
