"""Before somebody writes to an address that does not take mail they are told so once, and may write all the same."""

from collections.abc import Sequence

from flask import request
from flask_babel import gettext

from app.errors import InvalidInput
from app.plugin_api.messages import Participant
from app.queries.bounced import BouncedAddress, bounced_among
from app.queries.conversation_page import IdentityFacts
from app.web.bounce_text import came_back
from app.web.current import current_core

__all__ = ["FIELD", "NotTold", "must_be_told", "told_of", "why_it_came_back"]

FIELD = "told_of"
"""Posted once for each address that the reader was told of."""


class NotTold(InvalidInput):
    """Nobody told the sender that mail to these addresses comes back; now the sentence does."""

    def __init__(self, sentence: str, addresses: tuple[str, ...]) -> None:
        super().__init__(sentence, {"to": sentence})
        self.addresses = addresses


def why_it_came_back(address: IdentityFacts | BouncedAddress) -> str:
    """What is said of an address that takes no mail; empty for one that works."""
    if address.bounced_at is None:
        return ""
    return came_back(address.value, address.bounced_at, address.bounce_status, address.bounce_reason)


def must_be_told(people: Sequence[Participant]) -> None:
    """Refuse a post to addresses that take no mail and that the sender was not told of. Raises `NotTold`."""
    known = {address.lower() for address in request.form.getlist(FIELD)}
    unknown = [one for one in bounced_among(current_core().session, people) if one.value.lower() not in known]
    if unknown:
        told = " ".join(map(why_it_came_back, unknown))
        raise NotTold(
            gettext("%(told)s Send it again to send it all the same.", told=told), tuple(o.value for o in unknown)
        )


def told_of(error: BaseException | None = None) -> tuple[str, ...]:
    """The addresses that the sender knows of once the page with this refusal is shown."""
    before = tuple(request.form.getlist(FIELD)[:100])
    return (*before, *error.addresses) if isinstance(error, NotTold) else before
