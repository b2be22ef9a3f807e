"""The addresses of a contact as pages show them."""

from collections.abc import Iterable

from app.queries.conversation_page import IdentityFacts
from app.web.bounce_warnings import why_it_came_back
from app.web.contexts import IdentityMark

__all__ = ["identity_marks"]

_ICONS = {"email": "mail", "phone": "phone"}


def identity_marks(identities: Iterable[IdentityFacts]) -> tuple[IdentityMark, ...]:
    """One mark an address, in the order they are known."""
    return tuple(
        IdentityMark(one.value, _ICONS.get(one.kind, "at-sign"), kind=one.kind, came_back=why_it_came_back(one))
        for one in identities
    )
