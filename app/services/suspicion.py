"""What makes a sender suspicious, in sentences for agents. Filters of plugins may add to them."""

from collections.abc import Iterator

from app.domain.authenticity import Verdict, is_doubtful, is_proven
from app.domain.lookalikes import Familiar, address_in_name, folded_name
from app.mime.addresses import domain_of
from app.plugin_api.channel import MAIL
from app.plugin_api.messages import InboundMessage, MessageKind, MessageWarning
from app.plugin_api.texts import translatable

__all__ = ["warnings_about"]

_DISOWNED = translatable("%(domain)s says that this message does not come from it.")
_LOOKS_LIKE = translatable("The sender's domain %(domain)s looks like %(known)s, but is another one.")
_CALLED_LIKE = translatable("The sender calls itself %(name)s, but %(address)s belongs to somebody else.")
_NAMED_BY_ADDRESS = translatable("The sender's name is the address %(name)s, but the message comes from %(address)s.")
_ELSEWHERE = translatable("An answer would go to %(reply)s, which has nothing to do with %(domain)s.")


def warnings_about(message: InboundMessage, familiar: Familiar) -> tuple[MessageWarning, ...]:
    """What agents should know of the sender of a mail. Nothing is said of what nobody could find out."""
    if message.sender.kind != MAIL or message.mail is None or message.is_echo:
        return ()
    return tuple(_about(message, familiar))


def _about(message: InboundMessage, familiar: Familiar) -> Iterator[MessageWarning]:
    address, name = message.sender.value, message.sender.name
    domain = domain_of(address)
    vouched, known = message.authenticity, familiar.known
    if vouched is not None and is_doubtful(vouched) and vouched.policy in ("quarantine", "reject"):
        yield MessageWarning("dmarc_failed", _DISOWNED, {"domain": vouched.domain})
    if (copied := familiar.lookalike_of(domain)) is not None:
        yield MessageWarning("lookalike_domain", _LOOKS_LIKE, {"domain": domain, "known": copied})
    if known is not None and name and domain not in known.own and folded_name(name) in known.names:
        yield MessageWarning("lookalike_name", _CALLED_LIKE, {"name": name, "address": address})
    if message.kind is not MessageKind.NORMAL:
        return  # lists and machines write in other people's names
    named = address_in_name(name)
    if named is not None and not _belong_together(domain_of(named), domain):
        yield MessageWarning("name_is_address", _NAMED_BY_ADDRESS, {"name": named, "address": address})
    elsewhere = _answered_elsewhere(message, domain)
    if elsewhere is not None:
        yield MessageWarning("reply_elsewhere", _ELSEWHERE, {"reply": elsewhere, "domain": domain})


def _answered_elsewhere(message: InboundMessage, domain: str) -> str | None:
    """Where answers go instead of to the sender's domain, when that was asked and does not vouch for the message."""
    vouched = message.authenticity
    if vouched is None or not vouched.by or is_proven(vouched) or vouched.dmarc is Verdict.TEMPERROR:
        return None
    others = (person.value for person in message.reply_to if person.kind == MAIL)
    return next((one for one in others if not _belong_together(domain_of(one), domain)), None)


def _belong_together(one: str, other: str) -> bool:
    """Whether one domain lies in the other, or both in the same one of at least two labels with a name of its own."""
    ours, theirs = one.split("."), other.split(".")
    shared = 0
    while shared < min(len(ours), len(theirs)) and ours[-1 - shared] == theirs[-1 - shared]:
        shared += 1
    own_name = shared > 2 or (shared == 2 and len(ours[-2]) > 3)
    return shared == min(len(ours), len(theirs)) or own_name
