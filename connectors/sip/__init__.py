"""Telephone calls by SIP: an agent process that registers, answers and records, and the client that runs it.

`run_agent` is what one needs; `check_registration` tries an account; `speak` makes announcements. baresip is imported by the agent alone.
"""

from connectors.sip.client import SIPAgent, check_registration, run_agent
from connectors.sip.faults import registration_error
from connectors.sip.greeting import can_speak, speak
from connectors.sip.recordings import Leftover, forget, leftovers
from connectors.sip.sound import read_wav, write_wav
from connectors.sip.types import (
    Answer,
    Answered,
    Answering,
    Chosen,
    Command,
    Consent,
    Dial,
    Digit,
    Ended,
    Event,
    HangUp,
    MenuLine,
    Private,
    Recorded,
    Registered,
    RegistrationLost,
    Ringing,
    Setup,
    SIPAccount,
    Statistics,
    Stop,
    Transferred,
    TransferRefused,
    Voicemail,
)

__all__ = [
    "Answer",
    "Answered",
    "Answering",
    "Chosen",
    "Command",
    "Consent",
    "Dial",
    "Digit",
    "Ended",
    "Event",
    "HangUp",
    "Leftover",
    "MenuLine",
    "Private",
    "Recorded",
    "Registered",
    "RegistrationLost",
    "Ringing",
    "SIPAccount",
    "SIPAgent",
    "Setup",
    "Statistics",
    "Stop",
    "TransferRefused",
    "Transferred",
    "Voicemail",
    "can_speak",
    "check_registration",
    "forget",
    "leftovers",
    "read_wav",
    "registration_error",
    "run_agent",
    "speak",
    "write_wav",
]
