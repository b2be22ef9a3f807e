"""What becomes of a message whose files were looked at."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from time import monotonic

from plugins.clamav import watch
from plugins.clamav.clamd import Clamd, NotScanned, ScannerAway, Server, read_server
from tidings import SPAM_REASON, Host, InboundAttachment, InboundMessage, translatable

__all__ = ["filter_message"]

_INFECTED = translatable("a file with a virus")
_UNCHECKED = translatable("files that could not be checked for viruses")
_TAKEN_OUT = translatable("ClamAV found %(virus)s in the file %(name)s. The file was not kept.")
_NOT_LOOKED_AT = translatable("The file %(name)s was not checked for viruses: %(reason)s")


@dataclass(frozen=True, slots=True)
class Looked:
    """One file and what the scanner said: the name of a virus, or why it could not look; both empty when all is well."""

    file: InboundAttachment
    virus: str = ""
    trouble: str = ""


def filter_message(host: Host, message: InboundMessage) -> InboundMessage | None:
    """The message without infected files and in Spam if there were any, with a sentence for each file that is not as it should be; None
    when all files are clean, and while no scanner is named."""
    server = read_server(str(host.settings.get("server") or ""))
    if server is None:
        return None
    looked = _look(host, server, message.attachments)
    infected = [one for one in looked if one.virus]
    unchecked = [one for one in looked if one.trouble]
    if not infected and not unchecked:
        return None
    is_kept_back = bool(unchecked) and host.settings.get("when_away") == "spam"
    reasons = [_INFECTED] * bool(infected) + [_UNCHECKED] * is_kept_back
    changed = replace(
        message,
        attachments=tuple(one.file for one in looked if not one.virus),
        defects=(*message.defects, *_sentences(host, looked)),
    )
    return _in_spam(changed, reasons) if reasons else changed


def _look(host: Host, server: Server, files: Iterable[InboundAttachment]) -> list[Looked]:
    """Look at each file in turn; once the scanner is away it is not asked again for this message."""
    clamd = Clamd(server, monotonic() + float(host.settings.get("timeout_s") or 15))
    looked, away, trouble = [], "", None
    for file in files:
        try:
            looked.append(Looked(file, trouble=away) if away else Looked(file, virus=clamd.scan(file.data)))
        except NotScanned as error:
            looked.append(Looked(file, trouble=f"{error}."))
        except ScannerAway as error:
            trouble, away = error, error.said(host.gettext)
            looked.append(Looked(file, trouble=away))
    watch.remember(host, trouble)
    return looked


def _sentences(host: Host, looked: Iterable[Looked]) -> list[str]:
    found = []
    for one in looked:
        if one.virus:
            found.append(host.gettext(_TAKEN_OUT) % {"virus": one.virus, "name": one.file.filename})
        elif one.trouble:
            found.append(host.gettext(_NOT_LOOKED_AT) % {"name": one.file.filename, "reason": one.trouble})
    return found


def _in_spam(message: InboundMessage, reasons: list[str]) -> InboundMessage:
    known = message.fields.get(SPAM_REASON, "")
    why = "; ".join(filter(None, [known, *reasons]))
    return replace(message, is_spam=True, accepts_auto_reply=False, fields={**message.fields, SPAM_REASON: why})
