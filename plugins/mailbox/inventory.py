"""What lies in the folders of an account, for the comparison with what is here: numbers first, headers only of what is asked for."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from connectors.imap_smtp import IMAPConnection, MailboxState, MailHeader
from plugins.mailbox.arrivals import reached_in
from plugins.mailbox.cursor import FolderPlace, next_place, place_in
from plugins.mailbox.limits import max_bytes
from plugins.mailbox.reading import read_uids, source_key, uids_from
from tidings import Account, FetchBatch, Host, Listed, ListedMail, UnrecognisedPayload, inbound_from_mail

__all__ = ["described", "fetched", "listed"]

PAGE = 1000
_FIELDS = ("MESSAGE-ID", "FROM", "SUBJECT", "DATE")


def listed(host: Host, imap: IMAPConnection, account: Account, folder: str) -> Iterator[Sequence[Listed]]:
    """The messages of a folder that count: those from its beginning on. Three searches, however many they are."""
    place = place_in(account.cursor, folder)
    if place is None:
        return
    state = imap.select(folder)
    era = _era(place, state, host.now())
    uids = uids_from(imap, _beginning(host, account, folder, place))
    for start in range(0, len(uids), PAGE):
        yield [Listed(source_key(folder, state.uidvalidity, uid, era), folder) for uid in uids[start : start + PAGE]]


def described(
    host: Host, imap: IMAPConnection, account: Account, folder: str, source_keys: Sequence[str]
) -> Iterator[ListedMail]:
    """What messages of a folder are, as far as they are still there."""
    state, era, uids = _wanted(host, imap, account, folder, source_keys)
    for header in imap.headers(uids, _FIELDS):
        yield _mail(source_key(folder, state.uidvalidity, header.uid, era), header, host.now())


def fetched(
    host: Host, imap: IMAPConnection, account: Account, folder: str, source_keys: Sequence[str]
) -> Iterator[FetchBatch]:
    """The events of messages of a folder, as far as they are still there."""
    state, era, uids = _wanted(host, imap, account, folder, source_keys)
    for events, progress in read_uids(imap, state, uids, era, max_bytes(host)):
        yield FetchBatch(events, dict(account.cursor), progress)


def _wanted(
    host: Host, imap: IMAPConnection, account: Account, folder: str, source_keys: Sequence[str]
) -> tuple[MailboxState, int, list[int]]:
    """The folder, opened when any of the keys may be of it, its era, and the numbers that the keys name. Keys of before a renumbering
    name nothing any more."""
    place = place_in(account.cursor, folder)
    named = source_key(folder, 0, 0).removesuffix("0:0")
    own = [key for key in source_keys if key.startswith(named)]
    if place is None or not own:
        return MailboxState(folder, 0, 1, 0), 0, []
    state = imap.select(folder)
    era = _era(place, state, host.now())
    prefix = source_key(folder, state.uidvalidity, 0, era).removesuffix("0")
    numbers = (key.removeprefix(prefix) for key in own if key.startswith(prefix))
    return state, era, sorted(int(number) for number in numbers if number.isascii() and number.isdigit())


def _era(place: FolderPlace, state: MailboxState, now: datetime) -> int:
    """The one that the next look into the folder will count under."""
    return next_place(place, state, None, now).era


def _beginning(host: Host, account: Account, folder: str, place: FolderPlace) -> datetime:
    """When reading began, to the second as servers count, or from when on somebody has asked for what came before that."""
    began_at = place.began_at.replace(microsecond=0)
    reached = reached_in(host, account.id, folder)
    return min(began_at, reached) if reached else began_at


def _mail(key: str, header: MailHeader, now: datetime) -> ListedMail:
    """A mail without a sender has an id that nothing here could have: it waits under Undelivered."""
    told = ListedMail(key, "", header.size, received_at=header.internal_date)
    try:
        message = inbound_from_mail(header.raw, header.internal_date or now)
    except UnrecognisedPayload:
        return told
    return replace(told, external_id=message.external_id, sender=message.sender.value, subject=message.subject)
