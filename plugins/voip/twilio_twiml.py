"""What Twilio is told to do next, in TwiML: https://www.twilio.com/docs/voice/twiml. Each function gives a whole answer."""

from typing import Any

from plugins.voip.line import MAIN_QUEUE, Prompt
from plugins.voip.menu import Target, TargetKind
from plugins.voip.twilio_desk import Asked, Desk
from tidings import translatable

__all__ = [
    "bridge_to_caller",
    "connect_contact",
    "consent",
    "greeting",
    "hang_up",
    "hold",
    "leave_queue",
    "nothing",
    "offer",
    "thanks",
]
__all__ += ["enqueue", "pass_on", "queue_name", "voicemail"]

CONSENT = translatable("This call may be recorded. Press 9 if you do not want that.")
GREETING = translatable("Thank you for calling.")
CLOSED = translatable("Thank you for calling. At the moment nobody is here.")
LEAVE_MESSAGE = translatable("Please leave a message after the tone.")
THANKS = translatable("Thank you. We will call you back.")
FIRST_IN_LINE = translatable("You are the next caller. Please hold the line.")
NTH_IN_LINE = translatable("You are number %(number)s in the line. Please hold.")
OFFER = translatable("A call from %(caller)s. Press 1 to take it.")
OFFER_UNKNOWN = translatable("A call without a number. Press 1 to take it.")
GONE = translatable("The call has been taken already.")
CALLING = translatable("We are calling the contact now.")
NOBODY = translatable("Nobody can take this call now. Goodbye.")
PRIVATE_KEY = "9"
HOLD_S = 15


def nothing() -> str:
    """Go on as it is."""
    return '<?xml version="1.0" encoding="UTF-8"?><Response/>'


def _response() -> Any:
    from twilio.twiml.voice_response import VoiceResponse

    return VoiceResponse()


def hang_up(desk: Desk, sentence: str = "") -> str:
    """Say something and hang up."""
    answer = _response()
    desk.say(answer, Prompt(), sentence)
    answer.hangup()
    return str(answer)


def consent(desk: Desk) -> str:
    """Say that the call may be recorded, and listen for the key that forbids it."""
    answer = _response()
    gather = answer.gather(num_digits=1, timeout=3, action=desk.address("consented"), action_on_empty_result=True)
    desk.say(gather, desk.line.consent, CONSENT)
    return str(answer)


def greeting(desk: Desk, asked: Asked) -> str:
    """Greet and offer the menu, where there is one now."""
    answer = _response()
    is_open = desk.line.is_open(asked.now)
    usual = GREETING if is_open else CLOSED
    menu = desk.line.menu_at(asked.now)
    if menu:
        gather = answer.gather(num_digits=1, timeout=6, action=desk.address("menu"), action_on_empty_result=True)
        desk.say(gather, desk.line.greeting_at(asked.now), usual)
    else:
        desk.say(answer, desk.line.greeting_at(asked.now), usual)
        answer.redirect(desk.address("go"))
    return str(answer)


def queue_name(desk: Desk, queue: str) -> str:
    """Twilio's name of a queue: each line has its own."""
    return f"tidings-{desk.account.id}-{queue or MAIN_QUEUE}"


def enqueue(desk: Desk, queue: str) -> str:
    """Let the caller wait for an agent."""
    answer = _response()
    answer.enqueue(queue_name(desk, queue), wait_url=desk.address("wait"), action=desk.address("left"))
    return str(answer)


def hold(desk: Desk, position: int) -> str:
    """Music for who waits, and their place in the line."""
    answer = _response()
    if desk.line.says_position and position:
        sentence = FIRST_IN_LINE if position == 1 else NTH_IN_LINE
        desk.say(
            answer, Prompt(text=desk.text(sentence) % {"number": position} if position > 1 else desk.text(sentence))
        )
    if desk.line.hold_music:
        desk.say(answer, desk.line.hold_music)
    else:
        answer.pause(length=HOLD_S)
    return str(answer)


def leave_queue() -> str:
    """Take the caller out of the queue."""
    answer = _response()
    answer.leave()
    return str(answer)


def voicemail(desk: Desk) -> str:
    """Let the caller leave a message."""
    answer = _response()
    desk.say(answer, desk.line.voicemail, LEAVE_MESSAGE)
    told = {"transcribe": True, "transcribe_callback": desk.address("transcript")} if desk.line.transcribes else {}
    answer.record(
        max_length=desk.line.voicemail_longest_s,
        play_beep=True,
        finish_on_key="#",
        timeout=5,
        action=desk.address("recorded"),
        recording_status_callback=desk.address("recording"),
        **told,
    )
    answer.hangup()
    return str(answer)


def thanks(desk: Desk) -> str:
    """The message was left."""
    return hang_up(desk, THANKS)


def pass_on(desk: Desk, target: Target, *, is_recorded: bool) -> str:
    """Ring a telephone elsewhere for the caller."""
    answer = _response()
    recorded = (
        {"record": "record-from-answer-dual", "recording_status_callback": desk.address("recording")}
        if is_recorded
        else {}
    )
    dial = answer.dial(timeout=desk.line.ring_s, action=desk.address("passed"), **recorded)
    dial.number(target.value)
    return str(answer)


def offer(desk: Desk, caller: str, row: int) -> str:
    """Tell an agent who calls; only a key takes the call, so that no answering machine does."""
    answer = _response()
    gather = answer.gather(num_digits=1, timeout=8, action=desk.address("take", call=row), action_on_empty_result=True)
    sentence = desk.text(OFFER) % {"caller": caller} if caller else desk.text(OFFER_UNKNOWN)
    desk.say(gather, Prompt(text=sentence))
    return str(answer)


def bridge_to_caller(desk: Desk, queue: str) -> str:
    """Connect an agent with who waits longest."""
    answer = _response()
    dial = answer.dial()
    dial.queue(queue_name(desk, queue), url=desk.address("taken"))
    return str(answer)


def connect_contact(desk: Desk, number: str, row: int) -> str:
    """Connect an agent who picked up with the contact they want to call."""
    answer = _response()
    desk.say(answer, Prompt(), CALLING)
    dial = answer.dial(caller_id=desk.line.number, timeout=60, action=desk.address("dialled", call=row))
    dial.number(number, url=desk.address("reached", call=row))
    return str(answer)


def go_to(desk: Desk, target: Target, *, is_recorded: bool) -> str:
    """Carry out where a call goes."""
    if target.kind is TargetKind.QUEUE:
        return enqueue(desk, target.value)
    if target.kind is TargetKind.VOICEMAIL:
        return voicemail(desk)
    if target.kind is TargetKind.NUMBER:
        return pass_on(desk, target, is_recorded=is_recorded)
    return hang_up(desk)
