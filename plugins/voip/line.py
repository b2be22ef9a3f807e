"""How a line behaves, read from the settings of its account: hours, what is said, the menu, the queue, voicemail, recordings. Both drivers
follow it. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from plugins.voip.menu import Choice, MenuError, Target, TargetKind, read_menu
from tidings import Account
from tidings.hours import Hours, HoursError, read_hours

__all__ = ["MAIN_QUEUE", "Line", "Prompt", "RING_IN_TURN", "RING_TOGETHER", "line_of", "read_prompt"]

RING_IN_TURN, RING_TOGETHER = "turn", "together"
MAIN_QUEUE = "main"
_SOUND_ENDS = (".wav", ".mp3")


@dataclass(frozen=True, slots=True)
class Prompt:
    """What callers hear: `text` to be spoken, the name of an uploaded `sound`, or the web `address` of one. One of the three, or none."""

    text: str = ""
    sound: str = ""
    address: str = ""

    def __bool__(self) -> bool:
        return bool(self.text or self.sound or self.address)


@dataclass(frozen=True, slots=True)
class Line:
    """One number. `hours` in its zone; prompts that are empty are left out, `consent` included. `without_choice`: where calls go when there
    is no menu or nothing was chosen. Times in seconds. `keep_days`: 0 keeps recordings for ever."""

    number: str
    region: str
    language: str
    hours: Hours
    greeting: Prompt
    greeting_closed: Prompt
    menu: tuple[Choice, ...]
    without_choice: Target
    when_closed: Target
    rings: str
    ring_s: int
    longest_wait_s: int
    hold_music: Prompt
    says_position: bool
    alarm_s: int
    voicemail: Prompt
    voicemail_longest_s: int
    records_calls: bool
    consent: Prompt
    keep_days: int
    deletes_at_provider: bool
    transcribes: bool

    def is_open(self, now: datetime) -> bool:
        return self.hours.is_open(now)

    def greeting_at(self, now: datetime) -> Prompt:
        """What is said first at this moment."""
        return self.greeting if self.is_open(now) else self.greeting_closed

    def target_at(self, now: datetime) -> Target:
        """Where a call goes at this moment unless the caller chooses."""
        return self.without_choice if self.is_open(now) else self.when_closed

    def menu_at(self, now: datetime) -> tuple[Choice, ...]:
        """The keys that work at this moment; none while closed."""
        return self.menu if self.is_open(now) else ()


def read_prompt(text: object) -> Prompt:
    """A prompt as it is typed: a text, the name of an uploaded sound ("welcome.wav"), or an address that begins with https://."""
    text = str(text or "").strip()
    if text.startswith(("https://", "http://")) and " " not in text:
        return Prompt(address=text)
    if text.lower().endswith(_SOUND_ENDS) and " " not in text and "/" not in text:
        return Prompt(sound=text)
    return Prompt(text=text)


def line_of(account: Account) -> Line:
    """The line of an account. The form let only readable values through; what became unreadable since counts as not said."""
    values = account.settings

    def text(name: str, usual: str = "") -> str:
        return str(values.get(name) or usual)

    def number(name: str, usual: int) -> int:
        value: Any = values.get(name)
        return usual if value is None else int(value)

    region = text("region")
    return Line(
        number=account.address or text("number"),
        region=region,
        language=text("language", "en"),
        hours=_hours(text("hours"), text("time_zone", "UTC")),
        greeting=read_prompt(values.get("greeting")),
        greeting_closed=read_prompt(values.get("greeting_closed")),
        menu=_menu(text("menu"), region),
        without_choice=_target(text("without_choice", TargetKind.QUEUE)),
        when_closed=_target(text("when_closed", TargetKind.VOICEMAIL)),
        rings=text("rings", RING_IN_TURN),
        ring_s=number("ring_s", 20),
        longest_wait_s=number("longest_wait_s", 180),
        hold_music=read_prompt(values.get("hold_music")),
        says_position=bool(values.get("says_position", True)),
        alarm_s=number("alarm_s", 60),
        voicemail=read_prompt(values.get("voicemail")),
        voicemail_longest_s=number("voicemail_longest_s", 120),
        records_calls=bool(values.get("records_calls", False)),
        consent=read_prompt(values.get("consent")),
        keep_days=number("keep_days", 0),
        deletes_at_provider=bool(values.get("deletes_at_provider", False)),
        transcribes=bool(values.get("transcribes", False)),
    )


def _hours(text: str, zone: str) -> Hours:
    try:
        return read_hours(text, zone)
    except HoursError:
        return read_hours("", zone)


def _menu(text: str, region: str) -> tuple[Choice, ...]:
    try:
        return read_menu(text, region)
    except MenuError:
        return ()


def _target(word: str) -> Target:
    kind = TargetKind(word) if word in set(TargetKind) else TargetKind.VOICEMAIL
    return Target(kind, MAIN_QUEUE if kind is TargetKind.QUEUE else "")
