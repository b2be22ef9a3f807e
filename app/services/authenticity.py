"""Finding out who vouches for a mail when it comes in, before filters see it. What is asked takes its time, so no transaction is open."""

from dataclasses import replace
from datetime import timedelta

from app.domain.authenticity import Authenticity, Verdict, is_proven
from app.mime.addresses import domain_of
from app.mime.authentication import Judgement, Trail, judge
from app.plugin_api.messages import InboundMessage, MailFacts
from app.services.core import Core
from app.services.familiar import familiar
from app.services.suspicion import warnings_about

__all__ = ["examined"]

TOO_OLD = timedelta(days=14)
"""Keys are changed: of older mail nobody can say any more whether it was right."""


def examined(core: Core, message: InboundMessage) -> InboundMessage:
    """The message with who vouches for it and what speaks against its sender. Nothing happens to what is no mail, or was sent by us."""
    if message.mail is None or message.is_echo:
        return message
    if message.authenticity is None:
        message = _judged(message, _vouched(core, message.mail))
    if message.is_sender_claimed:
        message = replace(message, accepts_auto_reply=False)
    warnings = warnings_about(message, familiar(core))
    return replace(message, warnings=(*message.warnings, *warnings)) if warnings else message


def _judged(message: InboundMessage, vouched: Authenticity | None) -> InboundMessage:
    """With what was found out. A form on a website of ours, which sends in our name, is believed whom it names; that person's domain has
    said nothing."""
    if not is_proven(vouched):
        return replace(message, authenticity=vouched)
    is_of_sender = vouched is not None and vouched.domain == domain_of(message.sender.value)
    return replace(message, authenticity=vouched if is_of_sender else None, is_sender_claimed=False)


def _vouched(core: Core, mail: MailFacts) -> Authenticity | None:
    """None where nobody looked."""
    is_recent = core.clock.now() - mail.arrived_at < TOO_OLD
    asks = is_recent and core.resolver.can_ask
    if not asks and not mail.results:
        return None
    trail = Trail(mail.results, mail.border if asks else ("", ""), mail.return_path)
    raw = mail.raw if asks and mail.is_whole else None
    judged = judge(raw, mail.authors, trail, mail.trusted_hosts, core.resolver.for_a_mail())
    return _as_authenticity(judged) if judged.by else None


def _as_authenticity(judged: Judgement) -> Authenticity:
    return Authenticity(
        judged.domain,
        spf=Verdict(judged.spf),
        dkim=Verdict(judged.dkim),
        dmarc=Verdict(judged.dmarc),
        arc=Verdict(judged.arc),
        policy=judged.policy,
        by=judged.by,
    )
