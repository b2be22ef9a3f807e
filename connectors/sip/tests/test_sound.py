"""Sound files of every kind, announcements from text, recordings that a crash left."""

from __future__ import annotations

import json
import math
import os
import struct
import wave

import pytest

from connectors.errors import Rejected
from connectors.sip import can_speak, forget, leftovers, read_wav, speak, write_wav
from connectors.sip.recordings import Recorder
from connectors.sip.sound import RATE, beep, loudness

FORMATS = [
    (8000, 1, 2),
    (8000, 2, 2),
    (22050, 1, 2),
    (44100, 2, 2),
    (48000, 1, 3),
    (16000, 1, 4),
    (11025, 1, 1),
    (6000, 1, 2),
]


def tone(path, rate, channels, width, seconds=0.5, hz=400.0, level=0.5):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        for number in range(round(rate * seconds)):
            value = level * math.sin(2 * math.pi * hz * number / rate)
            file.writeframesraw(_sample(value, width) * channels)


def _sample(value: float, width: int) -> bytes:
    if width == 1:
        return bytes([round(value * 127) + 128])
    return round(value * (2 ** (8 * width - 1) - 1)).to_bytes(width, "little", signed=True)


@pytest.mark.parametrize(("rate", "channels", "width"), FORMATS)
def test_wav_of_any_kind_becomes_telephone_sound(tmp_path, rate, channels, width):
    tone(tmp_path / "in.wav", rate, channels, width)
    sound = read_wav(tmp_path / "in.wav")
    assert len(sound) / 2 / RATE == pytest.approx(0.5, abs=0.01)
    assert loudness(sound) == pytest.approx(0.5 / math.sqrt(2), rel=0.06)
    samples = struct.unpack(f"<{len(sound) // 2}h", sound)
    crossings = sum(1 for a, b in zip(samples, samples[1:], strict=False) if (a < 0) != (b < 0))
    assert crossings == pytest.approx(400, abs=12), "the pitch changed"


@pytest.mark.parametrize("content", [b"", b"RIFF", b"ID3 this is no WAV at all", b"RIFF\x10\0\0\0WAVEfmt \x10\0\0\0"])
def test_what_is_no_wav_is_refused_with_a_sentence(tmp_path, content):
    (tmp_path / "in.wav").write_bytes(content)
    with pytest.raises(Rejected, match="no WAV"):
        read_wav(tmp_path / "in.wav")


def test_missing_file_is_refused(tmp_path):
    with pytest.raises(Rejected, match="not there"):
        read_wav(tmp_path / "gone.wav")


def test_written_sound_is_read_back(tmp_path):
    write_wav(tmp_path / "a.wav", beep())
    assert read_wav(tmp_path / "a.wav") == beep()


@pytest.mark.skipif(
    not can_speak(), reason="MISSING COMPONENT. espeak-ng is not installed: run `apt-get install espeak-ng`."
)
def test_text_is_spoken(tmp_path):
    speak("Welcome to Lumen Lamps. Please leave a message after the tone.", tmp_path / "a.wav")
    sound = read_wav(tmp_path / "a.wav")
    assert 2 < len(sound) / 2 / RATE < 8
    assert loudness(sound) > 0.02
    with pytest.raises(Rejected, match="espeak-ng cannot speak this"):
        speak("Hello", tmp_path / "b.wav", language="zzz")
    with pytest.raises(Rejected, match="between 1 and"):
        speak(" ", tmp_path / "b.wav")


def test_missing_program_is_said_clearly(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not can_speak()
    with pytest.raises(Rejected, match="espeak-ng is not installed"):
        speak("Hello", tmp_path / "a.wav")


def test_recording_cut_off_by_a_crash_is_whole(tmp_path):
    recorder = Recorder(tmp_path, call="abc@pbx", number="+4930", name="Ada", started_at=12.5)
    recorder.write(beep(1.0))
    [left] = leftovers(tmp_path)  # never closed: the header still says that it is empty
    assert (left.call, left.number, left.name, left.started_at) == ("abc@pbx", "+4930", "Ada", 12.5)
    assert left.seconds == pytest.approx(1.0)
    assert read_wav(left.path) == beep(1.0)
    forget(left.path)
    assert list(tmp_path.iterdir()) == []


def test_recording_is_private_and_knows_its_silence(tmp_path):
    recorder = Recorder(tmp_path, call="abc", number="", name="", started_at=0.0)
    recorder.write(beep(0.5))
    recorder.write(bytes(8000))
    recorder.write(b"")
    recorder.close()
    assert recorder.seconds == pytest.approx(1.0)
    assert recorder.silence_s == pytest.approx(0.5)
    assert recorder.loudness == pytest.approx(loudness(read_wav(recorder.path)), rel=0.01)
    assert os.stat(recorder.path).st_mode & 0o077 == 0
    recorder.discard()
    assert list(tmp_path.iterdir()) == []


def test_files_without_note_or_sound_are_cleared_away(tmp_path):
    (tmp_path / "strange.wav").write_bytes(b"whatever this is")
    (tmp_path / "empty.wav").write_bytes(bytes(44))
    (tmp_path / "empty.json").write_text(json.dumps({"call": "a", "number": "", "name": "", "started_at": 1}))
    assert list(leftovers(tmp_path)) == []
    assert list(tmp_path.iterdir()) == []
