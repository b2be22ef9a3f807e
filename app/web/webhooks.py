"""Requests of providers below `/hooks/<plugin>/<account>`: verified first, then stored, then answered. Nothing else is read here."""

import logging

from flask import Blueprint, Response, make_response, request
from werkzeug.exceptions import RequestEntityTooLarge

from app.errors import NotFound
from app.extensions import csrf
from app.models import ChannelAccount
from app.plugin_api.channel import Account, Capability, Channel
from app.plugin_api.errors import BadSignature, ChannelError, UnrecognisedPayload, UnsupportedEvent
from app.plugin_api.messages import RawEvent, WebhookReply, WebhookRequest
from app.redaction import masked
from app.services.account_view import account_view
from app.services.core import Core
from app.services.journal import note_left_alone, record_events
from app.web.current import current_core
from app.web.guard import public
from app.web.plugin_faults import note_fault

__all__ = ["blueprint"]

log = logging.getLogger(__name__)

blueprint = Blueprint("webhooks", __name__)
LARGEST_BODY = 10 * 1024 * 1024


@blueprint.route("/hooks/<plugin>/<int:account_id>", methods=["GET", "POST", "PUT"])
@csrf.exempt
@public
def receive(plugin: str, account_id: int) -> Response:
    """Take what a provider sends: 403 unless it is signed, 503 while the account is paused, and its answer once all is stored."""
    core = current_core()
    channel, account, is_paused = _target(core, plugin, account_id)
    if is_paused:
        return make_response("This account is paused.", 503, {"Retry-After": "3600"})
    asked = WebhookRequest(
        method=request.method,
        url=request.url,
        headers={name.lower(): value for name, value in request.headers.items()},
        query=request.args.to_dict(),
        body=_body(),
        now=core.clock.now(),
    )
    core.session.rollback()
    return _answer(core, channel, account, asked)


def _body() -> bytes:
    """The bytes as they came, whatever their content type. Raises `RequestEntityTooLarge`."""
    if (request.content_length or 0) > LARGEST_BODY:
        raise RequestEntityTooLarge
    body = request.get_data()
    if len(body) > LARGEST_BODY:
        raise RequestEntityTooLarge
    return body


def _target(core: Core, plugin: str, account_id: int) -> tuple[Channel, Account, bool]:
    channel = core.plugins.channels.get(plugin)
    row = core.session.get(ChannelAccount, account_id)
    if channel is None or Capability.WEBHOOK not in channel.capabilities or row is None or row.plugin != plugin:
        raise NotFound("There is no such account.")
    return channel, account_view(core, row), row.state == "paused"


def _answer(core: Core, channel: Channel, account: Account, asked: WebhookRequest) -> Response:
    try:
        reply = core.plugins.dispatcher.guarded(account.plugin, "webhook")(_reply, channel, account, asked)
    except BadSignature as error:
        log.warning("account %s: a request without a valid signature was refused: %s", account.id, error)
        return make_response("The signature is not valid.", 403)
    except UnsupportedEvent:
        note_left_alone(core, account.id)
        reply = WebhookReply()
    except ChannelError as error:
        return make_response(masked(str(error)), 503, {"Retry-After": "60"})
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:  # noqa: BLE001 - plugin code, which may raise anything at all: the provider tries again
        note_fault(account.plugin, "webhook", error)
        return make_response("The plugin failed on this request.", 500)
    if reply.events:
        record_events(core, account.id, reply.events)
    return make_response(reply.body, reply.status, {"Content-Type": reply.content_type})


def _reply(channel: Channel, account: Account, asked: WebhookRequest) -> WebhookReply:
    """What the channel wants stored, if the request is signed. A signed body it cannot read is stored whole, so that it shows in the
    Undelivered tray. Raises `UnsupportedEvent` for one that it knows and leaves alone."""
    channel.verify_webhook(account, asked)
    try:
        return _sound(channel.receive_webhook(account, asked))
    except UnrecognisedPayload:
        kind = asked.headers.get("content-type", "application/octet-stream")
        return WebhookReply(events=(RawEvent(payload=asked.body, content_type=kind),))


def _sound(reply: object) -> WebhookReply:
    """The reply, if it is one that can be stored and answered. Raises `TypeError`."""
    if (
        isinstance(reply, WebhookReply)
        and isinstance(reply.body, str | bytes)
        and isinstance(reply.content_type, str)
        and isinstance(reply.status, int)
        and all(isinstance(one, RawEvent) for one in reply.events)
    ):
        return reply
    raise TypeError(f"receive_webhook answered {type(reply).__name__}, or something in it is of another type")
