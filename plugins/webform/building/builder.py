"""The builder: its page, and the JSON with which the page keeps, publishes and discards what an admin works on."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from werkzeug import Request, Response
from werkzeug.exceptions import NotFound

from forms.definitions import DefinitionError, read_definition, write_definition
from plugins.webform.building.languages import languages_by_name
from plugins.webform.building.routings import routings_of
from plugins.webform.storing.legacy import LANGUAGES
from plugins.webform.storing.versions import (
    DefinitionVersion,
    Draft,
    DraftConflict,
    all_current,
    current,
    discard_draft,
    draft,
    publish,
    save_draft,
)
from tidings import Account, Host, translatable

__all__ = ["Builder", "BuilderPage", "form_account", "known_tags", "who"]

_PUBLISHED = translatable("Published a form")
LARGEST = 1_000_000
"""Bytes of a definition that is posted."""


@dataclass(frozen=True, slots=True)
class BuilderPage:
    """What `webform/building/builder.html` gets; all of it can be written as JSON.

    `draft` is what GET `forms/<id>/draft.json` answers: `{"revision", "definition", "live": {"number", "definition", "made_at",
    "made_by"}}`. `teams` are (id, name), `tags` those that forms give already, `languages` (code, own name) of all that may be chosen,
    `spoken` the codes for which we have the usual texts, `zones` the names of time zones.
    """

    account_id: int
    title: str
    is_open: bool
    draft: Mapping[str, Any]
    teams: tuple[tuple[int, str], ...]
    tags: tuple[str, ...]
    languages: tuple[tuple[str, str], ...]
    spoken: tuple[str, ...]
    zones: tuple[str, ...]


class Builder:
    """The views of one form in the builder; each takes the id of its account."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def show(self, request: Request, account_id: int) -> str:
        """GET `/forms/<id>`."""
        account = form_account(self._host, account_id)
        page = BuilderPage(
            account_id=account.id,
            title=account.name,
            is_open=any(one.id == account.id for one in self._host.accounts()),
            draft=self._state(account),
            teams=tuple(self._host.teams()),
            tags=known_tags(self._host),
            languages=languages_by_name(),
            spoken=LANGUAGES,
            zones=_zones(),
        )
        return self._host.render("webform/building/builder.html", page=page)

    def draft(self, request: Request, account_id: int) -> Response:
        """GET `/forms/<id>/draft.json`."""
        return _json(self._state(form_account(self._host, account_id)))

    def save(self, request: Request, account_id: int) -> Response:
        """POST `/forms/<id>/draft` {revision, definition}: 200 {revision}; 422 {problems}; 409 with what somebody else made of it."""
        account, posted = form_account(self._host, account_id), _posted(request)
        try:
            definition = read_definition(posted.get("definition") or {})
            revision = save_draft(self._host, account, definition, revision=_revision(posted) or 0, by=who(self._host))
        except DefinitionError as error:
            return self._problems(error)
        except DraftConflict as error:
            return _conflict(error.draft)
        return _json({"revision": revision})

    def publish(self, request: Request, account_id: int) -> Response:
        """POST `/forms/<id>/publish` {revision}: 200 {live, revision}; 409 as `save`."""
        account = form_account(self._host, account_id)
        before = current(self._host, account).number
        try:
            made = publish(self._host, account, who(self._host), revision=_revision(_posted(request)))
        except DraftConflict as error:
            return _conflict(error.draft)
        if made.number != before:
            self._host.note_change(_PUBLISHED, account.name, version=made.number)
        return _json({"live": _live(made), "revision": draft(self._host, account).revision})

    def discard(self, request: Request, account_id: int) -> Response:
        """POST `/forms/<id>/discard` {} or {revision}: 200 as `draft`, 409 as `save`."""
        account, revision = form_account(self._host, account_id), _revision(_posted(request))
        try:
            seen = draft(self._host, account).revision if revision is None else revision
            discard_draft(self._host, account, revision=seen, by=who(self._host))
        except DraftConflict as error:
            return _conflict(error.draft)
        return _json(self._state(account))

    def _state(self, account: Account) -> dict[str, Any]:
        work, live = draft(self._host, account), current(self._host, account)
        return {"revision": work.revision, "definition": write_definition(work.definition), "live": _live(live)}

    def _problems(self, error: DefinitionError) -> Response:
        problems = [{"path": one.path, "sentence": one.said(self._host.gettext)} for one in error.problems]
        return _json({"problems": problems}, 422)


def form_account(host: Host, account_id: int) -> Account:
    """The account of a form, paused or not. Raises `NotFound` when there is none."""
    account = host.account(account_id)
    if account is None:
        raise NotFound
    return account


def who(host: Host) -> str:
    """The name of the admin whose request is answered."""
    viewer = host.viewer()
    return viewer.name if viewer else ""


@cache
def _zones() -> tuple[str, ...]:
    return tuple(sorted(available_timezones()))


def known_tags(host: Host) -> tuple[str, ...]:
    """The tags that any form gives to its conversations, by name."""
    found: set[str] = set()
    for live in all_current(host, host.accounts(with_paused=True)).values():
        found.update(tag for one in routings_of(live.definition) for tag in one.tags)
    return tuple(sorted(found, key=str.casefold))


def _posted(request: Request) -> Mapping[str, Any]:
    """The JSON object of a request; an empty one for anything else, which the reader of definitions then finds fault with."""
    if (request.content_length or 0) > LARGEST:
        return {}
    try:
        posted = json.loads(request.get_data())
    except (ValueError, RecursionError):
        return {}
    return posted if isinstance(posted, dict) else {}


def _revision(posted: Mapping[str, Any]) -> int | None:
    revision = posted.get("revision")
    return revision if isinstance(revision, int) and not isinstance(revision, bool) else None


def _live(made: DefinitionVersion) -> dict[str, Any]:
    return {
        "number": made.number,
        "definition": write_definition(made.definition),
        "made_at": made.made_at.isoformat(),
        "made_by": made.made_by,
    }


def _conflict(work: Draft) -> Response:
    told = {
        "revision": work.revision,
        "definition": write_definition(work.definition),
        "changed_by": work.changed_by,
        "changed_at": work.changed_at.isoformat(),
    }
    return _json(told, 409)


def _json(value: Mapping[str, Any], status: int = 200) -> Response:
    text = json.dumps(value, ensure_ascii=False)
    return Response(text, status, content_type="application/json", headers={"Cache-Control": "no-store"})
