"""The part of a test that a visitor does: open the form's page, fill everything in, send it, and see whether it is stored.

It asks the form's public page through `host.visit`, so that what is tested is what visitors get. What happens to the message afterwards
is followed in `watching`.
"""

import json
from collections.abc import Mapping
from dataclasses import replace

import altcha
from sqlalchemy import func, select

from plugins.webform.checking.answers import NoExample, Sender, answers_for
from plugins.webform.checking.page_reader import ReadPage, read_page
from plugins.webform.checking.results import CheckResult, note
from plugins.webform.checking.steps import Step, StepResult, StepState
from plugins.webform.publication import PublishedForm, form_of
from plugins.webform.storing.tables import SUBMISSION
from plugins.webform.visiting.timetrap import read_token, written_token
from tidings import Account, Host, Temporary, Visited, translatable

__all__ = ["send_test"]

TEXT = translatable("This is a test of the form “%(name)s”. Nobody waits for an answer.")
SUBJECT = translatable("Test of the form “%(name)s”")
SENDER = translatable("Test of the form")

_TOO_LATE = 25.0
"""Seconds after which a proof of work is given up; it takes less than one."""


def send_test(host: Host, account: Account, check: CheckResult) -> CheckResult:
    """Go as far as a visitor goes, and write down how far that was."""
    published = form_of(host, account)
    try:
        steps = _steps(host, published, check)
    except Temporary as trouble:
        steps = {Step.PAGE: _failed("unreachable", reason=str(trouble))}
    return note(host, check, steps)[0]


def _steps(host: Host, published: PublishedForm, check: CheckResult) -> Mapping[Step, StepResult]:
    path = f"/f/{published.key}?lang={published.definition.languages[0]}"
    shown = host.visit(path)
    page = read_page(shown.text)
    trouble = _trouble_of_page(host, published, shown, page)
    if trouble is not None:
        return {Step.PAGE: trouble}
    steps = {Step.PAGE: _ok("page_ok")}
    try:
        typed = answers_for(published.definition, _sender(host, published, check), host.now().date())
    except NoExample as missing:
        skipped = StepResult(StepState.SKIPPED, "no_example", {"field": missing.label})
        return {**steps, Step.POST: skipped}
    sent = host.visit(
        path, "POST", data={**typed.values, **_own_fields(host, published, page, check)}, files=typed.files
    )
    if sent.status != 303:
        return {**steps, Step.POST: _refusal(sent)}
    stored = _ok("journal_ok") if _is_stored(host, check.nonce) else _failed("journal_lost")
    return {**steps, Step.POST: _ok("post_ok"), Step.JOURNAL: stored}


def _trouble_of_page(host: Host, published: PublishedForm, shown: Visited, page: ReadPage) -> StepResult | None:
    if not published.is_open:
        return _failed("page_closed")
    if shown.status == 404:
        return _failed("page_missing")
    if shown.status != 200:
        return _failed("page_status", status=str(shown.status))
    lacking = next((f.id for f in published.definition.fields if f.kind.is_answer and f.id not in page.controls), "")
    if lacking:
        return _failed("page_lacks", field=lacking)
    if read_token(host, published.key, page.controls.get("token", "")) is None:
        return _failed("page_token")
    return None


def _sender(host: Host, published: PublishedForm, check: CheckResult) -> Sender:
    language, name = published.definition.languages[0], {"name": published.account.name}
    text = host.gettext(TEXT, language) % name
    return Sender(
        name=check.began_by or host.gettext(SENDER, language),
        email=check.address,
        subject=host.gettext(SUBJECT, language) % name,
        text=f"{text} ({check.began_at:%Y-%m-%d %H:%M:%S} UTC)",
    )


def _own_fields(host: Host, published: PublishedForm, page: ReadPage, check: CheckResult) -> dict[str, str]:
    """What the page holds beside its questions: the token, which is marked, and a proof of work where one is wanted."""
    token = read_token(host, published.key, page.controls["token"])
    assert token is not None  # it was looked at with the page
    marked = written_token(host, published.key, replace(token, nonce=check.nonce))
    proof = _solved(host, published) if page.facts.get("proof") else ""
    return {"token": marked, "homepage": "", **({"proof": proof} if proof else {})}


def _solved(host: Host, published: PublishedForm) -> str:
    """The proof of work, as the script in the page makes it; empty when none can be had, which the post then tells."""
    asked = host.visit(f"/f/{published.key}/challenge")
    if asked.status != 200:
        return ""
    challenge = altcha.Challenge.from_dict(json.loads(asked.text))
    solution = altcha.solve_challenge(challenge, timeout=_TOO_LATE)
    return altcha.Payload(challenge, solution).to_base64() if solution is not None else ""


def _refusal(sent: Visited) -> StepResult:
    alert = read_page(sent.text).alert
    return _failed("post_refused", reason=alert) if alert else _failed("post_status", status=str(sent.status))


def _is_stored(host: Host, nonce: str) -> bool:
    named = SUBMISSION.c.external_id.startswith(f"form.{nonce}.", autoescape=True)
    with host.tables.connect() as connection:
        return bool(connection.scalar(select(func.count()).where(named)))


def _ok(sentence: str) -> StepResult:
    return StepResult(StepState.OK, sentence)


def _failed(sentence: str, **data: str) -> StepResult:
    return StepResult(StepState.FAILED, sentence, data)
