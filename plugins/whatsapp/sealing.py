"""Keeps a token unreadable for the few minutes between signing in and choosing numbers: sealed with a key made of the app's secret."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken

from tidings import Permanent

__all__ = ["opened", "sealed"]


def sealed(token: str, app_secret: str) -> str:
    """The token, encrypted."""
    return _key(app_secret).encrypt(token.encode()).decode()


def opened(text: str, app_secret: str) -> str:
    """The token again. Raises `Permanent` when the app's secret was changed meanwhile."""
    try:
        return _key(app_secret).decrypt(text.encode()).decode()
    except InvalidToken:
        raise Permanent("The secret of the app was changed meanwhile. Sign in again.") from None


def _key(app_secret: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"whatsapp sign-in {app_secret}".encode()).digest()))
