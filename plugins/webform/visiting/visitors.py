"""Internet addresses of visitors, kept apart from the messages so that they can be forgotten on time.

One small file for each submission in the plugin's data folder, renamed to its conversation once there is one. Its time
stamp decides when housekeeping removes it. Nothing is written when the form keeps addresses for 0 days.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address, ip_network
from os import utime
from pathlib import Path

from tidings import Host

__all__ = ["address_of", "attach", "forget_old", "network_of", "remember", "visitor_address"]


def address_of(remote: str | None) -> str:
    """The address that limits are counted for: an IPv4 address, or the /64 that one IPv6 subscriber has."""
    return _network(remote, 32, 64)


def network_of(remote: str | None) -> str:
    """The network that limits are counted for: /24 of IPv4, /48 of IPv6."""
    return _network(remote, 24, 48)


def remember(host: Host, account_id: int, external_id: str, remote: str | None) -> None:
    """Keep the address of a submission until its form's days are over."""
    path = _submission_file(host, account_id, external_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(remote or "", encoding="utf-8")
    _stamp(path, host.now())


def attach(host: Host, account_id: int, external_id: str, conversation_id: int) -> None:
    """The submission became this conversation. Nothing happens when no address was kept."""
    path = _submission_file(host, account_id, external_id)
    if path.exists():
        path.replace(_conversation_file(host, account_id, conversation_id))


def visitor_address(host: Host, account_id: int, conversation_id: int) -> str:
    """The kept address of who opened a conversation, or an empty string."""
    try:
        return _conversation_file(host, account_id, conversation_id).read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def forget_old(host: Host, keep_days: Callable[[int], int], now: datetime) -> int:
    """Remove what is older than `keep_days(account_id)` days; returns how many addresses went."""
    old = [
        path
        for path in host.data_folder().glob("visitors/*/*")
        if path.stat().st_mtime <= (now - timedelta(days=keep_days(int(path.parent.name)))).timestamp()
    ]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _network(remote: str | None, bits_4: int, bits_6: int) -> str:
    try:
        address = ip_address((remote or "").split("%")[0])
    except ValueError:
        return "unknown"
    if address.version == 6 and address.ipv4_mapped:
        address = address.ipv4_mapped
    return str(ip_network(f"{address}/{bits_4 if address.version == 4 else bits_6}", strict=False))


def _folder(host: Host, account_id: int) -> Path:
    return host.data_folder() / "visitors" / str(account_id)


def _submission_file(host: Host, account_id: int, external_id: str) -> Path:
    return _folder(host, account_id) / f"s-{sha256(external_id.encode()).hexdigest()[:32]}"


def _conversation_file(host: Host, account_id: int, conversation_id: int) -> Path:
    return _folder(host, account_id) / f"c-{conversation_id}"


def _stamp(path: Path, moment: datetime) -> None:
    utime(path, (moment.timestamp(), moment.timestamp()))
