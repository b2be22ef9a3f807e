"""Requests of providers at `/hooks/<plugin>/<account>` and `/hooks/<plugin>`: verified first, then stored, then answered. The worker reads
what was stored."""

import logging
from collections.abc import Sequence

from flask import Blueprint, Response, make_response, request
from sqlalchemy import select
from werkzeug.exceptions import RequestEntityTooLarge

from app.errors import NotFound
from app.extensions import csrf
from app.models import ChannelAccount
from app.plugin_api.channel import Account, Capability, Channel
from app.plugin_api.errors import BadSignature, ChannelError, UnrecognisedPayload, UnsupportedEvent
from app.plugin_api.messages import AccountEvent, RawEvent, SharedWebhookReply, WebhookReply, WebhookRequest
from app.redaction import masked
from app.services.account_view import account_view
from app.services.core import Core
from app.services.journal import note_left_alone, record_events, record_for_accounts
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
    asked = _asked(core)
    core.session.rollback()
    try:
        reply = core.plugins.dispatcher.guarded(plugin, "webhook")(_reply, channel, account, asked)
    except UnsupportedEvent:
        note_left_alone(core, account.id)
        reply = WebhookReply()
    except BaseException as error:  # noqa: BLE001 - plugin code, which may raise anything at all: the provider tries again
        return _refused(plugin, error)
    if reply.events:
        record_events(core, account.id, reply.events)
    return _answered(reply)


@blueprint.route("/hooks/<plugin>", methods=["GET", "POST", "PUT"])
@csrf.exempt
@public
def receive_shared(plugin: str) -> Response:
    """The same for the address of all accounts of a plugin. What is for a paused account is stored too: its provider would not send it
    again for that one alone."""
    core = current_core()
    channel = core.plugins.channels.get(plugin)
    if channel is None or Capability.SHARED_WEBHOOK not in channel.capabilities:
        raise NotFound("There is no such webhook.")
    asked, own = _asked(core), _accounts_of(core, plugin)
    core.session.rollback()
    try:
        reply = core.plugins.dispatcher.guarded(plugin, "webhook")(_shared_reply, channel, own, asked)
    except UnsupportedEvent as left_alone:
        log.info("the channel of %s leaves a request alone: %s", plugin, left_alone)
        reply = SharedWebhookReply()
    except BaseException as error:  # noqa: BLE001 - plugin code, which may raise anything at all: the provider tries again
        return _refused(plugin, error)
    if reply.events:
        record_for_accounts(core, reply.events)
    return _answered(reply)


def _asked(core: Core) -> WebhookRequest:
    return WebhookRequest(
        method=request.method,
        url=request.url,
        headers={name.lower(): value for name, value in request.headers.items()},
        query=request.args.to_dict(),
        body=_body(),
        now=core.clock.now(),
    )


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


def _accounts_of(core: Core, plugin: str) -> list[int]:
    """The ids of all accounts of a plugin, paused ones too."""
    statement = select(ChannelAccount.id).where(ChannelAccount.plugin == plugin).order_by(ChannelAccount.id)
    return list(core.session.scalars(statement))


def _refused(plugin: str, error: BaseException) -> Response:
    """What the provider is told instead of the channel's answer: nothing of its request is kept."""
    if isinstance(error, KeyboardInterrupt | GeneratorExit):
        raise error
    if isinstance(error, BadSignature):
        log.warning("%s: a request without a valid signature was refused: %s", request.path, error)
        return make_response("The signature is not valid.", 403)
    if isinstance(error, ChannelError):
        return make_response(masked(str(error)), 503, {"Retry-After": "60"})
    note_fault(plugin, "webhook", error)
    return make_response("The plugin failed on this request.", 500)


def _answered(reply: WebhookReply | SharedWebhookReply) -> Response:
    return make_response(reply.body, reply.status, {"Content-Type": reply.content_type})


def _reply(channel: Channel, account: Account, asked: WebhookRequest) -> WebhookReply:
    """What the channel wants stored, if the request is signed. A signed body it cannot read is stored whole, so that it shows in the
    Undelivered tray. Raises `UnsupportedEvent` for one that it knows and leaves alone."""
    channel.verify_webhook(account, asked)
    try:
        reply = channel.receive_webhook(account, asked)
    except UnrecognisedPayload:
        return WebhookReply(events=(_whole(asked),))
    if _can_be_answered(reply, WebhookReply) and all(isinstance(one, RawEvent) for one in reply.events):
        return reply
    raise TypeError(f"receive_webhook answered {type(reply).__name__}, or something in it is of another type")


def _shared_reply(channel: Channel, own: Sequence[int], asked: WebhookRequest) -> SharedWebhookReply:
    """The same for all accounts of a plugin, `own`. A signed body that cannot be read shows as one of the first account's."""
    channel.verify_shared_webhook(asked)
    try:
        reply = channel.receive_shared_webhook(asked)
    except UnrecognisedPayload:
        return SharedWebhookReply(events=tuple(AccountEvent(account_id, _whole(asked)) for account_id in own[:1]))
    if not _can_be_answered(reply, SharedWebhookReply) or not all(
        isinstance(one, AccountEvent) and isinstance(one.event, RawEvent) for one in reply.events
    ):
        raise TypeError(
            f"receive_shared_webhook answered {type(reply).__name__}, or something in it is of another type"
        )
    if strangers := {one.account_id for one in reply.events}.difference(own):
        raise LookupError(f"receive_shared_webhook named accounts that are not the plugin's: {sorted(strangers)}")
    return reply


def _can_be_answered(reply: object, kind: type[WebhookReply | SharedWebhookReply]) -> bool:
    return (
        isinstance(reply, kind)
        and isinstance(reply.body, str | bytes)
        and isinstance(reply.content_type, str)
        and isinstance(reply.status, int)
    )


def _whole(asked: WebhookRequest) -> RawEvent:
    kind = asked.headers.get("content-type", "application/octet-stream")
    return RawEvent(payload=asked.body, content_type=kind)
