"""Pictures and sounds that a browser may show or play from our own address: told by their first bytes, whatever they are called."""

__all__ = ["LARGEST_PORTRAIT", "picture_type", "sound_type"]

LARGEST_PORTRAIT = 256 * 1024
"""Bytes that the picture of a person may have."""


def picture_type(head: bytes) -> str | None:
    """The content type of a PNG, JPEG, WebP or GIF by its first 16 bytes; None for anything else."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return None


def sound_type(head: bytes) -> str | None:
    """The content type of an MP3, AAC, Ogg, WAV, FLAC, MP4 or WebM by its first 16 bytes; None for anything else."""
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "audio/wav"
    if head[4:8] == b"ftyp":
        return "audio/mp4"
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:  # ADTS; its mask tells the layers of MPEG audio
        return "audio/aac"
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] & 0x06:
        return "audio/mpeg"
    return next((kind for start, kind in _SOUNDS.items() if head.startswith(start)), None)


_SOUNDS = {
    b"ID3": "audio/mpeg",
    b"OggS": "audio/ogg",
    b"fLaC": "audio/flac",
    b"\x1aE\xdf\xa3": "audio/webm",
}
