"""What could not be sent through each account, counted for its page."""

from tidings import DeliveryFailed, Host

__all__ = ["failures_of", "forget_failures", "note_failure"]


def note_failure(host: Host, failure: DeliveryFailed) -> None:
    """Count a message that was given up, when it was to leave through one of our accounts."""
    account_id = failure.message.account_id
    if host.account(account_id) is not None:
        host.store.increment(f"not_sent_{account_id}")
        host.store.set(f"not_sent_why_{account_id}", failure.reason[:300])


def failures_of(host: Host, account_id: int) -> tuple[int, str]:
    """How many messages were given up, and why the last one."""
    return host.store.get(f"not_sent_{account_id}", 0), host.store.get(f"not_sent_why_{account_id}", "")


def forget_failures(host: Host, account_id: int) -> None:
    """Drop the count of an account that is gone."""
    host.store.delete(f"not_sent_{account_id}")
    host.store.delete(f"not_sent_why_{account_id}")
