"""Telephone calls and short messages in the inbox, by Twilio or by SIP. One account is one number."""

from collections.abc import Sequence
from datetime import timedelta

from plugins.voip.agents import forget_old_legs
from plugins.voip.channel import VoipChannel
from plugins.voip.keeping import delete_at_provider, forget_old_recordings
from plugins.voip.record import tell_rest
from plugins.voip.sounds import forget_outgoing
from plugins.voip.twilio_ringing import release_late_callers
from tidings import Channel, Host, Job, hookimpl


@hookimpl
def register_channels(host: Host) -> Sequence[Channel]:
    return [VoipChannel(host)]


@hookimpl
def register_jobs(host: Host) -> Sequence[Job]:
    return [
        Job("tell the inbox", every=timedelta(seconds=30), run=lambda: tell_rest(host)),
        Job("release late callers", every=timedelta(seconds=10), run=lambda: release_late_callers(host)),
        Job("tidy recordings", every=timedelta(hours=1), run=lambda: _tidy(host)),
    ]


def _tidy(host: Host) -> None:
    """Delete what is no longer to be kept, here and at the carrier."""
    forget_old_recordings(host)
    delete_at_provider(host)
    forget_outgoing(host)
    forget_old_legs(host)
