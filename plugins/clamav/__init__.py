"""ClamAV: every file that comes in, on any channel, is looked at by a scanner of one's own before anybody can open it."""

from collections.abc import Sequence
from datetime import timedelta

from plugins.clamav.filtering import filter_message
from plugins.clamav.settings import ClamAVSettings
from plugins.clamav.watch import ask_scanner, notice_of
from tidings import Account, Host, InboundMessage, Job, Panel, SettingsForm, hookimpl


@hookimpl
def register_settings(host: Host) -> Sequence[type[SettingsForm]]:
    return [ClamAVSettings]


@hookimpl
def register_jobs(host: Host) -> Sequence[Job]:
    return [Job("ask the scanner", every=timedelta(minutes=10), run=lambda: ask_scanner(host))]


@hookimpl(tryfirst=True)
def filter_inbound(host: Host, message: InboundMessage, account: Account) -> InboundMessage | None:
    """What is infected goes to Spam without its files."""
    return filter_message(host, message) if message.attachments else None


@hookimpl
def dashboard_panels(host: Host) -> Sequence[Panel]:
    """Only while the scanner cannot be reached."""
    notice = notice_of(host)
    return [Panel("Virus scanner", rows=((host.gettext("ClamAV"), notice),), order=20)] if notice else []
