"""The history of a form: what each version changed, and the way back to an older one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from werkzeug import Request
from werkzeug.exceptions import NotFound

from forms.definitions import FormDefinition
from plugins.webform.building.builder import form_account, who
from plugins.webform.building.difference import Change, Difference
from plugins.webform.building.picture import Picture, picture_of
from plugins.webform.storing.versions import (
    DefinitionVersion,
    Draft,
    DraftConflict,
    discard_draft,
    draft,
    history,
    save_draft,
    version,
)
from plugins.webform.visiting.usual import USUAL_TITLE
from tidings import Account, Host

__all__ = ["VersionRow", "Versions", "VersionsPage"]

SHOWN = 20


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version; `number` 0 is the draft. `changes` since the one before; the first version has none (`is_first`)."""

    number: int
    at: datetime
    by: str
    changes: tuple[Change, ...]
    picture: Picture
    is_live: bool = False
    is_first: bool = False


@dataclass(frozen=True, slots=True)
class VersionsPage:
    """What `webform/building/versions.html` gets. `revision` is the draft's, posted along; `older` is the number from which the next
    page goes on, 0 when there is none."""

    account_id: int
    title: str
    rows: tuple[VersionRow, ...]
    revision: int
    has_draft: bool
    older: int = 0
    problem: str = ""


class Versions:
    """The page and its buttons."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def show(self, request: Request, account_id: int) -> str:
        """GET `/forms/<id>/versions?before=<number>`."""
        return self._render(form_account(self._host, account_id), _number(request.args.get("before")))

    def restore(self, request: Request, account_id: int, number: int) -> Any:
        """POST `/forms/<id>/versions/<number>/restore`: an older version becomes the draft."""
        account, wanted = form_account(self._host, account_id), version(self._host, account_id, number)
        if wanted is None:
            raise NotFound
        try:
            revision = _number(request.form.get("revision"))
            save_draft(self._host, account, wanted.definition, revision=revision, by=who(self._host))
        except DraftConflict as error:
            return self._render(account, problem=self._moved(error))
        told = self._host.gettext("Version %(number)s is the draft now. Publish it when it is right.")
        return self._host.done(told % {"number": number}, f"/forms/{account_id}")

    def discard(self, request: Request, account_id: int) -> Any:
        """POST `/forms/<id>/versions/discard`: the draft goes, what is published stays."""
        account = form_account(self._host, account_id)
        try:
            revision = _number(request.form.get("revision"))
            discard_draft(self._host, account, revision=revision, by=who(self._host))
        except DraftConflict as error:
            return self._render(account, problem=self._moved(error))
        return self._host.done(self._host.gettext("The draft was discarded."), f"/forms/{account_id}/versions")

    def _render(self, account: Account, before: int = 0, problem: str = "") -> str:
        work, made = draft(self._host, account), history(self._host, account.id)
        shown = [one for one in made if not before or one.number < before][: SHOWN + 1]
        befores = [one.definition for one in shown[1:]] + [None]
        rows = [
            self._row(account, one, older, is_live=one is made[0])
            for one, older in list(zip(shown, befores, strict=True))[:SHOWN]
        ]
        if work.is_changed and not before and made:
            rows.insert(0, self._draft_row(account, work, made[0]))
        page = VersionsPage(
            account_id=account.id,
            title=account.name,
            rows=tuple(rows),
            revision=work.revision,
            has_draft=work.is_changed,
            older=shown[SHOWN - 1].number if len(shown) > SHOWN else 0,
            problem=problem,
        )
        return self._host.render("webform/building/versions.html", page=page)

    def _row(
        self, account: Account, one: DefinitionVersion, older: FormDefinition | None, *, is_live: bool
    ) -> VersionRow:
        return VersionRow(
            number=one.number,
            at=one.made_at,
            by=one.made_by,
            changes=self._changes(older, one.definition) if older else (),
            picture=self._picture(one.definition),
            is_live=is_live,
            is_first=older is None,
        )

    def _draft_row(self, account: Account, work: Draft, live: DefinitionVersion) -> VersionRow:
        changes = self._changes(live.definition, work.definition)
        picture = self._picture(work.definition)
        return VersionRow(0, work.changed_at, work.changed_by, changes, picture)

    def _picture(self, definition: FormDefinition) -> Picture:
        return picture_of(definition, title=self._host.gettext(USUAL_TITLE))

    def _changes(self, old: FormDefinition, new: FormDefinition) -> tuple[Change, ...]:
        return Difference(old, new, self._host.gettext, dict(self._host.teams())).changes()

    def _moved(self, error: DraftConflict) -> str:
        sentence = self._host.gettext("%(name)s changed the draft meanwhile. Nothing was done; look at it first.")
        return sentence % {"name": error.draft.changed_by or self._host.gettext("Somebody")}


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else 0
