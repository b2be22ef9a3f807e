"""Forms that must not act twice: each carries a random text, and the second post of the same text is recognised."""

import secrets

from flask import Flask, request

from app.services import rates
from app.web.current import current_agent, current_core

__all__ = ["FIELD", "install_once", "is_repeated"]

FIELD = "once"


def install_once(app: Flask) -> None:
    """Give templates the function `once()`: the value of the hidden field `once`."""
    app.jinja_env.globals["once"] = lambda: secrets.token_urlsafe(12)


def is_repeated() -> bool:
    """Whether this very form was posted before. A form without the field is always new."""
    token = request.form.get(FIELD, "")
    if not token:
        return False
    return not rates.allow(current_core(), f"once:{current_agent().id}:{token[:40]}", "1 per day")
