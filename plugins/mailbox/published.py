"""What the owner has to put into the DNS for the signature of the domain, and whether it was there when it was looked for last."""

from plugins.mailbox.dkim_signing import SigningKey
from tidings import Host

__all__ = ["forget_published", "note_published", "published_rows", "published_text"]


def note_published(host: Host, account_id: int, key: SigningKey, is_there: bool | None) -> None:
    """Remember for which key the DNS was asked, and its answer."""
    if account_id:
        host.store.set(f"dkim_{account_id}", [key.record_name, key.record_value, is_there])


def forget_published(host: Host, account_id: int) -> None:
    """Drop what is kept of an account that is gone."""
    host.store.delete(f"dkim_{account_id}")


def published_text(host: Host, is_there: bool | None) -> str:
    """A sentence with a place for the record's name."""
    if is_there:
        return host.gettext("%(name)s has the key in the DNS.")
    if is_there is None:
        return host.gettext("%(name)s has another key in the DNS than the one that signs. Put the right one there.")
    return host.gettext("%(name)s is not in the DNS yet. Put the record there that this account's page shows.")


def published_rows(host: Host, account_id: int, key: SigningKey) -> tuple[tuple[str, str], ...]:
    """What a page shows: the record, and whether it is there."""
    name, value, is_there = host.store.get(f"dkim_{account_id}", ["", "", False])
    if (name, value) != (key.record_name, key.record_value):
        state = host.gettext("Not looked for yet: test the connection.")
    else:
        state = published_text(host, is_there) % {"name": name}
    return (
        (host.gettext("Name of the TXT record"), key.record_name),
        (host.gettext("Its value"), key.record_value),
        (host.gettext("In the DNS"), state),
    )
