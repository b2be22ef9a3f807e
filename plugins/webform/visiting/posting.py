"""What happens to a post, whichever way it came: limits, reading, checks, and the journal before any thanks."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from werkzeug import Request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge

from forms.definitions import DefinedForm, FieldDefinition, FormDefinition, Kind, build_form, clean_text
from plugins.webform.checking.marks import is_test
from plugins.webform.form_settings import origin_of
from plugins.webform.guarding import files, proof
from plugins.webform.guarding.signals import is_injection
from plugins.webform.publication import PublishedForm, at_version
from plugins.webform.sharing.context import Context, ContextState, read_context
from plugins.webform.storing.submissions import StoredSubmission, keeping
from plugins.webform.visiting import visitors
from plugins.webform.visiting.customer import kept
from plugins.webform.visiting.languages import MAX_LANGUAGE, Catalogue
from plugins.webform.visiting.outcomes import Outcome, Way
from plugins.webform.visiting.reading import posted_file, read_values
from plugins.webform.visiting.repeats import shared_nonce
from plugins.webform.visiting.submission import Submission, encode
from plugins.webform.visiting.timetrap import FormToken, fresh_token, read_token, written_token
from tidings import Host

__all__ = ["PostResult", "blank_form", "page_address", "take_post"]

NETWORK_FACTOR = 5
MAX_PAGE = 2_000

_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:[-_][A-Za-z0-9]{1,8})*")


@dataclass(frozen=True, slots=True)
class PostResult:
    """`form` holds what was typed, its problems and a token that can be sent again. `published` is the form in the version that the
    visitor saw."""

    outcome: Outcome
    form: DefinedForm
    published: PublishedForm


def take_post(host: Host, published: PublishedForm, request: Request, way: Way, language: str) -> PostResult:
    """Store the post in the journal, or say why not. A post that was stored before counts as accepted and is not stored again.

    `way` is how it came, where no token says how the form was shown. A PLAIN post needs no token.
    """
    is_within = _is_within_limits(host, published, request.remote_addr)
    try:
        values = read_values(request, published.definition, with_spare=is_within)
    except RequestEntityTooLarge:
        return PostResult(Outcome.TOO_LARGE, blank_form(host, published, language, way), published)
    known = read_token(host, published.key, _text(values, "token"))
    token = known or _token_without(host, published, request, values, way)
    shown = at_version(host, published, token.number)
    form = _form(host, shown.definition, language, values)
    is_stale = known is None and way is not Way.PLAIN
    customer = read_context(host, shown.account.id, form.context.data or "", form.signature.data or "")
    outcome, signals = _verdict(host, shown, form, token, customer, is_stale) if is_within else (Outcome.TOO_MANY, ())
    if outcome is Outcome.ACCEPTED:
        _store(host, shown, _submission(host, shown, form, token, customer, signals, request), request.remote_addr)
        return PostResult(outcome, form, shown)
    if _is_machine_like(outcome, form):
        proof.note_refused(host)
    if known is None or outcome is Outcome.UNPROVEN:
        again = replace(token, is_unproven=token.is_unproven or outcome is Outcome.UNPROVEN)
        form.token.data = written_token(host, shown.key, again)
    return PostResult(outcome, form, shown)


def blank_form(
    host: Host,
    published: PublishedForm,
    language: str,
    way: Way,
    page: str = "",
    asked: Mapping[str, str] | None = None,
) -> DefinedForm:
    """An empty form with a fresh token that remembers the page it is shown on.

    `asked` is the query of the request that shows it: together with that of the page it fills fields that wait for a parameter, and it
    brings a context that the site signed.
    """
    asked = asked or {}
    given = {**dict(parse_qsl(urlsplit(page).query)), **asked}
    form = _form(host, published.definition, language, given=given)
    form.token.data = written_token(host, published.key, fresh_token(host, published.number, way, page))
    form.context.data, form.signature.data = asked.get("context", ""), asked.get("signature", "")
    return form


def _token_without(
    host: Host, published: PublishedForm, request: Request, values: MultiDict[str, Any], way: Way
) -> FormToken:
    """For a post that brings no token of ours: one that begins now."""
    seen_on = request.referrer if way is Way.PLAIN else _text(values, "page")
    token = fresh_token(host, published.number, way, page_address(seen_on))
    return replace(token, nonce=shared_nonce(host, published.key, request)) if way is Way.PLAIN else token


def page_address(text: str | None) -> str:
    """A web address that a visitor's browser named, or an empty string when it is none."""
    address = clean_text(text)[:MAX_PAGE]
    return address if origin_of(address) and not re.search(r"\s", address) else ""


def _form(
    host: Host,
    definition: FormDefinition,
    language: str,
    posted: MultiDict[str, Any] | None = None,
    given: Mapping[str, str] | None = None,
) -> DefinedForm:
    catalogue = Catalogue(host, language)

    def refusal(field: FieldDefinition, upload: Any) -> str | None:
        return files.refusal(field, upload, catalogue.gettext)

    return build_form(
        definition, language, posted, catalogue=catalogue, given=given, accepts_file=refusal, now=host.now()
    )


# -------------------------------------------------------------------------------------------- checks ----
def _is_within_limits(host: Host, published: PublishedForm, remote: str | None) -> bool:
    each, account_id = published.settings.posts_per_hour, published.account.id
    return host.allow_each(
        {
            f"{account_id}:address:{visitors.address_of(remote)}": f"{each} per hour",
            f"{account_id}:network:{visitors.network_of(remote)}": f"{each * NETWORK_FACTOR} per hour",
        }
    )


def _verdict(
    host: Host, published: PublishedForm, form: DefinedForm, token: FormToken, customer: Context, is_stale: bool
) -> tuple[Outcome, tuple[str, ...]]:
    """What becomes of the post, and what is suspicious about one that is taken. Proof of work comes last: it counts once only. Whom the
    site around the form vouches for has nothing to prove."""
    if not published.is_open:
        return Outcome.CLOSED, ()
    if not form.validate():
        return Outcome.INVALID, ()
    if is_stale:
        return Outcome.STALE, ()
    is_asked = proof.is_wanted(host, published) and not customer.is_verified
    is_proven = is_asked and proof.check(host, form.proof.data or "")
    is_unproven = is_asked and not is_proven
    if is_unproven and not token.is_unproven:
        return Outcome.UNPROVEN, ()
    signals = {
        "honeypot": form.is_trapped,
        "too_fast": token.is_too_fast(host.now().timestamp()) and not is_test(token.nonce),
        "no_proof": is_unproven and not _could_prove(form, token),
        "shirked": is_unproven and _could_prove(form, token),
        "hidden_filled": token.way in (Way.SCRIPT, Way.PLAIN) and _has_unasked(form),
        "plain_post": token.way is Way.PLAIN,
        "proven": is_proven,
    }
    return Outcome.ACCEPTED, tuple(name for name, is_set in signals.items() if is_set)


def _could_prove(form: DefinedForm, token: FormToken) -> bool:
    """Whether the visitor's browser does sums: it runs our script, on a page that may use its cryptography."""
    return token.way is Way.SCRIPT and _seen_on(form, token).startswith("https://")


def _seen_on(form: DefinedForm, token: FormToken) -> str:
    """The address of the page that the form was shown on, as far as it is known."""
    return page_address(form.page.data) or token.page if token.way is Way.SCRIPT else token.page


def _has_unasked(form: DefinedForm) -> bool:
    """Whether a question was answered that the form did not ask: people in front of a script do not see it."""
    asked = (one for one in form.definition.fields if one.kind.is_asked and one.id not in form.shown_ids)
    return any(form[one.id].value not in ("", [], one.default) for one in asked)


def _is_machine_like(outcome: Outcome, form: DefinedForm) -> bool:
    """Whether a refused post counts when it is asked if an attack is on."""
    if outcome is Outcome.INVALID:
        lines = (one for one in form.definition.fields if one.kind.is_answer and one.kind is not Kind.LONG_TEXT)
        return is_injection(text for one in lines if isinstance(text := form[one.id].data, str))
    return outcome in (Outcome.STALE, Outcome.TOO_MANY, Outcome.UNPROVEN)


# ------------------------------------------------------------------------------------------- storing ----
def _submission(
    host: Host,
    published: PublishedForm,
    form: DefinedForm,
    token: FormToken,
    customer: Context,
    signals: tuple[str, ...],
    request: Request,
) -> Submission:
    answers = form.answers
    if form.signature.data and customer.state is ContextState.UNVERIFIED:
        signals = (*signals, "bad_context")
    return Submission(
        nonce=token.nonce,
        received_at=host.now(),
        number=published.number,
        values=answers.values,
        answers=answers.items,
        subject=answers.subject,
        routing=answers.routing,
        context=_context(form, token, request),
        customer=customer,
        signals=signals,
        files=tuple(posted_file(name, upload) for name, uploads in form.uploads.items() for upload in uploads),
    )


def _context(form: DefinedForm, token: FormToken, request: Request) -> dict[str, str]:
    wanted = (request.args.get("lang") or request.accept_languages.best or "")[:MAX_LANGUAGE]
    return {
        "way": token.way.value,
        "referrer" if token.way is Way.PAGE else "page": _seen_on(form, token),
        "language": wanted if _LANGUAGE.fullmatch(wanted) else "",
    }


def _store(host: Host, published: PublishedForm, submission: Submission, remote: str | None) -> None:
    """What stands beside the message is written with it or before, so that it is there when the message is."""
    account_id = published.account.id
    if published.settings.keep_ip_days:
        visitors.remember(host, account_id, submission.external_id, remote)
    stored = StoredSubmission(
        submission.external_id,
        account_id,
        submission.number,
        submission.values,
        kept(submission.customer),
        submission.received_at,
    )
    host.receive(account_id, encode(submission), at_once=False, beside=[keeping(stored)])


def _text(values: MultiDict[str, Any], name: str) -> str:
    found = values.get(name, "")
    return found if isinstance(found, str) else ""
