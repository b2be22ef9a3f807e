"""The page of all forms, and what can be done to one of them from there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug import Request

from forms.definitions import FormDefinition
from plugins.webform.building.builder import form_account, who
from plugins.webform.building.picture import Picture, picture_of
from plugins.webform.building.routings import without_lost_teams
from plugins.webform.checking.results import CheckResult, latest, week_of_tests
from plugins.webform.keys import ensure_key
from plugins.webform.storing.versions import (
    DefinitionVersion,
    all_current,
    changed_forms,
    draft,
    publish_first,
)
from plugins.webform.visiting.usual import USUAL_TITLE
from tidings import Account, Host

__all__ = ["FormCard", "FormList", "FormsPage", "add_form"]


@dataclass(frozen=True, slots=True)
class FormCard:
    """One form. `url` is its public page, `has_changes` that a draft waits to be published, `light` how the last self-test went: passed,
    failed, or empty."""

    account_id: int
    name: str
    url: str
    picture: Picture
    number: int
    is_open: bool
    has_changes: bool
    this_week: int
    light: str


@dataclass(frozen=True, slots=True)
class FormsPage:
    """What `webform/building/list.html` gets."""

    cards: tuple[FormCard, ...]


class FormList:
    """All forms, by name."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def show(self, request: Request) -> str:
        """GET `/forms`."""
        is_open = {one.id for one in self._host.accounts()}
        accounts = sorted(self._host.accounts(with_paused=True), key=lambda one: one.name.casefold())
        live, changed, results = all_current(self._host, accounts), changed_forms(self._host), latest(self._host)
        tests = week_of_tests(self._host)
        cards = tuple(
            self._card(
                one,
                live[one.id],
                is_open=one.id in is_open,
                has_changes=one.id in changed,
                light=_light(results.get(one.id)),
                tests=tests.get(one.id, 0),
            )
            for one in accounts
        )
        return self._host.render("webform/building/list.html", page=FormsPage(cards))

    def duplicate(self, request: Request, account_id: int) -> Any:
        """POST `/forms/<id>/duplicate`: another form that begins with this one's draft."""
        account = form_account(self._host, account_id)
        name = self._host.gettext("%(name)s (copy)") % {"name": account.name}
        added = add_form(self._host, name, draft(self._host, account).definition, account.settings)
        return self._host.done(self._host.gettext("The form was copied."), f"/forms/{added}")

    def _card(
        self, account: Account, live: DefinitionVersion, *, is_open: bool, has_changes: bool, light: str, tests: int
    ) -> FormCard:
        return FormCard(
            account_id=account.id,
            name=account.name,
            url=self._host.url(f"/f/{ensure_key(self._host, account.id)}"),
            picture=picture_of(live.definition, title=self._host.gettext(USUAL_TITLE)),
            number=live.number,
            is_open=is_open,
            has_changes=has_changes,
            this_week=max(self._host.account_stats(account.id).received_last_week - tests, 0),
            light=light,
        )


def add_form(host: Host, name: str, definition: FormDefinition, settings: Mapping[str, Any] | None = None) -> int:
    """Make a form and publish its first version; gives the id of its account.

    Raises ValueError when the form of the settings does not take them. A team that is not there is left out.
    """
    definition = without_lost_teams(definition, {team_id for team_id, _ in host.teams()})
    account_id = host.add_account(name, settings=dict(settings or {}), secrets={})
    publish_first(host, account_id, definition, who(host))
    ensure_key(host, account_id)
    return account_id


def _light(result: CheckResult | None) -> str:
    return result.state if result is not None and result.state in ("passed", "failed") else ""
