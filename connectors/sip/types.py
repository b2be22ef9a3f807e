"""What is said between the SIP agent, which is a process of its own, and who started it. Values only; `wire` makes lines of them.

Times are seconds since 1970 in UTC as the agent's clock had them. A call is named by its SIP Call-ID.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

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
    "MenuLine",
    "Private",
    "Recorded",
    "Registered",
    "RegistrationLost",
    "Ringing",
    "SIPAccount",
    "Setup",
    "Statistics",
    "Stop",
    "Transferred",
    "TransferRefused",
    "Voicemail",
    "Why",
]

Transport = Literal["udp", "tcp", "tls"]
Doing = Literal["voicemail", "transfer", "say", "hang_up"]
Why = Literal["caller", "done", "abandoned", "busy", "unanswered", "transferred", "lost", "failed", "stopped"]
"""Why a call ended. caller: the other side hung up. done: we did, everything was said. abandoned: before we answered. busy: we had no line
free. unanswered: nobody took a call of ours. transferred: it goes on without us. lost: no sound came any more, or the agent died.
failed: SIP or sound did not work. stopped: the agent was told to end."""


# ----------------------------------------------------------------------------------------- what to do ----
@dataclass(frozen=True, slots=True)
class SIPAccount:
    """Who registers where. `domain`: the registrar, "pbx.example.com" or with a port. `proxy`: where to send instead ("host:port"), empty
    for the domain. `login`: the name that the password belongs to, where it is not `user`. `register_every_s`: what is asked for; the
    registrar may shorten it."""

    user: str
    domain: str
    password: str = field(default="", repr=False)
    login: str = ""
    proxy: str = ""
    transport: Transport = "udp"
    register_every_s: int = 60


@dataclass(frozen=True, slots=True)
class MenuLine:
    """What a key does. `target`: the number of a transfer, or the WAV file of `say`. `label`: what the choice is called."""

    doing: Doing
    target: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Consent:
    """Said before a recording: who presses `digit` is not recorded. `wait_s`: how long after the prompt the key may still come."""

    prompt: str
    digit: str = "9"
    wait_s: float = 2.0


@dataclass(frozen=True, slots=True)
class Voicemail:
    """How messages are recorded. `prompt`: said before the tone, empty for none. A message ends after `longest_s`, after `silence_s`
    without a voice, with the key #, or when the caller hangs up; what is shorter than `shortest_s` is not kept."""

    prompt: str = ""
    longest_s: float = 180.0
    silence_s: float = 6.0
    shortest_s: float = 1.0


@dataclass(frozen=True, slots=True)
class Answering:
    """How incoming calls are answered. Sounds are paths of WAV files, empty for none. `menu`: what the keys do; with one, the greeting is
    its prompt and is said `menu_rounds` times, each followed by `menu_wait_s` for a key. Who presses nothing gets the `default`."""

    ring_s: float = 10.0
    greeting: str = ""
    menu: dict[str, MenuLine] = field(default_factory=dict)
    menu_rounds: int = 2
    menu_wait_s: float = 5.0
    default: MenuLine = MenuLine("voicemail")
    consent: Consent | None = None
    voicemail: Voicemail = Voicemail()


@dataclass(frozen=True, slots=True)
class Setup:
    """The first line an agent reads. `folder`: where recordings are put. `most_calls`: further ones are answered by 486. `interface`: the
    local address or interface to use, empty for any but loopback. `listen`: the address for SIP ("0.0.0.0:5060"), empty for any port.
    `registers_only`: register once and take no calls."""

    account: SIPAccount
    answering: Answering = Answering()
    folder: str = ""
    most_calls: int = 10
    interface: str = ""
    listen: str = ""
    rtp_ports: str = ""
    registers_only: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer like this from the next call on."""

    answering: Answering


@dataclass(frozen=True, slots=True)
class Dial:
    """Ring `first`, one of our own telephones, then connect it with `number`. `dial` names the wish in what comes of it."""

    dial: str
    first: str
    number: str
    ring_s: float = 30.0


@dataclass(frozen=True, slots=True)
class HangUp:
    """End a call."""

    call: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Take no more calls, let those that go on end by themselves for so long, then end. The end of the input means the same, at once."""

    grace_s: float = 0.0


Command = Setup | Answer | Dial | HangUp | Stop


# -------------------------------------------------------------------------------------- what happened ----
@dataclass(frozen=True, slots=True)
class Registered:
    """The registrar knows us; said again only after it was lost."""

    at: float


@dataclass(frozen=True, slots=True)
class RegistrationLost:
    """The registrar does not know us. `code`: its answer, None when there was none. `is_refused`: the password or the user is wrong.
    Calls that go on are not touched; it is tried again in `retry_in_s`."""

    at: float
    reason: str
    code: int | None = None
    is_refused: bool = False
    retry_in_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Ringing:
    """A call comes in, or one that was asked for by `dial` begins. `number` and `name`: the other side as told, empty when withheld;
    `to`: the number that was called."""

    at: float
    call: str
    number: str = ""
    name: str = ""
    to: str = ""
    dial: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """The call stands. For a call that was asked for: the contact answered."""

    at: float
    call: str


@dataclass(frozen=True, slots=True)
class Digit:
    """The caller pressed a key."""

    at: float
    call: str
    digit: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """The caller made a choice in the menu."""

    at: float
    call: str
    digit: str
    line: MenuLine


@dataclass(frozen=True, slots=True)
class Private:
    """The caller does not want to be recorded."""

    at: float
    call: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """A message was recorded. `file`: its path; who is told of it takes it away from there. `loudness`: its root mean square, 0 to 1."""

    at: float
    call: str
    file: str
    seconds: float
    loudness: float = 0.0


@dataclass(frozen=True, slots=True)
class Transferred:
    """The call goes to `to` now: without us, or through us when `is_bridged`."""

    at: float
    call: str
    to: str
    is_bridged: bool = False


@dataclass(frozen=True, slots=True)
class TransferRefused:
    """It could not be connected with `to`."""

    at: float
    call: str
    to: str
    reason: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The call is over, `seconds` after it was answered."""

    at: float
    call: str
    why: Why
    seconds: float = 0.0
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Statistics:
    """How the sound of a call that ended went: packets of RTP, and a mean opinion score from 1 (bad) to 5."""

    at: float
    call: str
    packets_sent: int
    packets_received: int
    packets_lost: int
    jitter_ms: float
    score: float


Event = (
    Registered | RegistrationLost | Ringing | Answered | Digit | Chosen | Private | Recorded | Transferred | TransferRefused | Ended
    | Statistics
)  # fmt: skip
