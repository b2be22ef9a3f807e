"""What happens to a post, whichever way it came: limits, reading, checks, and the journal before any thanks."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from werkzeug import Request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge

from forms.contact import MAX_PAGE, ContactForm, clean_text
from plugins.webform.definition import origin_of
from plugins.webform.publication import PublishedForm
from plugins.webform.visiting import visitors
from plugins.webform.visiting.outcomes import Outcome, Way
from plugins.webform.visiting.submission import PostedFile, Submission, encode
from plugins.webform.visiting.timetrap import FormToken, issue_token, read_token
from tidings import Host

__all__ = ["PostResult", "blank_form", "page_address", "take_post"]

TEXT_BYTES = 1_000_000
"""Most bytes of a post without its files, and of a post over the limit."""
SPARE_BYTES = 64_000_000
"""Too large a post is still read up to here, so that the page can be shown again with its text."""
NETWORK_FACTOR = 5
MAX_FILENAME = 150
VALUES = ("name", "email", "subject", "message")

_CONTENT_TYPE = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+\Z")


@dataclass(frozen=True, slots=True)
class PostResult:
    """`form` holds what was typed, its problems and a token that can be sent again."""

    outcome: Outcome
    form: ContactForm


def take_post(host: Host, published: PublishedForm, request: Request, way: Way) -> PostResult:
    """Store the post in the journal, or say why not. A post that was stored before counts as accepted and is not stored again."""
    is_within = _is_within_limits(host, published, request.remote_addr)
    try:
        form = _read_form(published, request, spare=SPARE_BYTES if is_within else 0)
    except RequestEntityTooLarge:
        return PostResult(Outcome.TOO_LARGE, blank_form(host, published))
    token = read_token(host, published.key, form.token.data or "")
    is_valid = form.validate()
    if token is None:
        form.token.data = issue_token(host, published.key, page_address(form.page.data))
    outcome = _refusal(published, is_within, is_valid, token)
    if outcome is not None or token is None:
        return PostResult(outcome or Outcome.STALE, form)
    _store(host, published, _submission(host, form, token, request, way), request.remote_addr)
    return PostResult(Outcome.ACCEPTED, form)


def blank_form(host: Host, published: PublishedForm, page: str = "") -> ContactForm:
    """An empty form with a fresh token that remembers the page it is shown on."""
    form = ContactForm(limits=published.definition.limits)
    form.token.data = issue_token(host, published.key, page)
    return form


def page_address(text: str | None) -> str:
    """A web address that a visitor's browser named, or an empty string when it is none."""
    address = clean_text(text)[:MAX_PAGE]
    return address if origin_of(address) and not re.search(r"\s", address) else ""


def _refusal(published: PublishedForm, is_within: bool, is_valid: bool, token: FormToken | None) -> Outcome | None:
    if not published.is_open:
        return Outcome.CLOSED
    if not is_within:
        return Outcome.TOO_MANY
    if not is_valid:
        return Outcome.INVALID
    return Outcome.STALE if token is None else None


def _is_within_limits(host: Host, published: PublishedForm, remote: str | None) -> bool:
    each, account_id = published.definition.posts_per_hour, published.account.id
    return host.allow(f"{account_id}:address:{visitors.address_of(remote)}", f"{each} per hour") and host.allow(
        f"{account_id}:network:{visitors.network_of(remote)}", f"{each * NETWORK_FACTOR} per hour"
    )


def _read_form(published: PublishedForm, request: Request, spare: int) -> ContactForm:
    """The form with what was posted, as multipart, URL-encoded or JSON. Raises `RequestEntityTooLarge`."""
    limits = published.definition.limits
    has_files = request.mimetype == "multipart/form-data"  # the one kind that is not read into memory at once
    request.max_form_memory_size = TEXT_BYTES
    request.max_content_length = TEXT_BYTES + (limits.max_bytes + spare if spare and has_files else 0)
    posted = _json_values(request) if request.mimetype == "application/json" else _form_values(request)
    return ContactForm(posted, limits=limits)


def _form_values(request: Request) -> MultiDict[str, Any]:
    """Texts from text parts and uploads from the file field only, whatever a program may have mixed up."""
    values: MultiDict[str, Any] = MultiDict(request.form.items(multi=True))
    values.setlist("files", request.files.getlist("files"))
    return values


def _json_values(request: Request) -> MultiDict[str, Any]:
    """The texts of a JSON object; anything else, nested as deep as it may be, is as good as not given."""
    try:
        body = json.loads(request.get_data(cache=False))
    except (ValueError, RecursionError):
        body = None
    pairs: Iterable[tuple[Any, Any]] = body.items() if isinstance(body, dict) else ()
    return MultiDict([(name, value) for name, value in pairs if isinstance(value, str)])


def _submission(host: Host, form: ContactForm, token: FormToken, request: Request, way: Way) -> Submission:
    signals = {"honeypot": form.is_trapped, "too_fast": token.is_too_fast}
    return Submission(
        nonce=token.nonce,
        received_at=host.now(),
        values={name: form[name].data for name in VALUES if name in form},
        context=_context(form, token, request, way),
        signals=tuple(name for name, is_set in signals.items() if is_set),
        files=tuple(_posted_file(upload) for upload in form.chosen_files),
    )


def _context(form: ContactForm, token: FormToken, request: Request, way: Way) -> dict[str, str]:
    seen_on = page_address(form.page.data) if way is Way.SCRIPT else token.page
    return {
        "way": way.value,
        "referrer" if way is Way.PAGE else "page": seen_on,
        "language": (request.args.get("lang") or request.accept_languages.best or "")[:35],
    }


def _posted_file(upload: Any) -> PostedFile:
    name = clean_text(re.split(r"[\\/]", upload.filename)[-1]).replace("\n", " ")
    kind = (upload.mimetype or "").lower()
    return PostedFile(
        filename=_shortened(name) or "file",
        content_type=kind if _CONTENT_TYPE.match(kind) else "application/octet-stream",
        data=upload.stream.read(),
    )


def _shortened(name: str) -> str:
    """At most `MAX_FILENAME` characters, with its ending kept."""
    stem, dot, ending = name.rpartition(".")
    if len(name) <= MAX_FILENAME or len(ending) > 10:
        return name[:MAX_FILENAME]
    return stem[: MAX_FILENAME - len(ending) - 1] + dot + ending


def _store(host: Host, published: PublishedForm, submission: Submission, remote: str | None) -> None:
    if published.definition.keep_ip_days:
        visitors.remember(host, published.account.id, submission.external_id, remote)
    host.receive(published.account.id, encode(submission))
