"""What is wrong with an account without stopping it, kept for its page: messages that could not be sent, folders that cannot be opened."""

from collections.abc import Mapping

from tidings import DeliveryFailed, Host

__all__ = ["failures_of", "folder_troubles", "forget_troubles", "note_failure", "note_folders"]


def note_failure(host: Host, failure: DeliveryFailed) -> None:
    """Count a message that was given up, when it was to leave through one of our accounts."""
    account_id = failure.message.account_id
    if host.account(account_id) is not None:
        host.store.increment(f"not_sent_{account_id}")
        host.store.set(f"not_sent_why_{account_id}", failure.reason[:300])


def failures_of(host: Host, account_id: int) -> tuple[int, str]:
    """How many messages were given up, and why the last one."""
    return host.store.get(f"not_sent_{account_id}", 0), host.store.get(f"not_sent_why_{account_id}", "")


def note_folders(host: Host, account_id: int, problems: Mapping[str, str]) -> None:
    """Remember which folders cannot be opened and why; nothing is written while that stays the same."""
    if folder_troubles(host, account_id) != dict(problems):
        host.store.set(f"folders_{account_id}", dict(problems))


def folder_troubles(host: Host, account_id: int) -> dict[str, str]:
    """Folder to why it cannot be opened."""
    return dict(host.store.get(f"folders_{account_id}", {}))


def forget_troubles(host: Host, account_id: int) -> None:
    """Drop what is kept of an account that is gone."""
    for key in ("not_sent", "not_sent_why", "folders"):
        host.store.delete(f"{key}_{account_id}")
