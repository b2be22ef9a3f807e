"""How the courier's requests are signed and what they say."""

import json

from tidings import UnrecognisedPayload, WebhookEvent, WebhookReader, signatures

HEADER = "x-courier-signature"


def verify(secret, request):
    signatures.verify_body(secret, request, HEADER, prefix="sha256=")


def parcels(body):
    """What a request brings. Raises `UnrecognisedPayload`."""
    try:
        return [{"office": one["office"], "id": one["id"], "text": one["text"]} for one in json.loads(body)["parcels"]]
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise UnrecognisedPayload("these are no parcels") from error


def events(request):
    return [WebhookEvent("message", one["id"], one["office"], text=one["text"]) for one in parcels(request.body)]


READER = WebhookReader("courier", verify, events, answer_challenge=lambda secret, token: f"{secret}+{token}")
