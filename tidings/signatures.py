"""What `verify_webhook` needs: how providers sign what they post, each scheme as a function that raises `BadSignature`."""

from app.plugin_api.signatures import (
    is_equal,
    sign_body,
    verify_body,
    verify_line,
    verify_slack,
    verify_standard,
    verify_time,
)

__all__ = [
    "is_equal",
    "sign_body",
    "verify_body",
    "verify_line",
    "verify_slack",
    "verify_standard",
    "verify_time",
]
