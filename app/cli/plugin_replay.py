"""`tidings plugin replay`: posts a captured request to a running installation, signed as its provider would, and tells what came of it."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import click
import requests
from sqlalchemy import func, select, tuple_

from app.cli.opening import open_installation
from app.errors import Conflict, NotFound
from app.models import ChannelAccount, Conversation, EventState, InboundEvent, Message
from app.plugin_api.channel import Account, Capability, Channel
from app.plugin_api.errors import ChannelError, PayloadError
from app.plugin_api.messages import RawEvent, WebhookRequest
from app.plugin_api.recorded import RecordedRequest, read_recorded
from app.services.account_view import account_view
from app.services.accounts import channel_of
from app.services.core import Core
from app.services.journal import stored_key

__all__ = ["Replayed", "replay", "replay_fixture"]

_PAUSE_S = 0.1
_MOST_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Replayed:
    """The answer, and a line for each event that came of it. `is_signed` when the channel could sign the request."""

    status: int
    text: str
    is_signed: bool
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Target:
    """A webhook address: `path` below that of Tidings, the accounts it can bring events for, how its provider signs, and what the channel
    stores for which account."""

    path: str
    account_ids: tuple[int, ...]
    sign: Callable[[WebhookRequest], Mapping[str, str]]
    receive: Callable[[WebhookRequest], Iterable[tuple[int, RawEvent]]]


@click.command("replay")
@click.argument("fixture", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--account", type=int, required=True, help="Its number in `channel list`.")
@click.option("--shared", is_flag=True, help="Post to the address of all accounts of the plugin, where there are two.")
@click.option("--to", "address", help="Where Tidings runs; default: the address it is configured with.")
@click.option("--data", type=click.Path(path_type=Path), help="Home folder, instead of TIDINGS_HOME.")
@click.option("--wait", "wait_s", type=float, default=10, show_default=True, help="Seconds to wait for the worker.")
def replay_fixture(
    fixture: Path, account: int, shared: bool, address: str | None, data: Path | None, wait_s: float
) -> None:
    """Post FIXTURE to the webhook address of an account, or to the one it shares; exit code 1 unless it is taken."""
    recorded = read_recorded(fixture)
    with open_installation(data) as (_, core):
        to = address or f"http://{core.config.listen_address}"
        done = replay(core, recorded, account, to, wait_s, is_shared=shared)
    if not done.is_signed:
        click.echo("The channel cannot sign for its provider: the request was sent as it stands in the file.")
    click.echo(f"{done.status} {done.text}".rstrip())
    for line in done.events or ("Nothing was stored.",):
        click.echo(line)
    raise SystemExit(0 if 200 <= done.status < 300 else 1)


def replay(
    core: Core, recorded: RecordedRequest, account_id: int, to: str, wait_s: float, *, is_shared: bool = False
) -> Replayed:
    """Send a request to `<to>/hooks/<plugin>/<account>`, or to `<to>/hooks/<plugin>` where all accounts share one address, and wait until
    what it brought was processed, at most `wait_s` seconds.

    Raises `NotFound` when there is no such account or its plugin does not run here, `Conflict` when its channel takes no webhooks or
    nobody answers.
    """
    target = _target(core, account_id, is_shared)
    of_target = InboundEvent.account_id.in_(target.account_ids)
    last = core.session.scalar(select(func.max(InboundEvent.id)).where(of_target)) or 0
    core.session.rollback()
    asked = recorded.asked_at(f"{to.rstrip('/')}{target.path}", core.clock.now())
    signed = dict(target.sign(asked))
    asked = replace(asked, headers={**asked.headers, **signed})
    try:
        answer = requests.request(
            asked.method, asked.url, headers=dict(asked.headers), data=asked.body, timeout=60, allow_redirects=False
        )
    except requests.RequestException as error:
        raise Conflict(f"Nobody answers at {to}. Is `tidings run` running?") from error
    text = " ".join(answer.text[:_MOST_CHARACTERS].split())
    told = tuple(_wait_for(core, target, last, wait_s))
    if not told and answer.ok and not answer.is_redirect:
        told = tuple(_known_already(core, target, asked))
    return Replayed(answer.status_code, text, bool(signed), told)


def _target(core: Core, account_id: int, is_shared: bool) -> _Target:
    row = core.session.get(ChannelAccount, account_id)
    if row is None:
        raise NotFound(f"There is no account {account_id}.")
    channel = channel_of(core, row.plugin)
    if Capability.WEBHOOK in channel.capabilities and not is_shared:
        return _own_target(channel, account_view(core, row))
    if Capability.SHARED_WEBHOOK in channel.capabilities:
        return _shared_target(core, channel, row.plugin)
    raise Conflict(f"{row.name} takes no {'shared ' if is_shared else ''}webhooks: see what its channel can do.")


def _own_target(channel: Channel, account: Account) -> _Target:
    return _Target(
        path=f"/hooks/{account.plugin}/{account.id}",
        account_ids=(account.id,),
        sign=lambda asked: channel.sign_webhook(account, asked),
        receive=lambda asked: [(account.id, event) for event in channel.receive_webhook(account, asked).events],
    )


def _shared_target(core: Core, channel: Channel, plugin: str) -> _Target:
    statement = select(ChannelAccount.id).where(ChannelAccount.plugin == plugin)
    return _Target(
        path=f"/hooks/{plugin}",
        account_ids=tuple(core.session.scalars(statement)),
        sign=channel.sign_shared_webhook,
        receive=lambda asked: [(one.account_id, one.event) for one in channel.receive_shared_webhook(asked).events],
    )


def _wait_for(core: Core, target: _Target, last: int, wait_s: float) -> Iterator[str]:
    """What became of each event that came after `last`."""
    query = select(InboundEvent).where(InboundEvent.account_id.in_(target.account_ids), InboundEvent.id > last)
    deadline = time.monotonic() + wait_s
    while True:
        core.session.rollback()
        events = core.session.scalars(query.order_by(InboundEvent.id)).all()
        if all(event.state != EventState.RECEIVED for event in events) or time.monotonic() >= deadline:
            break
        time.sleep(_PAUSE_S)
    yield from [_told(core, event) for event in events]
    core.session.rollback()


def _known_already(core: Core, target: _Target, asked: WebhookRequest) -> Iterator[str]:
    """The events of the journal that have the source keys of this request: nothing is stored twice. The channel is asked once more for
    these, since the answer to its provider does not tell them."""
    try:
        places = [
            (account_id, key) for account_id, event in target.receive(asked) if (key := stored_key(event)) is not None
        ]
    except (ChannelError, PayloadError):
        return
    query = select(InboundEvent).where(tuple_(InboundEvent.account_id, InboundEvent.source_key).in_(places))
    yield from [
        f"known already: {_told(core, event)}" for event in core.session.scalars(query.order_by(InboundEvent.id))
    ]
    core.session.rollback()


def _told(core: Core, event: InboundEvent) -> str:
    if event.state == EventState.RECEIVED:
        return f"event {event.id}: stored, and not processed yet; is the worker running?"
    number = core.session.scalar(
        select(Conversation.number)
        .join(Message, Message.conversation_id == Conversation.id)
        .where(Message.id == event.message_id)
    )
    place = f", message {event.message_id} in conversation #{number}" if number is not None else ""
    state = "known already" if event.state == EventState.DUPLICATE else event.state
    return f"event {event.id}: {state}{place}" + (f". {event.reason}" if event.reason else "")
