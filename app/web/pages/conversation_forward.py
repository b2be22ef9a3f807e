"""Passing a message on to somebody else."""

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from app.errors import AppError, NotFound
from app.models import Message
from app.plugin_api.channel import MAIL
from app.queries.conversation_page import ConversationFacts
from app.queries.timeline import attachments_of
from app.services.core import Core
from app.services.outgoing import forwarding
from app.services.outgoing.forwarding import ForwardDraft, forward_subject
from app.web.bounce_warnings import must_be_told, told_of
from app.web.contexts import ForwardPage
from app.web.current import current_actor, current_agent, current_core
from app.web.marks import Directory, directory
from app.web.once import is_repeated
from app.web.pages.conversation import blueprint, find
from app.web.people_typed import parse_people
from app.web.refusals import put_problems
from app.web.senders import account_chosen, first_senders, sender_chosen
from app.web.shell import render_page
from app.web.signature import signed
from forms.forward import ATTACHED, QUOTED, ForwardForm

__all__: list[str] = []

_EXCERPT = 400


@blueprint.route("/conversations/<int:number>/messages/<int:message_id>/forward", methods=["GET", "POST"])
def forward(number: int, message_id: int) -> Response | BaseResponse:
    """Say to whom, and send it."""
    core, conversation, known = current_core(), find(number), directory()
    original = _message(core, conversation, message_id)
    files = tuple(one.filename for one in attachments_of(core.session, [message_id]).get(message_id, ()))
    form = _form(core, known, conversation, original, files)
    told = told_of()
    if request.method == "POST" and form.validate():
        if is_repeated():
            flash(gettext("This message was sent already."))
            return redirect(url_for("conversation.show", number=number), code=303)
        try:
            return _send(core, form, known, message_id)
        except AppError as error:
            told = told_of(error)
            put_problems(form, error, text="body", files="form" if "form" in form else "to", subject="account")
    page = ForwardPage(
        number=number,
        form=form,
        author=original.sender_name or original.sender_value,
        subject=forward_subject(original.subject),
        excerpt=(original.reply_text or original.text)[:_EXCERPT],
        back_url=url_for("conversation.show", number=number, _anchor=f"message-{message_id}"),
        files=files,
        accounts_exist=bool(form.account.choices),
        told_of=told,
    )
    status = 422 if form.errors or form.form_errors else 200
    return render_page("conversation/forward.html", page, section="inbox", status=status)


def _message(core: Core, conversation: ConversationFacts, message_id: int) -> Message:
    original = core.session.get(Message, message_id)
    if original is None or original.conversation_id != conversation.id or original.removed_at is not None:
        raise NotFound(gettext("This message does not exist any more."))
    return original


def _form(
    core: Core, known: Directory, conversation: ConversationFacts, original: Message, files: tuple[str, ...]
) -> ForwardForm:
    """The account that the conversation came in through is the first, where it can begin one."""
    accounts, _ = first_senders(core, known)
    accounts.sort(key=lambda one: account_chosen(one[0]) != conversation.account_id)
    form = ForwardForm(request.form or None, data={"form": ATTACHED, "with_files": bool(files)})
    has_original = original.sender_kind == MAIL and bool(original.raw_sha256)
    return form.offer(accounts, has_original=has_original, has_files=bool(files))


def _send(core: Core, form: ForwardForm, known: Directory, message_id: int) -> BaseResponse:
    account = known.accounts[account_chosen(form.account.data) or 0]
    kind = core.plugins.channels[account.plugin].address_kind
    draft = ForwardDraft(
        account_id=account.id,
        sender=sender_chosen(form.account.data),
        to=parse_people(form.to.data, kind, "to"),
        text=signed((form.body.data or "").replace("\r\n", "\n"), current_agent().signature),
        cc=parse_people(form.cc.data, kind, "cc", may_be_empty=True),
        bcc=parse_people(form.bcc.data, kind, "bcc", may_be_empty=True),
        form=form.form.data if "form" in form else QUOTED,
        with_files="with_files" in form and form.with_files.data,
    )
    must_be_told((*draft.to, *draft.cc, *draft.bcc))
    number, _ = forwarding.forward(core, current_actor(), message_id, draft)
    flash(gettext("The message is on its way."))
    return redirect(url_for("conversation.show", number=number), code=303)
