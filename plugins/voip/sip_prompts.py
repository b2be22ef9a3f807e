"""What callers of a SIP line hear, as WAV files: texts are spoken once into files of the plugin's folder, uploaded sounds are
taken as they are."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from connectors.errors import ConnectorError, Rejected
from connectors.sip import read_wav, speak
from plugins.voip.line import Prompt
from plugins.voip.sounds import sound_path
from tidings import Host, translatable

__all__ = ["file_of", "problems_of", "try_file_of"]

_ONLY_WAV = translatable("A SIP line plays WAV files only, and %(sound)s is none.")
_NO_ADDRESS = translatable("A SIP line plays texts and uploaded WAV files, not sounds from web addresses.")
_NO_SOUND = translatable("There is no uploaded sound called %(sound)s.")


def file_of(host: Host, prompt: Prompt, language: str) -> Path | None:
    """The file to play, None for an empty prompt. Raises `ConnectorError` with a sentence when there can be none."""
    if prompt.address:
        raise Rejected(host.gettext(_NO_ADDRESS))
    if prompt.sound:
        return _uploaded(host, prompt.sound)
    return _spoken(host, prompt.text, language) if prompt.text else None


def try_file_of(host: Host, prompt: Prompt, language: str) -> str:
    """The same as a path; empty where there can be none: a caller who hears too little still gets through."""
    try:
        return str(file_of(host, prompt, language) or "")
    except ConnectorError:
        return ""


def problems_of(host: Host, prompts: Iterable[Prompt], language: str) -> list[str]:
    """Why some of them cannot be played, a sentence each. Reads every file to its end."""
    found = []
    for prompt in prompts:
        try:
            path = file_of(host, prompt, language)
            if path is not None:
                read_wav(path)
        except ConnectorError as error:
            found.append(error.reason)
    return found


def _uploaded(host: Host, name: str) -> Path:
    path = sound_path(host, name)
    if path is None:
        raise Rejected(host.gettext(_NO_SOUND) % {"sound": name})
    if path.suffix != ".wav":
        raise Rejected(host.gettext(_ONLY_WAV) % {"sound": name})
    return path


def _spoken(host: Host, text: str, language: str) -> Path:
    folder = host.data_folder() / "spoken"
    folder.mkdir(exist_ok=True)
    key = hashlib.sha256(f"{language}\n{text}".encode()).hexdigest()[:32]
    path = folder / f"{key}.wav"
    if not path.exists():
        unfinished = path.with_suffix(".part")
        speak(text, unfinished, language=language)
        unfinished.rename(path)
    return path
