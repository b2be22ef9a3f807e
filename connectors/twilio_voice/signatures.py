"""Whether Twilio signed a request: https://www.twilio.com/docs/usage/security#validating-requests. Twilio's own validator decides."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import parse_qs, parse_qsl, urlsplit

__all__ = ["form_of", "is_signed", "signature_of"]

FORM = "application/x-www-form-urlencoded"


class _Fields(dict[str, list[str]]):
    """The fields of a form, each with all of its values, as the validator asks for them."""

    def getlist(self, name: str) -> list[str]:
        return self[name]


def form_of(content_type: str, body: bytes) -> dict[str, list[str]]:
    """The fields of a form; nothing for a body that is none."""
    if content_type.partition(";")[0].strip().lower() != FORM:
        return {}
    try:
        return _Fields(parse_qs(body.decode(), keep_blank_values=True, max_num_fields=1000))
    except ValueError:
        return {}


def is_signed(token: str, *, url: str, content_type: str, body: bytes, signature: str) -> bool:
    """Whether `signature` was made with `token` for this request. A body that is no form is bound by `bodySHA256` in the query.

    `url` is the whole address as Twilio called it. Nothing odd raises: it is simply not signed.
    """
    from twilio.request_validator import RequestValidator

    if not token or not signature.isascii():
        return False
    form = form_of(content_type, body)
    if body and not form and not _is_bound(url, body):
        return False
    try:
        return bool(RequestValidator(token).validate(url, form, signature))
    except (UnicodeError, ValueError):
        return False


def signature_of(token: str, *, url: str, content_type: str, body: bytes) -> str:
    """The signature Twilio would put into `X-Twilio-Signature`. A body that is no form needs its `bodySHA256` in `url` already."""
    from twilio.request_validator import RequestValidator

    return str(RequestValidator(token).compute_signature(url, form_of(content_type, body)))


def fields_of(form: Mapping[str, list[str]]) -> dict[str, str]:
    """Each field's first value."""
    return {name: values[0] for name, values in form.items() if values}


def _is_bound(url: str, body: bytes) -> bool:
    told = dict(parse_qsl(urlsplit(url).query)).get("bodySHA256", "")
    return hmac.compare_digest(told.encode(), sha256(body).hexdigest().encode())
