"""What may be answered now: 24 hours after a person wrote, seven days where Meta has approved that; comments in public at any time, and in
private once within seven days. https://developers.facebook.com/docs/messenger-platform/policy/policy-overview"""

from datetime import timedelta

from plugins.instagram.names import PRIVATE, PUBLIC, comment_of
from tidings import Account, Exchange, Host, ReplyChoice, ReplyRules

__all__ = ["reply_rules"]

LONGEST = 1000
"""Instagram counts bytes; letters beyond ASCII have several (sending looks at that)."""
WINDOW, HUMAN_AGENT_WINDOW, PRIVATE_WINDOW = timedelta(hours=24), timedelta(days=7), timedelta(days=7)


def reply_rules(host: Host, account: Account, exchange: Exchange) -> ReplyRules:
    """What holds for an answer at `exchange.now`."""
    if comment_of(exchange.thread_key):
        return _under_a_comment(host, exchange)
    return _in_direct(host, account, exchange)


def _under_a_comment(host: Host, exchange: Exchange) -> ReplyRules:
    public = ReplyChoice(PUBLIC, host.gettext("Reply in public"), host.gettext("Everybody sees it under the comment."))
    private = ReplyChoice(
        PRIVATE, host.gettext("Private message"), host.gettext("One direct message, to the person who commented.")
    )
    wrote_at = exchange.last_inbound_at
    is_early = wrote_at is not None and exchange.now - wrote_at <= PRIVATE_WINDOW
    notice = host.gettext("A private message is possible within seven days of a comment.")
    return ReplyRules(notice=notice, longest=LONGEST, choices=(public, private) if is_early else (public,))


def _in_direct(host: Host, account: Account, exchange: Exchange) -> ReplyRules:
    wrote_at = exchange.last_inbound_at
    if wrote_at is None:
        return _refused(host.gettext("Instagram takes messages only to people who wrote first."))
    if exchange.now - wrote_at <= WINDOW:
        notice = host.gettext("Instagram takes answers for 24 hours after somebody wrote.")
        return ReplyRules(notice=notice, until=wrote_at + WINDOW, longest=LONGEST)
    if not account.settings.get("human_agent"):
        return _refused(
            host.gettext("They wrote more than 24 hours ago: Instagram takes no answer until they write again.")
        )
    if exchange.now - wrote_at <= HUMAN_AGENT_WINDOW:
        notice = host.gettext(
            "They wrote more than 24 hours ago: your answer is marked as written by a person, and must not advertise."
        )
        return ReplyRules(notice=notice, until=wrote_at + HUMAN_AGENT_WINDOW, longest=LONGEST)
    return _refused(
        host.gettext("They wrote more than seven days ago: Instagram takes no answer until they write again.")
    )


def _refused(notice: str) -> ReplyRules:
    return ReplyRules(notice=notice, is_refused=True, longest=LONGEST)
