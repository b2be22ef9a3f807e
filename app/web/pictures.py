"""Which files a page shows or plays by itself: plain raster pictures, and sounds."""

from app.domain.pictures import picture_type, sound_type

__all__ = ["inline_type", "is_safe_picture", "is_safe_sound"]

_PICTURES = {"image/png", "image/jpeg", "image/gif", "image/webp"}
_SOUNDS = {
    "audio/mpeg", "audio/mp3", "audio/mp4", "audio/m4a", "audio/x-m4a", "audio/aac", "audio/ogg", "audio/opus", "audio/wav",
    "audio/x-wav", "audio/wave", "audio/flac", "audio/webm",
}  # fmt: skip


def is_safe_picture(content_type: str) -> bool:
    """Whether a file claims to be a picture that may be shown."""
    return content_type.lower() in _PICTURES


def is_safe_sound(content_type: str) -> bool:
    """Whether a file claims to be a sound that browsers play ("audio/ogg; codecs=opus")."""
    return content_type.lower().partition(";")[0].strip() in _SOUNDS


def inline_type(head: bytes, claimed: str) -> str | None:
    """As what a file may be shown or played, by its first 16 bytes, or None. A sound must claim to be one."""
    return picture_type(head) or (sound_type(head) if is_safe_sound(claimed) else None)
