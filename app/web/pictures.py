"""Pictures that a browser may show from our own address: plain raster formats, told by their first bytes and not by their name."""

__all__ = ["is_safe_picture", "picture_type"]

_TYPES = {"image/png", "image/jpeg", "image/gif", "image/webp"}


def is_safe_picture(content_type: str) -> bool:
    """Whether a file claims to be a picture that may be shown."""
    return content_type.lower() in _TYPES


def picture_type(head: bytes) -> str | None:
    """The type of a picture by its first 16 bytes, or None when it is none that may be shown."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return None
