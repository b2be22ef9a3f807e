"""Delivery reports: who could not be reached, why, and which mail it was about.

First the fields of RFC 3464; where a server writes prose instead, the words, codes and addresses in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

from .addresses import parse_addresses
from .bodies import Bodies
from .bounce_phrases import (
    DAEMON,
    FAILURE_STEMS,
    FAILURE_SUBJECT,
    FAILURE_TEXT,
    OTHER_REPORTS,
    QUOTED_MAIL,
    REASONS,
    STILL_TRYING,
)
from .fields import parse_ids, parse_message_id
from .message import Bounce, BounceRecipient
from .tree import Part, read_fields
from .words import clean_line, decode_words, raw_text

_STATUS_TYPES = {"message/delivery-status", "message/global-delivery-status"}
_ORIGINAL_TYPES = {
    "message/rfc822",
    "message/global",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global-headers",
}
_NOT_FAILED = {"delivered", "relayed", "expanded"}
_ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\.\d|\d)")
_REPLY_CODE = re.compile(r"(?:^|[\s:;(<\[\"'#])([45])([0-5]\d)(?=[\s\-,;:)>\]#]|$)", re.M)
_ADDRESS = re.compile(r"(?<![\w.+@-])[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")
_LISTED = re.compile(
    r"^[ \t]*(?:[-*>\d.)]+[ \t]*)?(?:\"[^\"\n]{0,60}\"[ \t]*)?[<\[(]?(?:rfc822;|smtp:|mailto:)?([^\s<>()\[\],;:\"]{1,64}@[\w.-]{1,250}\w)",
    re.M | re.I,
)
_NAMED = re.compile(
    r"(?:rcpt to|recipient|recipients?\(s\)|final-recipient|original-recipient|to|for|user|address|mailbox|failed|account|an|a|à)"
    r"\s*[:=]?\s*(?:rfc822;)?\s*[<\"'(\[]?([^\s<>()\[\],;:\"'=]{1,64}@[\w.-]{1,250}\w)",
    re.I,
)
_DEAD_STATUS = {"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.4.4", "5.4.310"}
_SURE_STATUS = {"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.2", "5.3.4", "5.4.4"}
_LONGEST_TEXT = 60_000
_MOST_RECIPIENTS, _MOST_GROUPS = 200, 1_000
_LONGEST_ID, _MOST_IDS = 900, 50
_QUOTED_IDS = re.compile(r"^[ \t>]*(?:message-id|in-reply-to|references):([^\n]*(?:\n[ \t]+<[^\n]*)*)", re.I | re.M)
_QUOTED_SUBJECT = re.compile(r"^[ \t>]*subject:[ \t]*([^\n]{1,1000})", re.I | re.M)


def read_bounce(root: Part, fields: dict[str, str], bodies: Bodies, *, only_by_fields: bool = False) -> Bounce | None:
    """What a delivery report says, or None when the mail is none (or reports success).

    `only_by_fields` leaves out the reading of prose, for mails that look like something else.
    """
    reported = [group for part in bodies.parts if part.content_type in _STATUS_TYPES for group in _groups(part)]
    recipients, only_success = _from_status(reported[:_MOST_GROUPS])
    if only_success or (not recipients and (only_by_fields or not _may_be_report(root, fields))):
        return None
    text = _own_text(bodies)
    if not recipients and "\nfinal-recipient:" in text.lower():
        recipients, only_success = _from_status(_groups_in_text(text)[:_MOST_GROUPS])
    original = _original_fields(bodies.parts)
    if recipients:
        recipients = _refined(_with_addresses(recipients, fields), text)
    elif only_success or not _is_report(fields, text, has_status=bool(reported), has_original=bool(original)):
        return None
    else:
        recipients = _from_prose(fields, text, original)
    return Bounce(
        tuple(recipients),
        _original_id(original, bodies),
        ids=_original_ids(original, bodies),
        subject=_original_subject(original, bodies),
    )


# ---- the fields of RFC 3464 ----------------------------------------------------------------------------------------


def _groups(part: Part) -> list[dict[str, str]]:
    """The groups of fields of a delivery-status part: one for the mail, one for each recipient."""
    data = part.decoded()
    groups = []
    for block in re.split(rb"\r?\n[ \t]*\r?\n", data[:1_000_000]):
        fields, _, _ = read_fields(block + b"\n", 0, len(block) + 1)
        if fields:
            groups.append({name: clean_line(decode_words(raw_text(value))) for name, value in reversed(fields)})
    return groups


def _groups_in_text(text: str) -> list[dict[str, str]]:
    """The same groups where the structure of the mail is lost and they stand in its text."""
    groups = []
    for block in re.split(r"\n\s*\n", text):
        if "final-recipient:" in block.lower():
            data = block.strip().encode("utf-8", "replace") + b"\n"
            fields, _, _ = read_fields(data, 0, len(data))
            groups.append({name: raw_text(value) for name, value in reversed(fields)})
    return groups


def _from_status(groups: list[dict[str, str]]) -> tuple[list[BounceRecipient], bool]:
    """(recipients that were not reached, were there only recipients that were)"""
    failed: dict[str, BounceRecipient] = {}
    reached = False
    for group in groups:
        address = _recipient(group)
        if not address:
            continue
        status = _status_of(group)
        action = group.get("action", "").lower().split(" ")[0]
        if action in _NOT_FAILED or (not action and (status or "").startswith("2")):
            reached = True
            continue
        diagnostic = _diagnostic(group.get("diagnostic-code"))
        status = _better_status(status, diagnostic, delayed=action == "delayed")
        failed.setdefault(
            address.lower(), BounceRecipient(address, status, False, diagnostic, is_delayed=action == "delayed")
        )
    return list(failed.values()), reached and not failed


def _recipient(group: dict[str, str]) -> str | None:
    for name in ("final-recipient", "original-recipient", "x-actual-recipient", "x-failed-recipients"):
        match = _ADDRESS.search(group.get(name, ""))
        if match:
            return match[0]
    value = group.get("final-recipient", "").rpartition(";")[2].strip(" <>")
    return value or None


def _status_of(group: dict[str, str]) -> str | None:
    match = _ENHANCED.search(group.get("status", ""))
    return ".".join(match.groups()) if match else None


def _diagnostic(value: str | None) -> str | None:
    if not value:
        return None
    kind, semicolon, text = value.partition(";")
    return (text if semicolon and " " not in kind.strip() else value).strip()[:1000] or None


def _better_status(status: str | None, diagnostic: str | None, *, delayed: bool) -> str | None:
    """The status, made exact by the server's own words where it says only "5.0.0" or nothing."""
    exact = _status_in(diagnostic or "")
    if status and not status.endswith(".0.0"):
        return status
    if exact and (not status or status[0] == exact[0] or delayed):
        return exact
    return status or exact or ("4.0.0" if delayed else None)


# ---- prose -----------------------------------------------------------------------------------------------------------


def _may_be_report(root: Part, fields: dict[str, str]) -> bool:
    """The quick look at header and structure: is it worth reading the prose?"""
    subject = fields.get("subject", "").lower()
    if OTHER_REPORTS.search(subject):
        return False
    return (
        "x-failed-recipients" in fields
        or root.content_type == "multipart/report"
        or DAEMON.search(fields.get("from", "").lower()) is not None
        or fields.get("return-path", "").strip() == "<>"
        or any(stem in subject for stem in FAILURE_STEMS)
    )


def _is_report(fields: dict[str, str], text: str, *, has_status: bool, has_original: bool) -> bool:
    """True when sender, subject and words together speak of a mail that could not be delivered.

    A person who writes about a parcel uses the same words: without a mail server as the sender, codes must show.
    """
    if fields.get("x-failed-recipients") or has_status:
        return True
    about_failure = FAILURE_SUBJECT.search(fields.get("subject", "")) is not None
    if DAEMON.search(fields.get("from", "").lower()):
        return about_failure or FAILURE_TEXT.search(text) is not None
    no_sender = fields.get("return-path", "").strip() == "<>"
    if not (about_failure or no_sender) or FAILURE_TEXT.search(text) is None:
        return False
    has_code = _ENHANCED.search(text) is not None or _REPLY_CODE.search(text) is not None
    return (about_failure and no_sender) or has_code or (has_original and no_sender)


def _own_text(bodies: Bodies) -> str:
    """The words of the report itself, without the mail it returns."""
    text = (bodies.text or "")[:_LONGEST_TEXT]
    match = QUOTED_MAIL.search(text)
    return text[: match.start()] if match and match.start() > 20 else text


def _from_prose(fields: dict[str, str], text: str, original: dict[str, str]) -> list[BounceRecipient]:
    own = {one.email.lower() for name in ("to", "from", "cc") for one in parse_addresses(fields.get(name, ""))}
    addresses = _addresses_in(fields, text, original, own)
    found = _refined([BounceRecipient(address) for address in addresses], text)
    is_delay = STILL_TRYING.search(f"{fields.get('subject', '')}\n{text}") is not None
    return [replace(one, is_delayed=is_delay and (one.status or "").startswith("4")) for one in found]


def _addresses_in(fields: dict[str, str], text: str, original: dict[str, str], own: set[str]) -> list[str]:
    """The addresses a report speaks about: what it lists, what it names, what the returned mail was sent to."""
    failed = _ADDRESS.findall(fields.get("x-failed-recipients", ""))
    if failed:
        return list(dict.fromkeys(failed))
    for pattern in (_LISTED, _NAMED, _ADDRESS):
        found = [one.strip(".") for one in pattern.findall(text)]
        found = [one for one in found if one.lower() not in own and not DAEMON.search(one.lower())]
        if found:
            unique = {one.lower(): one for one in reversed(found)}
            return list(reversed(unique.values()))[:_MOST_RECIPIENTS]
    to = [one.email for one in parse_addresses(original.get("to", ""))]
    return to or [one.email for one in parse_addresses(fields.get("x-original-to", ""))]


def _with_addresses(recipients: list[BounceRecipient], fields: dict[str, str]) -> list[BounceRecipient]:
    """A server that names a file or a pipe as the recipient tells the address in the header."""
    failed = _ADDRESS.findall(fields.get("x-failed-recipients", ""))
    if len(failed) != len(recipients):
        return recipients
    return [
        one if "@" in one.address else replace(one, address=address)
        for one, address in zip(recipients, failed, strict=True)
    ]


def _refined(recipients: Sequence[BounceRecipient], text: str) -> list[BounceRecipient]:
    """The first of the recipients with the status and the words that the prose gives for each. All of it is read once at most."""
    in_all = cache(lambda: _status_in(text))
    return [_refined_one(one, text, len(recipients), in_all) for one in recipients[:_MOST_RECIPIENTS]]


def _refined_one(
    recipient: BounceRecipient, text: str, count: int, in_all: Callable[[], str | None]
) -> BounceRecipient:
    status = recipient.status
    near = _words_about(recipient.address, text) if count > 1 else text
    if status is None or status.endswith(".0.0"):
        exact = (_status_in(near) if near is not text else None) or in_all()
        if status is None or (exact and status[0] == exact[0]):
            status = exact or status or "5.0.0"
    diagnostic = recipient.diagnostic or _sentence_with_code(near)
    permanent = not recipient.is_delayed and is_permanent(status, diagnostic or near[:1000])
    return replace(recipient, status=status, permanent=permanent, diagnostic=diagnostic)


def _words_about(address: str, text: str) -> str:
    at = text.lower().find(address.lower())
    return text[at : at + 600] if at >= 0 else text


def _sentence_with_code(text: str) -> str | None:
    match = _ENHANCED.search(text) or _REPLY_CODE.search(text)
    if match is None:
        return None
    start = text.rfind("\n", 0, match.start() + 1) + 1
    return " ".join(text[max(start, match.start() - 200) : match.end() + 300].split())[:500]


# ---- codes -----------------------------------------------------------------------------------------------------------


def _status_in(text: str) -> str | None:
    """The most telling status in a text: an enhanced code, else what the words mean, else the class of a reply."""
    vague = None
    for match in _ENHANCED.finditer(text):
        status = ".".join(match.groups())
        if match[1] != "2" and not status.endswith(".0.0"):
            return status
        vague = vague or (status if match[1] != "2" else None)
    reply = _REPLY_CODE.search(text)
    group = vague[0] if vague else reply[1] if reply else None
    for status, pattern in REASONS:
        if pattern.search(text):
            return status if group is None else group + status[1:]
    return vague or (f"{group}.0.0" if group else None)


def is_permanent(status: str | None, diagnostic: str) -> bool:
    """True when the address itself is dead, so that writing to it again is pointless.

    A full mailbox, a refused content or sender and a broken route may be well tomorrow, whatever the class says.
    """
    if status is None or status[0] != "5":
        return False
    meaning = next((meaning for meaning, pattern in REASONS if pattern.search(diagnostic)), None)
    if meaning is None or status in _SURE_STATUS:
        return status in _DEAD_STATUS
    return meaning in ("5.1.1", "5.1.2")


# ---- the mail that bounced -------------------------------------------------------------------------------------------


def _original_fields(parts: list[Part]) -> dict[str, str]:
    """The header of the returned mail, first values only."""
    for part in parts:
        if part.content_type in _ORIGINAL_TYPES:
            data = part.decoded()[:200_000].lstrip(b"\r\n")
            fields, _, _ = read_fields(data, 0, len(data))
            if fields:
                return {name: raw_text(value) for name, value in reversed(fields)}
    return {}


def _original_id(original: dict[str, str], bodies: Bodies) -> str | None:
    found = parse_message_id(original.get("message-id", ""))
    if found:
        return found
    match = re.search(r"^[ \t>]*message-id:\s*<([^<>\s]{1,900})>", (bodies.text or "")[:_LONGEST_TEXT], re.I | re.M)
    return match[1] if match else None


def _original_ids(original: dict[str, str], bodies: Bodies) -> tuple[str, ...]:
    """Every id that the returned mail names: its own first, then those it answered, the nearest first."""
    values = [original.get(name, "") for name in ("message-id", "in-reply-to", "references")]
    if not any(values):
        values = [match[1] for match in _QUOTED_IDS.finditer((bodies.text or "")[:_LONGEST_TEXT])]
    ids = [one for value in values for one in reversed(parse_ids(value[:20_000]))]
    return tuple(dict.fromkeys(one for one in ids if len(one) <= _LONGEST_ID))[:_MOST_IDS]


def _original_subject(original: dict[str, str], bodies: Bodies) -> str:
    if original:
        return clean_line(decode_words(original.get("subject", "")))[:1000]
    text = (bodies.text or "")[:_LONGEST_TEXT]
    quoted = QUOTED_MAIL.search(text)
    match = _QUOTED_SUBJECT.search(text, quoted.end()) if quoted else None
    return clean_line(decode_words(match[1])) if match else ""
