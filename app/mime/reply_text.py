"""What a person wrote in a reply, told apart from quotes and signature."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReplyParts:
    """`reply` is what was written now; `rest` is the signature and the quoted mail, empty when there is none."""

    reply: str
    rest: str


def split_reply(text: str, html: str | None = None) -> ReplyParts:
    lines = text.split("\n")
    for i, line in enumerate(lines):
        if line.startswith(">") or line.rstrip() == "--":
            reply = "\n".join(lines[:i]).strip()
            if reply:
                return ReplyParts(reply, "\n".join(lines[i:]))
    return ReplyParts(text.strip(), "")
