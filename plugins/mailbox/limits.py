"""How large a mail may be that is taken in: `TIDINGS_PLUGIN_MAILBOX_MAX_MB`, 50 when it is not set."""

from tidings import Host

__all__ = ["max_bytes"]

DEFAULT_MB = 50


def max_bytes(host: Host) -> int:
    """The limit in bytes, for fetching and for the listener. A value that is no number counts as not set."""
    text = host.config.get("max_mb", "").strip()
    return (int(text) if text.isdecimal() and int(text) > 0 else DEFAULT_MB) * 1_000_000
