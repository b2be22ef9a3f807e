"""Saying who is one person and who is not: merging contacts, taking that back, and giving addresses to whom they belong."""

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from app.errors import AppError, InvalidInput
from app.queries.contact_likeness import alike_contacts
from app.queries.contacts import contacts
from app.queries.conversation_page import identities_of
from app.services.contact_addresses import AddressTaken, add_address, part_address
from app.services.contact_merging import merge_contacts, undo_merge
from app.web.contact_people import address_kinds
from app.web.contexts import ContactMergePage
from app.web.current import current_actor, current_core
from app.web.pages.contacts import blueprint, contact_row, find, render_contact
from app.web.people_typed import parse_people
from app.web.refusals import flash_refusal
from app.web.shell import offer_again, render_page

__all__: list[str] = []

_MOST = 10


@blueprint.get("/contacts/<int:id>/merge")
def merge(id: int) -> Response:  # noqa: A002 - the name of the variable in templates' links
    """Who else is this person."""
    session, contact = current_core().session, find(id)
    query = request.args.get("q", "").strip()[:200]
    identities = identities_of(session, contact.id)
    if query:
        rows = contacts(session, query=query, size=_MOST + 1).rows
    else:
        rows = contacts(session, ids=[one.id for one in alike_contacts(session, contact, identities)]).rows
    page = ContactMergePage(
        id=contact.id,
        name=contact.name or (identities[0].value if identities else ""),
        query=query,
        rows=tuple(contact_row(row) for row in rows if row.id != contact.id)[:_MOST],
    )
    return render_page("contacts/merge.html", page, section="contacts")


@blueprint.post("/contacts/<int:id>/merge")
def merge_other(id: int) -> BaseResponse:  # noqa: A002 - the name of the variable in templates' links
    """Make another contact a part of this one."""
    contact = find(id)
    try:
        other = _posted_id("other")
        merge_contacts(current_core(), current_actor(), other, contact.id)
        offer_again(gettext("Both are one contact now."), gettext("Undo"), "contacts.unmerge", id=str(other))
    except AppError as error:
        flash_refusal(error)
    return _to(contact.id)


@blueprint.post("/contacts/<int:id>/unmerge")
def unmerge(id: int) -> BaseResponse:  # noqa: A002 - the name of the variable in templates' links
    """Take a contact apart from the one it was merged into."""
    try:
        undo_merge(current_core(), current_actor(), id)
        flash(gettext("These are two contacts again."))
    except AppError as error:
        flash_refusal(error)
    return _to(id)


@blueprint.post("/contacts/<int:id>/addresses")
def add(id: int) -> Response | BaseResponse:  # noqa: A002 - the name of the variable in templates' links
    """Say that the person has another address. One that belongs to somebody else is asked about once."""
    contact, form = find(id), request.form
    typed, kind = form.get("address", "").strip()[:320], form.get("kind", "")
    owner = form.get("takes_from", "")
    try:
        if kind not in {one.value for one in address_kinds(kind)}:
            raise InvalidInput(gettext("Choose one of the list."))
        person = parse_people(typed, kind, "address")[0]
        from_id = int(owner) if owner.isdecimal() and len(owner) < 16 else None
        add_address(current_core(), current_actor(), contact.id, person, from_id=from_id)
        flash(gettext("%(address)s belongs to this contact now.", address=person.value))
        return _to(contact.id)
    except AddressTaken as error:
        told = gettext("%(told)s Add it again to take it over, with what was written from it.", told=str(error))
        return render_contact(contact, typed=typed, kind=kind, problem=told, takes_from=error.owner_id, status=422)
    except InvalidInput as error:
        told = error.fields.get("address", str(error))
        return render_contact(contact, typed=typed, kind=kind, problem=told, status=422)
    except AppError as error:
        flash_refusal(error)
        return _to(contact.id)


@blueprint.post("/contacts/<int:id>/addresses/part")
def part(id: int) -> BaseResponse:  # noqa: A002 - the name of the variable in templates' links
    """Another person is behind an address."""
    form = request.form
    try:
        new = part_address(current_core(), current_actor(), id, form.get("kind", ""), form.get("address", ""))
        flash(gettext("%(address)s is a contact of its own now.", address=form.get("address", "")))
        return _to(new)
    except AppError as error:
        flash_refusal(error)
        return _to(id)


def _posted_id(name: str) -> int:
    text = request.form.get(name, "")
    if not text.isdecimal() or len(text) > 15:
        raise InvalidInput(gettext("Choose a contact."))
    return int(text)


def _to(contact_id: int) -> BaseResponse:
    return redirect(url_for("contacts.show", id=contact_id), code=303)
