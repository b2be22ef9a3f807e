"""`tidings verify-webhook` and `tidings parse-webhook`: captured requests of providers, verified and read by the plugins' own code, without
an installation and without network."""

import base64
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import click

from app.cli.json_lines import answer_lines
from app.plugin_api.errors import BadSignature, PayloadError
from app.plugin_api.messages import WebhookRequest
from app.plugin_api.registrations import WebhookEvent, WebhookReader
from app.plugin_host.webhook_readers import webhook_readers

__all__ = ["parse_webhook", "verify_webhook"]

Asked = Mapping[str, Any]


@click.command()
def verify_webhook() -> None:
    """Say for each request on standard input, a JSON object a line, whether its provider signed it.

    A line holds file, provider, secret, url, method, headers, body_b64 and now (seconds since 1970); the answer file and valid. With
    crc_token instead of a body the answer has the response_token that the provider wants to hear.
    """
    answer_lines(sys.stdin.buffer, _for_its_reader(_verified))


@click.command()
def parse_webhook() -> None:
    """Print what each request on standard input, a JSON object a line, tells: file and events.

    A line holds file, provider, headers and body_b64.
    """
    answer_lines(sys.stdin.buffer, _for_its_reader(_events))


def _for_its_reader(work: Callable[[WebhookReader, Asked], dict[str, Any]]) -> Callable[[Asked], dict[str, Any]]:
    readers = webhook_readers()

    def answer(asked: Asked) -> dict[str, Any]:
        reader = readers.get(str(asked.get("provider")))
        if reader is None:
            raise LookupError(
                f"no plugin here knows the provider {asked.get('provider')!r}; known: {', '.join(sorted(readers))}"
            )
        return work(reader, asked)

    return answer


def _verified(reader: WebhookReader, asked: Asked) -> dict[str, Any]:
    secret = str(asked.get("secret") or "")
    token = asked.get("crc_token")
    if token is not None:
        if reader.answer_challenge is None:
            raise ValueError(f"{reader.provider} asks no such question")
        answer = reader.answer_challenge(secret, str(token)) if secret else ""
        return {"valid": bool(answer), "response_token": answer}
    request = _request(asked)
    try:
        reader.verify(secret, request)
    except BadSignature:
        return {"valid": False}
    except Exception as error:  # noqa: BLE001 - plugin code, which may raise anything: the other lines are answered all the same
        raise _failed(reader, error) from error
    return {"valid": True}


def _events(reader: WebhookReader, asked: Asked) -> dict[str, Any]:
    request = _request(asked)
    try:
        return {"events": [_told(event) for event in reader.read(request)]}
    except PayloadError as error:
        raise ValueError(str(error) or "the body cannot be read") from error
    except Exception as error:  # noqa: BLE001 - plugin code, as above
        raise _failed(reader, error) from error


def _failed(reader: WebhookReader, error: Exception) -> ValueError:
    return ValueError(f"the reader of {reader.provider} failed ({type(error).__name__})")


def _told(event: WebhookEvent) -> dict[str, Any]:
    return {
        "kind": event.kind,
        "external_id": event.external_id,
        "conversation_key": event.conversation_key,
        "sender": {"id": event.sender_id, "name": event.sender_name},
        "text": event.text,
        "attachments": event.attachments,
        "sent_at": event.sent_at.astimezone(UTC).isoformat().replace("+00:00", "Z") if event.sent_at else None,
        "is_echo": event.is_echo,
    }


def _request(asked: Asked) -> WebhookRequest:
    """Raises ValueError or TypeError for what is no request."""
    headers, url = asked.get("headers") or {}, str(asked.get("url") or "")
    if not isinstance(headers, dict):
        raise TypeError("headers is no object")
    now = asked.get("now")
    return WebhookRequest(
        method=str(asked.get("method") or "POST"),
        url=url,
        headers={str(name): str(value) for name, value in headers.items()},
        query=dict(parse_qsl(urlsplit(url).query, keep_blank_values=True)),
        body=base64.b64decode(str(asked.get("body_b64") or ""), validate=True),
        now=datetime.now(UTC) if now is None else datetime.fromtimestamp(float(now), UTC),
    )
