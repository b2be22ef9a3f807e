"""How providers sign what they post, for `verify_webhook` and its like: each function returns when the signature fits and raises
`BadSignature` otherwise, whatever the headers hold. All comparisons take the same time wherever texts differ. Since API 3.

Secrets are texts as the provider shows them. Where a time is signed, `request.now` may be `tolerance_s` away from it, so that a captured
request is of no use later.
"""

import base64
import binascii
import hmac

from app.plugin_api.errors import BadSignature
from app.plugin_api.messages import WebhookRequest

__all__ = [
    "is_equal",
    "sign_body",
    "verify_body",
    "verify_line",
    "verify_slack",
    "verify_standard",
    "verify_time",
]

TOLERANCE_S = 300
_WHSEC = "whsec_"


def is_equal(given: str, wanted: str) -> bool:
    """Whether two texts are the same, found out in the same time wherever they differ. An empty one is equal to nothing."""
    return bool(given and wanted) and hmac.compare_digest(_bytes(given), _bytes(wanted))


def sign_body(secret: str | bytes, body: bytes, *, algorithm: str = "sha256", encoding: str = "hex") -> str:
    """The HMAC of a body, written as "hex" or "base64"."""
    key = secret if isinstance(secret, bytes) else _bytes(secret)
    digest = hmac.new(key, body, algorithm).digest()
    return base64.b64encode(digest).decode() if encoding == "base64" else digest.hex()


def verify_body(
    secret: str,
    request: WebhookRequest,
    header: str,
    *,
    prefix: str = "",
    algorithm: str = "sha256",
    encoding: str = "hex",
) -> None:
    """The HMAC of the body stands in a header after `prefix` ("sha256=" as GitHub and Meta have it), as "hex" or "base64"."""
    given = _given(secret, request, header)
    _must_fit([given], prefix + sign_body(secret, request.body, algorithm=algorithm, encoding=encoding))


def verify_line(secret: str, request: WebhookRequest) -> None:
    """LINE: the base64 HMAC-SHA256 of the body in `X-Line-Signature`."""
    verify_body(secret, request, "x-line-signature", encoding="base64")


def verify_slack(
    secret: str,
    request: WebhookRequest,
    *,
    header: str = "x-slack-signature",
    time_header: str = "x-slack-request-timestamp",
    version: str = "v0",
    tolerance_s: int = TOLERANCE_S,
) -> None:
    """Slack, and others with other headers: `v0=` and the hex HMAC-SHA256 of `v0:<time>:<body>`; the time in seconds since 1970."""
    given = _given(secret, request, header)
    stamp = request.headers.get(time_header, "")
    verify_time(request, stamp, tolerance_s)
    _must_fit([given], f"{version}=" + sign_body(secret, f"{version}:{stamp}:".encode() + request.body))


def verify_standard(secret: str, request: WebhookRequest, *, tolerance_s: int = TOLERANCE_S) -> None:
    """Standard Webhooks (standardwebhooks.com), as Svix and others send them: one of the signatures in `webhook-signature`, parted by
    blanks, is `v1,` and the base64 HMAC-SHA256 of `<id>.<time>.<body>`. The secret is `whsec_` and the key in base64."""
    given = _given(secret, request, "webhook-signature")
    stamp = request.headers.get("webhook-timestamp", "")
    verify_time(request, stamp, tolerance_s)
    signed = f"{request.headers.get('webhook-id', '')}.{stamp}.".encode("utf-8", "replace") + request.body
    _must_fit(given.split(), "v1," + sign_body(_standard_key(secret), signed, encoding="base64"))


def verify_time(request: WebhookRequest, stamp: str, tolerance_s: int = TOLERANCE_S) -> None:
    """A time in seconds since 1970 is at most `tolerance_s` before or after `request.now`."""
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 12):
        raise BadSignature("the time of the request is missing or no number")
    if abs(request.now.timestamp() - int(stamp)) > tolerance_s:
        raise BadSignature("the request is too old, or from the future")


def _given(secret: str, request: WebhookRequest, header: str) -> str:
    """The signature that came. Raises `BadSignature` when there is none, or no secret to check it with."""
    if not secret:
        raise BadSignature("no secret is configured")
    given = request.headers.get(header, "").strip()
    if not given:
        raise BadSignature(f"there is no {header}")
    return given


def _must_fit(given: list[str], wanted: str) -> None:
    if not any(
        [is_equal(one, wanted) for one in given]
    ):  # each is compared, so that the time does not tell which one fits
        raise BadSignature("the signature does not fit")


def _standard_key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_WHSEC), validate=True)
    except (binascii.Error, ValueError):
        raise BadSignature("the secret is not in base64") from None
    if not key:  # an HMAC with it could be made by anybody
        raise BadSignature("no secret is configured")
    return key


def _bytes(text: str) -> bytes:
    """A text as UTF-8, whatever is in it: `compare_digest` takes no texts beyond ASCII."""
    return text.encode("utf-8", "surrogatepass")
