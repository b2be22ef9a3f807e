"""The Inbox: the list with its filters, changes to many conversations at once, and writing to somebody first."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from flask import Blueprint, Response, flash, redirect, request, session
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response as BaseResponse

from app.domain.roles import Permission
from app.errors import AppError, InvalidInput
from app.models import Status
from app.plugin_api.exchanges import ReplyRules
from app.plugin_api.messages import Participant
from app.queries.conversation_list import NOBODY, ConversationFilter, conversations, ids_of_numbers
from app.queries.counters import read_counters
from app.queries.draft_files import draft_files
from app.queries.paging import Position
from app.queries.tags import tag_names
from app.services import conversations as verbs
from app.services.core import Actor, Core
from app.services.outgoing.files import keep_first_files
from app.services.replies import ReplyDraft, start_conversation
from app.services.reply_rules import ANYTHING, rules_of_first
from app.web.addresses import url_for
from app.web.bounce_warnings import must_be_told, told_of
from app.web.composer import limits_for
from app.web.contexts import Choice, ComposePage, Filter, FilterOption, InboxPage, KeptFile, StatusTab
from app.web.current import current_actor, current_agent, current_core, may_do
from app.web.formats import wall_time
from app.web.marks import Directory, directory, inbox_row
from app.web.moments import later, posted_moment
from app.web.once import is_repeated
from app.web.people_typed import parse_people
from app.web.refusals import back_to, flash_refusal, put_problems
from app.web.senders import account_chosen, first_senders, sender_chosen
from app.web.shell import render_page
from app.web.signature import signed
from app.web.texts import translated
from app.web.uploads import kept_marks, posted_files, posted_kept
from forms.compose import ComposeForm

__all__ = ["LIST", "blueprint", "filter_of"]

blueprint = Blueprint("inbox", __name__)
LIST = "list"
"""Key of the session under which the filters of the last list stand."""

_FILTERS = ("status", "assignee", "team", "account", "tag", "order", "cases")
_STATUSES = (Status.OPEN, Status.PENDING, Status.SNOOZED, Status.RESOLVED, Status.SPAM)
_COUNTED = (Status.OPEN, Status.PENDING, Status.SNOOZED)
_ORDERS = ("newest", "oldest", "waiting")
_APART = "apart"
"""As the filter `cases`: each conversation has a row of its own."""


@blueprint.get("/")
def index() -> Response:
    """One page of the list."""
    core, agent = current_core(), current_agent()
    chosen = {name: value for name in _FILTERS if (value := request.args.get(name, ""))}
    if session.get(LIST) != chosen:
        session[LIST] = chosen
    position = Position(after=request.args.get("after", ""), before=request.args.get("before", ""))
    wanted = filter_of(chosen, agent.id)
    found = conversations(core.session, wanted, agent_id=agent.id, position=position)
    known, tags = directory(), tag_names(core.session)
    counts = read_counters(core.session, [f"status:{status}" for status in _COUNTED])
    narrowing = {name: value for name, value in chosen.items() if name not in ("status", "order", "cases")}
    page = InboxPage(
        title=gettext("Inbox"),
        tabs=_tabs(chosen, counts),
        filters=_filters(chosen, known, tags),
        order=_order(chosen),
        rows=tuple(inbox_row(row, known, is_folded=wanted.folds) for row in found.rows),
        refresh_url=_url(chosen, after=position.after, before=position.before),
        older_url=_url(chosen, after=found.older) if found.older else None,
        newer_url=_url(chosen, before=found.newer) if found.newer else None,
        is_filtered=bool(narrowing),
        clear_url=_url({name: value for name, value in chosen.items() if name not in narrowing}),
        accounts_exist=bool(known.accounts),
        may_connect_accounts=may_do(Permission.ACCOUNTS),
        assignees=_people(known),
        teams=tuple(Choice(str(team_id), name) for team_id, name in known.teams.items()),
        tags=tuple(Choice(name, name) for name in tags.values()),
    )
    return render_page("inbox/list.html", page, section="inbox")


@blueprint.post("/inbox/bulk")
def bulk() -> Response | BaseResponse:
    """Change all chosen conversations."""
    core, actor = current_core(), current_actor()
    numbers = [int(text) for text in request.form.getlist("number") if text.isdecimal() and len(text) < 16][:500]
    change = _bulk_change(core, actor)
    ids = ids_of_numbers(core.session, numbers)
    if not ids:
        flash(gettext("Choose conversations first."), "error")
    elif change is None:
        flash(gettext("Choose what to do with them."), "error")
    else:
        try:
            count = change(ids)
            flash(ngettext("%(num)s conversation was changed.", "%(num)s conversations were changed.", count))
        except AppError as error:
            flash_refusal(error)
    return back_to(url_for("inbox.index"))


@blueprint.route("/compose", methods=["GET", "POST"])
def compose() -> Response | BaseResponse:
    """Write to somebody who has not written yet."""
    core = current_core()
    known = directory()
    senders, carried = first_senders(core, known)
    given = {name: request.args.get(name, "") for name in ("account", "to", "choice")}
    form = ComposeForm(request.form or None, data=given).offer(senders, carried)
    rules = _rules_of_first(core, form, known)
    form.offer_ways({one.key: one.takes_text for one in rules.choices})
    told, moment_problem = told_of(), ""
    if request.method == "POST" and form.validate():
        if is_repeated():
            flash(gettext("This message was sent already."))
            return redirect(url_for("inbox.index"), code=303)
        try:
            return _start(core, form, known)
        except AppError as error:
            told, moment_problem = told_of(error), _moment_problem(error)
            put_problems(form, error, text="body", cc="cc" if "cc" in form and form.cc.data else "to")
    elif form.choice.data not in form.ways:
        form.choice.data = ""
    page = ComposePage(
        form=form,
        accounts_exist=bool(senders),
        max_upload_mb=core.config.max_upload_mb,
        limits=limits_for(rules, form.choice.data or "", current_agent().signature),
        told_of=told,
        kept=_kept_files(core),
        later=later(core.clock.now(), chosen=request.form.get("at_local", "")),
        moment_problem=moment_problem,
    )
    return render_page(
        "inbox/compose.html", page, section="inbox", status=422 if form.errors or form.form_errors else 200
    )


def filter_of(chosen: Mapping[str, str], agent_id: int) -> ConversationFilter:
    """The filter that an address or the session names; what cannot be understood does not filter."""
    status, order = chosen.get("status", Status.OPEN), chosen.get("order", "newest")
    assignee = {"me": str(agent_id), "none": str(NOBODY)}.get(chosen.get("assignee", ""), chosen.get("assignee", ""))
    return ConversationFilter(
        status=status if status in _STATUSES else Status.OPEN,
        assignee_id=_number(assignee),
        team_id=_number(chosen.get("team", "")),
        account_id=_number(chosen.get("account", "")),
        tag_id=_number(chosen.get("tag", "")),
        order=order if order in _ORDERS else "newest",
        folds=chosen.get("cases") != _APART,
    )


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 16 else None


def _url(chosen: Mapping[str, str], **changes: str | None) -> str:
    return url_for("inbox.index", **{name: value for name, value in {**chosen, **changes}.items() if value})


def _tabs(chosen: Mapping[str, str], counts: Mapping[str, int]) -> tuple[StatusTab, ...]:
    names = {
        Status.OPEN: gettext("Open"),
        Status.PENDING: gettext("Pending"),
        Status.SNOOZED: gettext("Snoozed"),
        Status.RESOLVED: gettext("Resolved"),
        Status.SPAM: gettext("Spam"),
    }
    current = filter_of(chosen, 0).status
    return tuple(
        StatusTab(
            label=names[status],
            url=_url(chosen, status=None if status == Status.OPEN else status.value),
            count=counts[f"status:{status}"] if status in _COUNTED else None,
            is_current=status == current,
        )
        for status in _STATUSES
    )


def _filters(chosen: Mapping[str, str], known: Directory, tags: Mapping[int, str]) -> tuple[Filter, ...]:
    people = [("me", gettext("Me")), ("none", gettext("Nobody"))]
    people += [(str(agent.id), agent.name) for agent in known.agents.values() if agent.is_active]
    filters = [
        _filter("assignee", gettext("Assignee"), people, chosen),
        _filter("team", gettext("Team"), [(str(i), name) for i, name in known.teams.items()], chosen),
        _filter("account", gettext("Channel"), [(str(a.id), a.name) for a in known.accounts.values()], chosen),
        _filter("tag", gettext("Tag"), [(str(i), name) for i, name in tags.items()], chosen),
        _cases(chosen),
    ]
    return tuple(one for one in filters if one.options)


def _filter(name: str, label: str, options: Sequence[tuple[str, str]], chosen: Mapping[str, str]) -> Filter:
    current = chosen.get(name, "")
    return Filter(
        name="channel" if name == "account" else name,
        label=label,
        value_label=dict(options).get(current),
        clear_url=_url(chosen, **{name: None}),
        options=tuple(
            FilterOption(text, _url(chosen, **{name: value}), is_selected=value == current) for value, text in options
        ),
    )


def _cases(chosen: Mapping[str, str]) -> Filter:
    """Whether conversations of one person are one row."""
    options = [("", gettext("One row for each case")), (_APART, gettext("One row for each conversation"))]
    made = _filter("cases", gettext("Cases"), options, chosen)
    return replace(made, clear_url="", value_label=gettext("Unfolded") if chosen.get("cases") == _APART else None)


def _order(chosen: Mapping[str, str]) -> Filter:
    names = {
        "newest": gettext("Newest first"),
        "oldest": gettext("Oldest first"),
        "waiting": gettext("Waiting longest first"),
    }
    current = filter_of(chosen, 0).order
    options = tuple(
        FilterOption(text, _url(chosen, order=None if name == "newest" else name), is_selected=name == current)
        for name, text in names.items()
    )
    return Filter("order", gettext("Order"), names[current], _url(chosen, order=None), options)


def _people(known: Directory) -> tuple[Choice, ...]:
    agents = [Choice(str(agent.id), agent.name) for agent in known.agents.values() if agent.is_active]
    return (*agents, Choice("none", gettext("Nobody")))


def _bulk_change(core: Core, actor: Actor) -> Callable[[Sequence[int]], int] | None:
    action, form = request.form.get("action", ""), request.form
    if "assign" in form:
        agent_id = _number(form["assign"])
        return lambda ids: verbs.assign(core, actor, ids, agent_id)
    if "tag" in form:
        return lambda ids: verbs.add_tag(core, actor, ids, form["tag"])
    changes = {
        "resolve": lambda ids: verbs.resolve(core, actor, ids),
        "reopen": lambda ids: verbs.reopen(core, actor, ids),
        "spam": lambda ids: verbs.spam(core, actor, ids),
        "assign_me": lambda ids: verbs.assign(core, actor, ids, actor.agent_id),
    }
    return changes.get(action)


def _rules_of_first(core: Core, form: ComposeForm, known: Directory) -> ReplyRules:
    """What the chosen account takes from us first, the topmost while none is chosen; from nobody in particular while nobody is named."""
    offered = [choice.value for choice in form.account.choices]
    chosen = form.account.data if form.account.data in offered else next(iter(offered), None)
    if chosen is None:
        return ANYTHING
    account = known.accounts[account_chosen(chosen) or 0]
    kind = core.plugins.channels[account.plugin].address_kind
    try:
        to = parse_people(form.to.data, kind, "to", may_be_empty=True)
    except InvalidInput:
        to = ()
    return rules_of_first(core, account.id, to[0] if to else Participant(kind, ""))


def _start(core: Core, form: ComposeForm, known: Directory) -> BaseResponse:
    account = known.accounts[account_chosen(form.account.data) or 0]
    kind = core.plugins.channels[account.plugin].address_kind
    to = parse_people(form.to.data, kind, "to")
    at, until = posted_moment(request.form, "at"), posted_moment(request.form, "remind")
    draft = ReplyDraft(
        text=signed(form.body.data, current_agent().signature),
        cc=(*to[1:], *parse_people(form.cc.data if "cc" in form else "", kind, "cc", may_be_empty=True)),
        bcc=parse_people(form.bcc.data if "bcc" in form else "", kind, "bcc", may_be_empty=True),
        files=posted_files(),
        kept=posted_kept(),
        then=Status.SNOOZED if until else Status.PENDING,
        until=until,
        at=at,
        choice=form.choice.data or "",
        sender=sender_chosen(form.account.data),
    )
    must_be_told((*to, *draft.cc, *draft.bcc))
    subject = (form.subject.data or "") if "subject" in form else ""
    number, _ = start_conversation(core, current_actor(), account_id=account.id, to=to[0], subject=subject, draft=draft)
    flash(gettext("It will be sent %(time)s.", time=wall_time(at)) if at else gettext("The message is on its way."))
    return redirect(url_for("conversation.show", number=number), code=303)


def _kept_files(core: Core) -> tuple[KeptFile, ...]:
    """The files of a refused post; they are kept for the next one."""
    files, kept = posted_files(), posted_kept()
    if not files and not kept.seen:
        return ()
    ids = keep_first_files(core, current_actor(), files, kept)
    return kept_marks(draft_files(core.session, current_agent().id, None, among=ids))


def _moment_problem(error: AppError) -> str:
    fields = error.fields if isinstance(error, InvalidInput) else {}
    return translated(fields.get("at") or fields.get("until") or "")
