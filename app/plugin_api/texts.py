"""Texts that are written in one place and shown in another. Translating them is the host's: `Host.gettext`."""

__all__ = ["translatable"]


def translatable(text: str) -> str:
    """The text itself, marked for the translators. For constants: `SENT = translatable("Sent")`, shown with `host.gettext(SENT)`."""
    return text
