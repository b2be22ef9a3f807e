"""Search over all conversations."""

from flask import Blueprint, Response, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from app.queries.conversation_list import ids_of_numbers
from app.queries.search import Results, TooSlow, search
from app.queries.search_text import SearchText, parse_search
from app.web.activity_text import status_name
from app.web.contexts import Filter, FilterOption, SearchHit, SearchPage
from app.web.current import current_agent, current_core
from app.web.marks import directory, inbox_row
from app.web.shell import render_page
from app.web.text_html import marked_html

__all__ = ["blueprint"]

blueprint = Blueprint("search", __name__)
_STATUSES = ("open", "pending", "snoozed", "resolved", "spam")


@blueprint.get("/search")
def results() -> Response | BaseResponse:
    """What was found, newest first. "#12" goes straight to conversation 12."""
    query = request.args.get("q", "").strip()
    wanted = parse_search(query)
    if wanted.number is not None and ids_of_numbers(current_core().session, [wanted.number]):
        return redirect(url_for("conversation.show", number=wanted.number))
    found, problem = _run(wanted, request.args.get("after", ""))
    known = directory()
    page = SearchPage(
        query=query,
        hits=tuple(SearchHit(inbox_row(hit.row, known), marked_html(hit.snippet)) for hit in found.hits),
        filters=(_status_filter(query, wanted),),
        problem=problem or None,
        older_url=url_for("search.results", q=query, after=found.older) if found.older else None,
    )
    return render_page("search/results.html", page, section="search", search_text=query)


def _run(wanted: SearchText, after: str) -> tuple[Results, str]:
    if wanted.problem or wanted.is_empty:
        return Results(), wanted.problem
    try:
        return search(current_core().session, wanted, agent_id=current_agent().id, after=after), ""
    except TooSlow:
        return Results(), gettext(
            "This search takes too long. Add a word, or a filter such as is:open or after:2026-01-31."
        )


def _status_filter(query: str, wanted: SearchText) -> Filter:
    bare = " ".join(part for part in query.split() if not part.lower().startswith("is:"))
    return Filter(
        name="status",
        label=gettext("Status"),
        value_label=status_name(wanted.status) if wanted.status else None,
        clear_url=url_for("search.results", q=bare),
        options=tuple(
            FilterOption(
                status_name(status), url_for("search.results", q=f"{bare} is:{status}"), wanted.status == status
            )
            for status in _STATUSES
        ),
    )
