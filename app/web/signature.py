"""The agent's signature below what they write; never twice, so that a message that was taken back can be sent again."""

__all__ = ["signed"]


def signed(text: str, signature: str) -> str:
    """The text with the signature below, unless it stands there already or there is nothing to sign."""
    signature = signature.strip()
    if not signature or not text.strip() or text.rstrip().endswith(signature):
        return text
    return f"{text.rstrip()}\n\n{signature}"
