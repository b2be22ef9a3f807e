"""Contacts: the list, and one contact with their conversations. Who is one person is said in `contact_merging`."""

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from app.errors import AppError, NotFound
from app.queries.contacts import ContactFacts, ContactListRow, contact_facts, contacts, picture_of_contact
from app.queries.conversation_list import ConversationFilter, conversations
from app.queries.conversation_page import IdentityFacts, identities_of
from app.queries.paging import Position
from app.services.bounced_addresses import say_it_works
from app.services.contacts import save_contact
from app.web.contact_marks import identity_marks
from app.web.contact_people import address_kinds, alike_rows, merged_rows
from app.web.contact_pictures import send_portrait
from app.web.contexts import ContactCard, ContactPage, ContactRow, ContactsPage, NewAddress
from app.web.current import current_actor, current_agent, current_core
from app.web.marks import contact_mark, directory, inbox_row
from app.web.plugin_actions import collect_actions, contact_summary
from app.web.refusals import flash_refusal, put_problems
from app.web.shell import render_page
from app.web.slots import collect_panels
from forms.contacts import ContactDetailsForm

__all__ = ["blueprint", "contact_row", "find", "render_contact"]

blueprint = Blueprint("contacts", __name__)
_BEGINNING = 16
_DETAILS = ("name", "company", "phone", "about")


@blueprint.get("/contacts")
def index() -> Response:
    """One page of contacts."""
    query = request.args.get("q", "").strip()[:200]
    position = Position(after=request.args.get("after", ""), before=request.args.get("before", ""))
    found = contacts(current_core().session, query=query, position=position)
    page = ContactsPage(
        rows=tuple(contact_row(row) for row in found.rows),
        query=query,
        older_url=url_for("contacts.index", q=query or None, after=found.older) if found.older else None,
        newer_url=url_for("contacts.index", q=query or None, before=found.newer) if found.newer else None,
    )
    return render_page("contacts/index.html", page, section="contacts")


@blueprint.get("/contacts/<int:id>")
def show(id: int) -> Response | BaseResponse:  # noqa: A002 - the name of the variable in templates' links
    """One contact; who was merged into another one is found there."""
    contact = find(id)
    if contact.merged_into_id is not None:
        return redirect(url_for("contacts.show", id=contact.merged_into_id))
    return render_contact(contact)


@blueprint.get("/contacts/<int:id>/picture/<begins>")
def picture(id: int, begins: str) -> Response:  # noqa: A002 - the name of the variable in templates' links
    """How a contact looks on one of their channels; `begins` are the first 16 signs of the picture's digest, so that browsers keep it."""
    core = current_core()
    sha256 = picture_of_contact(core.session, id, begins) if len(begins) == _BEGINNING else None
    core.session.rollback()
    if sha256 is None:
        raise NotFound("There is no such picture.")
    return send_portrait(core, sha256)


@blueprint.post("/contacts/<int:id>")
def save(id: int) -> Response | BaseResponse:  # noqa: A002 - the name of the variable in templates' links
    """Change name, company, phone and note."""
    contact = find(id)
    form = ContactDetailsForm(request.form)
    if form.validate():
        try:
            save_contact(current_core(), current_actor(), id, **form.data)
            flash(gettext("Saved."))
            return redirect(url_for("contacts.show", id=id), code=303)
        except AppError as error:
            put_problems(form, error)
    return render_contact(contact, form, status=422)


@blueprint.post("/contacts/<int:id>/works-again")
def works_again(id: int) -> BaseResponse:  # noqa: A002 - the name of the variable in templates' links
    """An address takes mail after all. Leads back to the conversation it was said in, if any."""
    find(id)
    form = request.form
    try:
        say_it_works(current_core(), current_actor(), id, form.get("kind", ""), form.get("address", ""))
        flash(gettext("Noted: %(address)s works again.", address=form.get("address", "")))
    except AppError as error:
        flash_refusal(error)
    number = form.get("conversation", "")
    if number.isdecimal() and len(number) < 16:
        return redirect(url_for("conversation.show", number=int(number)), code=303)
    return redirect(url_for("contacts.show", id=id), code=303)


def find(contact_id: int) -> ContactFacts:
    """The contact of an id. Raises `NotFound`."""
    contact = contact_facts(current_core().session, contact_id)
    if contact is None:
        raise NotFound(gettext("This contact does not exist."))
    return contact


def contact_row(row: ContactListRow) -> ContactRow:
    """A contact as lists show it."""
    return ContactRow(
        id=row.id,
        name=row.name,
        mark=contact_mark(row.name, row.id, _picture_of(row.identities)),
        identities=identity_marks(row.identities),
        conversation_count=row.conversation_count,
        open_count=row.open_count,
        last_activity_at=row.last_activity_at,
    )


def render_contact(
    contact: ContactFacts,
    form: ContactDetailsForm | None = None,
    *,
    typed: str = "",
    kind: str = "",
    problem: str = "",
    takes_from: int | None = None,
    status: int = 200,
) -> Response:
    """The page of a contact. `form` is a refused post of their details; `typed` and what follows is one of another address."""
    core, known = current_core(), directory()
    identities = identities_of(core.session, contact.id)
    name = contact.name or (identities[0].value if identities else "")
    found = conversations(
        core.session,
        ConversationFilter(contact_id=contact.id),
        agent_id=current_agent().id,
        position=Position(after=request.args.get("after", "")),
    )
    summary = contact_summary(contact.id, name, identities)
    page = ContactPage(
        card=_card(contact, name, identities),
        rows=tuple(inbox_row(row, known) for row in found.rows),
        form=form or ContactDetailsForm(data={field: getattr(contact, field) for field in _DETAILS}),
        panels=collect_panels("contact_panels", contact=summary),
        actions=collect_actions("contact_actions", contact=summary),
        older_url=url_for("contacts.show", id=contact.id, after=found.older) if found.older else None,
        alike=alike_rows(contact, identities),
        merged=merged_rows(contact.id),
        new_address=NewAddress(address_kinds(kind), typed, problem, takes_from),
    )
    return render_page("contacts/show.html", page, section="contacts", status=status)


def _card(contact: ContactFacts, name: str, identities: tuple[IdentityFacts, ...]) -> ContactCard:
    return ContactCard(
        id=contact.id,
        name=name,
        mark=contact_mark(name, contact.id, _picture_of(identities)),
        identities=identity_marks(identities),
        conversation_count=contact.conversation_count,
        first_seen_at=contact.created_at,
        note=contact.about,
        company=contact.company,
        phone=contact.phone,
    )


def _picture_of(identities: tuple[IdentityFacts, ...]) -> str | None:
    return next((one.picture_sha256 for one in identities if one.picture_sha256), None)
