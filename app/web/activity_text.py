"""The sentences of activities: what somebody did in a conversation, in the reader's language."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask_babel import format_datetime, gettext, ngettext

from app.web.bounce_text import bounce_sentence
from app.web.formats import wall_time

__all__ = ["activity_icon", "activity_text", "joined_because", "status_name"]

Data = Mapping[str, Any]
NOBODY = "Tidings"
"""Who did what no agent did."""


def activity_text(kind: str, data: Data, who: str) -> str:
    """One line. `who` is empty when nobody but the system did it. A kind nobody knows is shown by its name."""
    sentence = _SENTENCES.get(kind)
    return sentence(data, who or NOBODY) if sentence else f"{who or NOBODY}: {kind.replace('_', ' ')}"


def activity_icon(kind: str, data: Data) -> str:
    """A name of the icon sprite."""
    if kind == "status":
        return {"resolved": "check", "open": "rotate-ccw", "snoozed": "alarm-clock", "spam": "shield-alert"}.get(
            str(data.get("status")), "clock"
        )
    return _ICONS.get(kind, "activity")


def status_name(status: str) -> str:
    """The name of a status in the reader's language."""
    names = {
        "open": gettext("Open"),
        "pending": gettext("Pending"),
        "snoozed": gettext("Snoozed"),
        "resolved": gettext("Resolved"),
        "spam": gettext("Spam"),
    }
    return names.get(status, status)


def joined_because(reason: str) -> str:
    """Why a message is in its conversation, as a sentence; empty when there is nothing to explain."""
    sentences = {
        "new": gettext("Opened this conversation"),
        "token": gettext("Here because it was sent to our reply address"),
        "in_reply_to": gettext("Here because it answers a message of this conversation"),
        "references": gettext("Here because it names an earlier message of this conversation"),
        "late_parent": gettext("Here because a message of this conversation answers it"),
        "shared_ancestor": gettext("Here because it answers the same message as others here"),
        "thread_key": gettext("Here because the provider keeps it in the same exchange"),
        "bounce": gettext("Here because it reports on a message that was sent from here"),
        "copy": gettext("Here because it is another copy of a message of this conversation"),
        "same_person": gettext("Here because the same person answers under the same subject"),
        "learnt": gettext("Here because an agent moved what it answers into this conversation"),
        "moved": gettext("Here because an agent moved it"),
        "merged": gettext("Here because its conversation was merged into this one"),
    }
    return sentences.get(reason, "")


def _status(data: Data, who: str) -> str:
    if data.get("status") == "snoozed" and data.get("until"):
        until = format_datetime(datetime.fromisoformat(data["until"]), "EEE d MMM, H:mm")
        return gettext("%(who)s snoozed this until %(until)s", who=who, until=until)
    sentences = {
        "open": gettext("%(who)s opened this again", who=who),
        "pending": gettext("%(who)s set this to pending", who=who),
        "snoozed": gettext("%(who)s snoozed this", who=who),
        "resolved": gettext("%(who)s resolved this", who=who),
        "spam": gettext("%(who)s moved this to Spam", who=who),
    }
    return sentences.get(str(data.get("status")), gettext("%(who)s changed the status", who=who))


def _assigned(data: Data, who: str) -> str:
    if data.get("to") == who:
        return gettext("%(who)s took this", who=who)
    return gettext("%(who)s assigned this to %(name)s", who=who, name=data.get("to", "?"))


def _team(data: Data, who: str) -> str:
    if data.get("to"):
        return gettext("%(who)s handed this to the team %(name)s", who=who, name=data["to"])
    return gettext("%(who)s took this from its team", who=who)


def _priority(data: Data, who: str) -> str:
    names = {
        "low": gettext("low"),
        "normal": gettext("normal"),
        "high": gettext("high"),
        "urgent": gettext("urgent"),
    }
    return gettext("%(who)s set the priority to %(name)s", who=who, name=names.get(data.get("to", ""), ""))


def _partly_refused(data: Data, who: str) -> str:
    return gettext("Not everybody got the message: %(names)s", names=", ".join(data.get("recipients", ())))


def _split_off(data: Data, who: str) -> str:
    return ngettext(
        "%(who)s split off %(num)s message as #%(number)s",
        "%(who)s split off %(num)s messages as #%(number)s",
        data.get("count", 1), who=who, number=data.get("number", "?"),
    )  # fmt: skip


def _moved_out(data: Data, who: str) -> str:
    return ngettext(
        "%(who)s moved %(num)s message to #%(number)s",
        "%(who)s moved %(num)s messages to #%(number)s",
        data.get("count", 1), who=who, number=data.get("number", "?"),
    )  # fmt: skip


def _moved_in(data: Data, who: str) -> str:
    return ngettext(
        "%(who)s moved %(num)s message here from #%(number)s",
        "%(who)s moved %(num)s messages here from #%(number)s",
        data.get("count", 1), who=who, number=data.get("number", "?"),
    )  # fmt: skip


def _merged(data: Data, who: str) -> str:
    number = data.get("number", "?")
    if who == NOBODY:
        return gettext("#%(number)s became a part of this: a message that came late ties both together", number=number)
    return gettext("%(who)s merged #%(number)s into this", who=who, number=number)


def _held_back(data: Data, who: str) -> str:
    contact, name = data.get("who") or gettext("The contact"), data.get("to", "")
    values = {"contact": contact, "time": _when(data), "name": name}
    if name:
        told = gettext("%(contact)s wrote first, so the message for %(time)s is a draft of %(name)s again", **values)
    else:
        told = gettext("%(contact)s wrote first, so the message for %(time)s became a note", **values)
    return _without_files(told, data)


def _unscheduled(data: Data, who: str) -> str:
    return _without_files(gettext("%(who)s cancelled the message for %(time)s", who=who, time=_when(data)), data)


def _without_files(told: str, data: Data) -> str:
    names = data.get("files") or ()
    return f"{told}. {gettext('Its files: %(names)s', names=', '.join(names))}" if names else told


def _when(data: Data) -> str:
    return wall_time(datetime.fromisoformat(data["at"])) if data.get("at") else "?"


_SENTENCES: dict[str, Callable[[Data, str], str]] = {
    "status": _status,
    "assigned": _assigned,
    "unassigned": lambda data, who: gettext("%(who)s took this from its assignee", who=who),
    "team": _team,
    "priority": _priority,
    "tagged": lambda data, who: gettext("%(who)s added the tag %(name)s", who=who, name=data.get("tag", "?")),
    "untagged": lambda data, who: gettext("%(who)s removed the tag %(name)s", who=who, name=data.get("tag", "?")),
    "taken_back": lambda data, who: gettext("%(who)s took a message back before it was sent", who=who),
    "retried": lambda data, who: gettext("%(who)s had a message sent again", who=who),
    "delivery_failed": lambda data, who: gettext(
        "A message was not delivered: %(reason)s", reason=data.get("reason", "?")
    ),
    "bounced": lambda data, who: bounce_sentence(data),
    "partly_refused": _partly_refused,
    "split_off": _split_off,
    "split_from": lambda data, who: gettext(
        "%(who)s split this off from #%(number)s", who=who, number=data.get("number", "?")
    ),
    "moved_out": _moved_out,
    "moved_in": _moved_in,
    "merged": _merged,
    "merged_into": lambda data, who: gettext(
        "%(who)s merged this into #%(number)s", who=who, number=data.get("number", "?")
    ),
    "put_back": lambda data, who: gettext(
        "%(who)s put back what was done with #%(number)s", who=who, number=data.get("number", "?")
    ),
    "case_left": lambda data, who: gettext("%(who)s took this out of the case", who=who),
    "case_joined": lambda data, who: gettext("%(who)s put this back into the case", who=who),
    "held_back": _held_back,
    "unscheduled": _unscheduled,
    "rescheduled": lambda data, who: gettext("%(who)s will have a message sent %(time)s", who=who, time=_when(data)),
    "no_answer": lambda data, who: gettext("Nobody has answered yet"),
    "forwarded": lambda data, who: gettext(
        "%(who)s forwarded a message to %(name)s: #%(number)s",
        who=who,
        name=data.get("to", "?"),
        number=data.get("number", "?"),
    ),
    "forwarded_from": lambda data, who: gettext(
        "%(who)s forwarded a message of #%(number)s", who=who, number=data.get("number", "?")
    ),
    "provider": lambda data, who: str(data.get("text", "")),
}
_ICONS = {
    "assigned": "user-check",
    "unassigned": "users",
    "team": "users",
    "priority": "flag",
    "tagged": "tag",
    "untagged": "tag",
    "taken_back": "rotate-ccw",
    "retried": "refresh-cw",
    "delivery_failed": "circle-alert",
    "bounced": "circle-alert",
    "partly_refused": "circle-alert",
    "split_off": "split",
    "split_from": "split",
    "moved_out": "move-right",
    "moved_in": "move-right",
    "merged": "git-merge",
    "merged_into": "git-merge",
    "put_back": "undo-2",
    "held_back": "pause",
    "unscheduled": "rotate-ccw",
    "rescheduled": "clock",
    "no_answer": "alarm-clock",
    "forwarded": "forward",
    "forwarded_from": "forward",
    "case_left": "layers",
    "case_joined": "layers",
}
