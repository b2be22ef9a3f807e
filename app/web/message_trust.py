"""What the page says of whom a message is really from, and of files that may harm, in the reader's language."""

from collections.abc import Sequence

from flask_babel import gettext

from app.domain.authenticity import Authenticity, Verdict
from app.plugin_api.texts import translatable
from app.queries.timeline import AttachmentRow, MessageRow
from app.web.texts import translated

__all__ = ["authenticity_of", "danger_text", "trust_facts", "warnings_of"]

_DANGERS = {
    "program": translatable("This file is a program, or starts one."),
    "disguised": translatable("This file is a program, and its name pretends otherwise."),
    "page": translatable("This file is a web page or a drawing that can hold a program."),
    "macros": translatable("This document holds macros, which can do harm."),
    "packed": translatable("There is a program in this archive."),
    "bloated": translatable("This archive unpacks to far more than it should."),
    "encrypted": translatable("This file has a password, so that nobody could look into it for harm."),
    "reversed": translatable("The name of this file is not what it looks like."),
}
_OTHER_DANGER = translatable("This file may do harm.")
_VERDICTS = {
    Verdict.PASS: translatable("passed"),
    Verdict.FAIL: translatable("failed"),
    Verdict.SOFTFAIL: translatable("failed, but the domain is not sure"),
    Verdict.NEUTRAL: translatable("says nothing"),
    Verdict.TEMPERROR: translatable("could not be asked"),
    Verdict.PERMERROR: translatable("is set up wrongly"),
}
_POLICIES = {
    "none": translatable("nothing"),
    "quarantine": translatable("to put it into Spam"),
    "reject": translatable("to refuse it"),
}


def authenticity_of(row: MessageRow) -> Authenticity | None:
    """Who vouches for a message, as it was stored; None where nobody looked."""
    if not row.authenticity:
        return None
    texts = {name: row.authenticity.get(name, "") for name in ("domain", "policy", "by")}
    verdicts = {name: Verdict(row.authenticity.get(name, "none")) for name in ("spf", "dkim", "dmarc", "arc")}
    return Authenticity(texts["domain"], **verdicts, policy=texts["policy"], by=texts["by"])


def warnings_of(row: MessageRow, files: Sequence[AttachmentRow]) -> tuple[str, ...]:
    """What to read before the message: of its sender, and of its files."""
    said = [_filled(str(one.get("text", "")), one.get("data") or {}) for one in row.warnings or ()]
    dangerous = [file.filename for file in files if file.danger]
    if dangerous:
        said.append(gettext("Opening a file of this message may do harm: %(names)s", names=", ".join(dangerous)))
    return tuple(said)


def danger_text(danger: str) -> str:
    """Why opening a file may harm, as a sentence; empty for a harmless one."""
    return translated(_DANGERS.get(danger, _OTHER_DANGER)) if danger else ""


def trust_facts(row: MessageRow) -> list[tuple[str, str]]:
    """Each check of the sender that was made, what the domain asks for, and whose word it is."""
    found = authenticity_of(row)
    if found is None:
        return []
    checks = [("SPF", found.spf), ("DKIM", found.dkim), ("DMARC", found.dmarc), ("ARC", found.arc)]
    made = [f"{name}: {translated(_VERDICTS[verdict])}" for name, verdict in checks if verdict in _VERDICTS]
    asks = translated(_POLICIES[found.policy]) if found.policy in _POLICIES and found.dmarc is Verdict.FAIL else ""
    return [
        (gettext("Checks of the sender"), "; ".join(made)),
        (gettext("Its domain asks"), asks),
        (gettext("Checked by"), found.by if made else ""),
    ]


def _filled(text: str, data: dict[str, str]) -> str:
    """A sentence of a check or a plugin in the reader's language, with what it is about."""
    shown = translated(text)
    for name, value in data.items():
        shown = shown.replace(f"%({name})s", str(value))
    return shown
