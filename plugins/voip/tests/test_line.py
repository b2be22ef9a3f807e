"""What an admin types about a line: hours, menus, prompts, numbers."""

from datetime import UTC, datetime

import pytest

from plugins.voip.forms import VoipSettingsForm
from plugins.voip.line import Prompt, line_of, read_prompt
from plugins.voip.menu import MenuError, Target, TargetKind, choice_for, read_menu
from plugins.voip.numbers import normalised, region_of, shown
from plugins.voip.tests.lines import twilio_account


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_menu_leads_to_queues_numbers_and_the_voicemail() -> None:
    menu = read_menu("1 = Sales\n2: Voicemail\n3 = 030 5678\n* = hang up\n", "DE")
    assert [one.target for one in menu] == [
        Target(TargetKind.QUEUE, "Sales"),
        Target(TargetKind.VOICEMAIL),
        Target(TargetKind.NUMBER, "+49305678"),
        Target(TargetKind.HANG_UP),
    ]
    assert choice_for(menu, "9") is None


@pytest.mark.parametrize("text", ["Sales", "12 = Sales", "1 =", "1 = A\n1 = B"])
def test_a_menu_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(MenuError):
        read_menu(text, "DE")


def test_a_prompt_is_a_text_a_sound_or_an_address() -> None:
    assert read_prompt(" Hello. ") == Prompt(text="Hello.")
    assert read_prompt("welcome.wav") == Prompt(sound="welcome.wav")
    assert read_prompt("https://example.com/a.mp3") == Prompt(address="https://example.com/a.mp3")
    assert read_prompt("We play jingle.mp3") == Prompt(text="We play jingle.mp3")
    assert not read_prompt(None)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("030 123456", "+4930123456"),
        ("tel:+49-30-123456", "+4930123456"),
        ("sip:+4930123456@pbx.example.com", "+4930123456"),
        ("0049 30 123456", "+4930123456"),
        ("anonymous", ""),
        ("+266696687", ""),
        ("", ""),
        ("12", ""),
    ],
)
def test_numbers_are_read_as_dialled_in_the_country_of_the_line(typed: str, number: str) -> None:
    assert normalised(typed, "DE") == number


def test_numbers_are_written_for_people() -> None:
    assert (shown("+4930123456"), region_of("+4930123456"), shown("Lumen")) == ("+49 30 123456", "DE", "Lumen")


def test_a_line_begins_with_the_defaults_of_its_form() -> None:
    form = VoipSettingsForm()
    line, bare = line_of(twilio_account(**form.split_secrets()[0])), line_of(twilio_account())
    assert (line.rings, line.ring_s, line.longest_wait_s, line.alarm_s) == (
        bare.rings,
        bare.ring_s,
        bare.longest_wait_s,
        bare.alarm_s,
    )
    assert line.is_open(at("2026-03-01T03:00"))


@pytest.mark.parametrize(
    ("field", "value"),
    [("number", "12"), ("hours", "never"), ("menu", "Sales"), ("time_zone", "Mars/Olympus"), ("account_sid", "")],
)
def test_the_form_says_what_it_cannot_read(field: str, value: str) -> None:
    right = {"driver": "twilio", "number": "+4930123456", "account_sid": "AC1", "auth_token": "x", "time_zone": "UTC"}
    form = VoipSettingsForm(data={**VoipSettingsForm().data, **right, field: value})
    assert not form.validate()
    assert form.errors.keys() >= {field}
