"""What may be answered now: in public or directly, how long, and what the plan or the other person forbids. No I/O."""

from connectors.x_api import Refusal, weighted_length
from plugins.twitter import restrictions
from plugins.twitter.names import DIRECT, DM_STATE, PUBLIC
from plugins.twitter.sending import LONGEST_MESSAGE, longest_post
from tidings import Account, Exchange, Host, ReplyChoice, ReplyRules, translatable

__all__ = ["reply_rules"]

_WHY_CLOSED = {
    Refusal.PLAN: translatable("The plan of your app at X does not allow writing: this account is read-only."),
    Refusal.PERMISSIONS: translatable(
        "Your app at X may not write: give it the permission to, then sign in again. Until then this account is read-only."
    ),
}


def reply_rules(host: Host, account: Account, exchange: Exchange) -> ReplyRules:
    """The rules of an exchange. Below a post everybody can read the answer; a direct message is offered where they take any."""
    is_post = (exchange.thread_key or "").startswith("post:")
    ways = [PUBLIC, DIRECT] if is_post else [DIRECT]
    if is_post and exchange.fields.get(DM_STATE) == "closed":
        ways.remove(DIRECT)
    closed = {way: why for way in ways if (why := restrictions.why_not(host, account.id, way))}
    open_ways = [way for way in ways if way not in closed]
    if not open_ways:
        why = next(iter(closed.values()))
        return ReplyRules(notice=host.gettext(_WHY_CLOSED[why]), is_refused=True)
    return ReplyRules(
        notice=_notice(host, open_ways, closed),
        longest=LONGEST_MESSAGE,
        choices=tuple(_choice(host, account, way) for way in open_ways) if is_post else (),
        count=weighted_length if open_ways[0] == PUBLIC else len,
    )


def _notice(host: Host, open_ways: list[str], closed: dict[str, Refusal]) -> str:
    if closed:
        return host.gettext(_WHY_CLOSED[next(iter(closed.values()))])
    if PUBLIC in open_ways:
        return host.gettext("Everybody can read an answer in public.")
    return ""


def _choice(host: Host, account: Account, way: str) -> ReplyChoice:
    if way == PUBLIC:
        text = host.gettext("Below the post. X counts links as 23 characters, and emoji and many scripts double.")
        return ReplyChoice(PUBLIC, host.gettext("Reply in public"), text, longest=longest_post(account))
    text = host.gettext("Only they can read it. Their answer comes as a conversation of its own.")
    return ReplyChoice(DIRECT, host.gettext("Direct message"), text)
