"""Whether the scanner can be reached, remembered so that admins are told; a value is written only when that changes."""

from datetime import datetime
from time import monotonic

from plugins.clamav.clamd import Clamd, ScannerAway, read_server
from tidings import Host, translatable

__all__ = ["ask_scanner", "notice_of", "remember"]

PING_S = 5.0
_AWAY = "away"
_NOTICE = translatable("cannot be reached since %(time)s UTC: %(reason)s")


def ask_scanner(host: Host) -> None:
    """Ask it now whether it is there; nothing happens while none is named."""
    server = read_server(str(host.settings.get("server") or ""))
    trouble = None
    if server is not None:
        try:
            Clamd(server, monotonic() + PING_S).ping()
        except ScannerAway as error:
            trouble = error
    remember(host, trouble)


def remember(host: Host, trouble: ScannerAway | None) -> None:
    """Why it cannot be reached; None when it can."""
    known = host.store.get(_AWAY)
    if trouble and not known:
        host.log.warning("the scanner cannot be reached: %s", trouble)
        host.store.set(_AWAY, {"since": host.now().isoformat(), "sentence": trouble.sentence, "detail": trouble.detail})
    elif known and not trouble:
        host.store.delete(_AWAY)


def notice_of(host: Host) -> str:
    """What admins read while it is away; empty otherwise."""
    known = host.store.get(_AWAY)
    if not known:
        return ""
    since = datetime.fromisoformat(known["since"])
    reason = ScannerAway(known["sentence"], known["detail"]).said(host.gettext)
    return host.gettext(_NOTICE) % {"time": f"{since:%Y-%m-%d %H:%M}", "reason": reason}
