"""Sound as telephones have it: 16 bits, 8,000 samples a second, one channel. Reading any PCM WAV as that, measuring it, making a beep.

Nothing but the standard library, without audioop, which Python 3.13 no longer has.
"""

from __future__ import annotations

import math
import sys
import wave
from array import array
from itertools import accumulate
from pathlib import Path

from connectors.errors import Rejected

__all__ = ["RATE", "beep", "loudness", "read_wav", "write_wav"]

RATE = 8000
_LONGEST_S = 600
_UNREADABLE = "The file is no WAV with PCM sound (8, 16, 24 or 32 bits)."


def read_wav(path: str | Path) -> bytes:
    """The sound of a WAV file as 16-bit mono at 8,000 Hz, little-endian. Raises `Rejected` when it cannot be read or is longer than ten
    minutes."""
    try:
        with wave.open(str(path), "rb") as file:
            channels, width, rate, frames = file.getparams()[:4]
            if frames > _LONGEST_S * rate:
                raise Rejected(f"The sound is longer than {_LONGEST_S // 60} minutes.")
            data = file.readframes(frames)
    except FileNotFoundError:
        raise Rejected("The sound file is not there any more.") from None
    except (wave.Error, EOFError, OSError):
        raise Rejected(_UNREADABLE) from None
    if width not in (1, 2, 3, 4) or channels < 1 or rate < 1000:
        raise Rejected(_UNREADABLE)
    return _little_endian(_at_rate(_as_mono(_as_16_bits(data, width), channels), rate))


def write_wav(path: str | Path, sound: bytes) -> None:
    """Write 16-bit mono sound at 8,000 Hz as a WAV file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(sound)


def loudness(sound: bytes) -> float:
    """The root mean square of 16-bit sound, 0 to 1; 0 for no sound."""
    samples = _samples(sound)
    return math.sqrt(sum(sample * sample for sample in samples) / len(samples)) / 32768 if samples else 0.0


def beep(seconds: float = 0.4, *, hz: float = 1000.0, level: float = 0.3) -> bytes:
    """A tone that begins and ends softly."""
    count = round(seconds * RATE)
    samples = array("h")
    for number in range(count):
        softness = min(1.0, number / 80, (count - number) / 80)
        samples.append(round(32767 * level * softness * math.sin(2 * math.pi * hz * number / RATE)))
    return _little_endian(samples)


def _samples(sound: bytes) -> array[int]:
    samples = array("h", sound[: len(sound) // 2 * 2])
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


def _little_endian(samples: array[int]) -> bytes:
    if sys.byteorder == "big":
        samples.byteswap()
    return samples.tobytes()


def _as_16_bits(data: bytes, width: int) -> array[int]:
    """The two bytes of each sample that weigh most; 8-bit WAV is unsigned."""
    if width == 2:
        return _samples(data)
    if width == 1:
        return array("h", [(byte - 128) << 8 for byte in data])
    usable = data[: len(data) // width * width]
    high, low = usable[width - 1 :: width], usable[width - 2 :: width]
    return array("h", [((h << 8 | rest) ^ 0x8000) - 0x8000 for h, rest in zip(high, low, strict=True)])


def _as_mono(samples: array[int], channels: int) -> array[int]:
    if channels == 1:
        return samples
    parts = [samples[number::channels] for number in range(channels)]
    return array("h", [sum(frame) // channels for frame in zip(*parts, strict=False)])


def _at_rate(samples: array[int], rate: int) -> array[int]:
    """The average of the span that falls on each new sample: a plain low-pass, good enough for speech. Slower sound is repeated."""
    if rate == RATE or not samples:
        return samples
    sums = [0, *accumulate(samples)]
    count = len(samples) * RATE // rate
    edges = [number * rate // RATE for number in range(count + 1)]
    spans = ((start, max(end, start + 1)) for start, end in zip(edges, edges[1:], strict=False))
    return array("h", [(sums[end] - sums[start]) // (end - start) for start, end in spans])
