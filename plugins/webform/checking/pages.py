"""The page *Test this form*: each step of the last test, green, red or waiting, kept fresh by itself; and the button that begins one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug import Request
from werkzeug.exceptions import NotFound
from werkzeug.utils import redirect

from plugins.webform.checking.nightly import begin_test
from plugins.webform.checking.results import CheckResult, latest_of
from plugins.webform.checking.steps import TITLES, CheckState, Kind, Step, StepResult, StepState, say_step
from tidings import Account, AgentSummary, Host, Route, translatable

__all__ = ["CheckPage", "check_routes", "verdict_of"]

MOST_TESTS = "10 per hour"
"""Of one admin: each of them sends a mail."""
FRESH_S = 1800
"""So long the page asks again by itself while a test runs."""

_VERDICTS = {
    CheckState.RUNNING: translatable("On its way"),
    CheckState.PASSED: translatable("The form works"),
    CheckState.FAILED: translatable("Something is wrong"),
    CheckState.UNSURE: translatable("Not tested to the end"),
}
_WAITS = {Step.INBOX: "inbox_waits", Step.SENT: "sent_waits"}


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A line of a test. `state` is ok, failed, skipped, waiting (it is this step's turn), next, or unreached; `conversation` a number to
    link to."""

    title: str
    state: str
    sentence: str
    conversation: int | None = None


@dataclass(frozen=True, slots=True)
class ShownTest:
    """A test as the page shows it."""

    state: str
    verdict: str
    check: CheckResult
    steps: tuple[ShownStep, ...]
    summary: str

    @property
    def is_nightly(self) -> bool:
        return self.check.kind is Kind.NIGHTLY


@dataclass(frozen=True, slots=True)
class CheckPage:
    """`newest` is None while nothing was tested; `is_live`: the page asks again. `address` is where the confirmation would go."""

    account_id: int
    name: str
    is_open: bool
    address: str
    newest: ShownTest | None
    earlier: tuple[ShownTest, ...]
    is_live: bool


def check_routes(host: Host) -> Sequence[Route]:
    """All for admins."""

    def show(request: Request, account_id: int) -> str:
        return host.render("webform/checking/test.html", page=_page(host, _own(host, account_id)))

    def begin(request: Request, account_id: int) -> Any:
        return _begin(host, _own(host, account_id), request)

    return [
        Route("/forms/<int:account_id>/test", show, "test", role="admin"),
        Route("/forms/<int:account_id>/test", begin, "begin_test", ("POST",), role="admin"),
    ]


def verdict_of(host: Host, check: CheckResult) -> str:
    """What a test came to, in two or three words."""
    return host.gettext(_VERDICTS[check.state])


def _begin(host: Host, account: Account, request: Request) -> Any:
    path, agent = f"/forms/{account.id}/test", _viewer(host)
    if not host.allow(f"test:{agent.id}", MOST_TESTS):
        return host.done(host.gettext("These were many tests within an hour. Try again a little later."), path)
    begin_test(host, account, Kind.PRESSED, address=agent.email, began_by=agent.name)
    return redirect(f"{request.root_path}/plugins/{host.plugin}{path}", 303)


def _page(host: Host, account: Account) -> CheckPage:
    shown = tuple(_shown(host, check) for check in latest_of(host, account.id))
    newest = shown[0] if shown else None
    is_running = newest is not None and newest.check.state is CheckState.RUNNING
    return CheckPage(
        account_id=account.id,
        name=account.name,
        is_open=any(one.id == account.id for one in host.accounts()),
        address=_viewer(host).email,
        newest=newest,
        earlier=shown[1:],
        is_live=is_running and (host.now() - newest.check.began_at).total_seconds() < FRESH_S if newest else False,
    )


def _shown(host: Host, check: CheckResult) -> ShownTest:
    trouble = check.trouble
    return ShownTest(
        state=check.state.value,
        verdict=verdict_of(host, check),
        check=check,
        steps=_shown_steps(host, check),
        summary=say_step(trouble, host.gettext) if trouble else "",
    )


def _shown_steps(host: Host, check: CheckResult) -> tuple[ShownStep, ...]:
    """The first step that is not settled has its turn, unless the test ended before it."""
    is_over = check.state is not CheckState.RUNNING
    steps: list[ShownStep] = []
    for name, result in check.steps.items():
        state, sentence = result.state.value, say_step(result, host.gettext)
        if result.state is StepState.WAITING:
            is_turn = not is_over and not any(one.state == "waiting" for one in steps)
            state = "waiting" if is_turn else ("unreached" if is_over else "next")
            sentence = _waiting(host, name) if is_turn else ""
        number = check.conversation if name is Step.INBOX else None
        steps.append(ShownStep(host.gettext(TITLES[name]), state, sentence, number))
    return tuple(steps)


def _waiting(host: Host, name: Step) -> str:
    return say_step(StepResult(sentence=_WAITS.get(name, "")), host.gettext)


def _viewer(host: Host) -> AgentSummary:
    viewer = host.viewer()
    found = next((one for one in host.agents() if viewer and one.id == viewer.agent_id), None)
    if found is None:
        raise NotFound
    return found


def _own(host: Host, account_id: int) -> Account:
    account = host.account(account_id)
    if account is None:
        raise NotFound
    return account
