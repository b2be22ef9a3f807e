"""What happens in a call that comes in: it rings, the greeting is said, keys are followed, a message is recorded or the call connected."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from baresip import UserAgent

from connectors.errors import ConnectorError
from connectors.sip import sound, types
from connectors.sip.connecting import connect
from connectors.sip.line import Line
from connectors.sip.recordings import Recorder
from connectors.sip.types import Answering, Event, MenuLine

__all__ = ["Desk"]

_BEFORE_HANGING_UP_S = 0.3


class Desk:
    """Answers calls as its `answering` says. `tell` gets what happens, `folder` the recordings, `address_of` makes a SIP address of a
    number."""

    def __init__(
        self,
        ua: UserAgent,
        answering: Answering,
        folder: str,
        tell: Callable[[Event], None],
        address_of: Callable[[str], str],
    ) -> None:
        self.answering = answering
        self._ua = ua
        self._folder = folder
        self._tell = tell
        self._address_of = address_of
        self._sounds: dict[str, bytes] = {}

    async def take(self, line: Line) -> None:
        """The whole of one call, from ringing until nothing is left to be said. Raises `LineClosed` when it ends before."""
        how = self.answering
        greeting = await self._sound(how.greeting)
        await line.sleep(how.ring_s)
        await line.answer()
        self._tell(types.Answered(line.answered_at or time.time(), line.id))
        if not how.menu:
            await line.play(greeting)
            await self._follow(line, how.default, how)
            return
        digit = await self._ask(line, greeting, how)
        chosen = how.menu.get(digit, how.default)
        if digit in how.menu:
            self._tell(types.Chosen(time.time(), line.id, digit, chosen))
        await self._follow(line, chosen, how)

    async def _ask(self, line: Line, prompt: bytes, how: Answering) -> str:
        """The first key that means something, or nothing after the last round."""
        for _ in range(max(how.menu_rounds, 1)):
            await line.play(prompt, until_key=True)
            deadline = time.monotonic() + how.menu_wait_s
            while (left_s := deadline - time.monotonic()) > 0 and (digit := await line.key(left_s)):
                self._tell(types.Digit(time.time(), line.id, digit))
                if digit in how.menu:
                    return digit
        return ""

    async def _follow(self, line: Line, choice: MenuLine, how: Answering) -> None:
        match choice.doing:
            case "voicemail":
                await self._record(line, how)
            case "say":
                await line.play(await self._sound(choice.target))
            case "transfer":
                await self._transfer(line, choice.target, how)
        await line.sleep(_BEFORE_HANGING_UP_S)
        await line.hang_up()

    async def _transfer(self, line: Line, number: str, how: Answering) -> None:
        """Connect the caller with a number; when that cannot be, they may leave a message unless that is what failed already."""
        is_connected = await connect(self._ua, line, number, self._address_of(number), self._tell)
        if not is_connected and not line.closed.is_set():
            await self._record(line, how)

    async def _record(self, line: Line, how: Answering) -> None:
        """Ask for consent where that is wanted, then beep and record."""
        if how.consent is not None and not await self._may_record(line, how.consent):
            self._tell(types.Private(time.time(), line.id))
            return
        await line.play(await self._sound(how.voicemail.prompt) + sound.beep())
        rules = how.voicemail
        recorder = Recorder(self._folder, call=line.id, number=line.number, name=line.name, started_at=line.began_at)
        try:
            async for heard in line.heard():
                recorder.write(heard)
                is_over = recorder.seconds >= rules.longest_s or recorder.quiet_s >= rules.silence_s
                if is_over or "#" in _pressed(line):
                    break
        finally:
            self._keep(line, recorder, how)

    def _keep(self, line: Line, recorder: Recorder, how: Answering) -> None:
        """A message without a word in it is none."""
        spoken_s = recorder.seconds - recorder.silence_s
        if spoken_s < how.voicemail.shortest_s:
            recorder.discard()
            return
        recorder.close()
        self._tell(types.Recorded(time.time(), line.id, str(recorder.path), recorder.seconds, recorder.loudness))

    async def _may_record(self, line: Line, consent: types.Consent) -> bool:
        """False when the caller pressed the key that says no. Keys of the menu before do not count."""
        _pressed(line)
        await line.play(await self._sound(consent.prompt), until_key=True)
        digit = await line.key(consent.wait_s)
        if digit:
            self._tell(types.Digit(time.time(), line.id, digit))
        return digit != consent.digit

    async def _sound(self, path: str) -> bytes:
        """A sound file, read once; silence where there is none or it cannot be read: the call goes on."""
        if path not in self._sounds:
            try:
                self._sounds[path] = await asyncio.to_thread(sound.read_wav, path) if path else b""
            except ConnectorError:
                self._sounds[path] = b""
        return self._sounds[path]


def _pressed(line: Line) -> str:
    """The keys that wait, taken away."""
    keys = ""
    while not line.keys.empty():
        keys += line.keys.get_nowait()
    return keys
