"""Telling pictures by their first bytes, whatever they are said to be."""

__all__ = ["LARGEST_PORTRAIT", "picture_type"]

LARGEST_PORTRAIT = 256 * 1024
"""Bytes that the picture of a person may have."""


def picture_type(data: bytes) -> str | None:
    """The content type of a PNG, JPEG, WebP or GIF; None for anything else."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return None
