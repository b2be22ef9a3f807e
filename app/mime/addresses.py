"""Address lists (RFC 5322 §3.4) as people really write them, read in one pass.

Groups are flattened, comments become the name when there is no other, an unquoted comma in a name is
understood, and what is no address at all is dropped.
"""

from __future__ import annotations

import re

from .message import Address
from .words import clean_line, decode_words

_ATOM = r"[^\s<>@,;:\"()\\]+"
_PLAIN = re.compile(rf"(?:(\w[\w .'-]*)\s)?\s*<({_ATOM}@{_ATOM})>|({_ATOM}@{_ATOM})")
_TOKEN = re.compile(r"=\?[^?\s]+\?[bBqQ]\?[^?]*\?=|[\"<>(),;:\\]|[^\"<>(),;:\\=]+|=")
_SPACES = re.compile(r"\s+")
_ANY_ADDRESS = re.compile(r"[^\s<>()\[\]\",;:@]{1,256}@[^\s<>()\",;:@]{1,256}")


def parse_addresses(value: str) -> tuple[Address, ...]:
    """Every address of a header value (unfolded, encoded-words not yet decoded)."""
    plain = _PLAIN.fullmatch(value.strip())
    if plain:
        return (Address((plain[1] or "").strip(), plain[2] or plain[3]),)
    found = _Reader(value).read()
    if not found and "@" in value:
        found = [Address("", match[0]) for match in _ANY_ADDRESS.finditer(decode_words(value))]
    return tuple(found)


def domain_of(address: str) -> str:
    """The domain of an address as the domain name system has it: in lower case, other letters than English ones in their ASCII form."""
    domain = address.rpartition("@")[2].lower().rstrip(".")
    try:
        return domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain


class _Reader:
    """One pass over the tokens of an address list; the state is that of the address being read."""

    def __init__(self, value: str) -> None:
        self.tokens = [match[0] for match in _TOKEN.finditer(value)]
        self.at = 0
        self.found: list[Address] = []
        self.carried: list[str] = []  # words before an unquoted comma: "Doe, John <j@…>"
        self.reset()

    def reset(self) -> None:
        self.words: list[str] = []
        self.comments: list[str] = []
        self.angle: str | None = None

    def read(self) -> list[Address]:
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            self.take(token)
        self.finish("")
        return self.found

    def take(self, token: str) -> None:
        if token == '"':
            self.words.append('"' + self.quoted())
        elif token == "(":
            self.comments.append(self.bracketed())
        elif token == "<":
            self.angle = self.until_angle()
        elif token in ",;":
            self.finish(token)
        elif token == ":" and self.angle is None:
            self.group_or_word()
        elif token not in ">)\\":
            self.words.append(token)

    def quoted(self) -> str:
        """The text up to the closing quote; without one, the quote was only a character."""
        out: list[str] = []
        start = self.at
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            if token == '"':
                return "".join(out)
            if token == "\\" and self.at < len(self.tokens):
                token, self.at = self.tokens[self.at], self.at + 1
            out.append(token)
        self.tokens = [token for token in self.tokens[start:] if token != '"']
        self.at = 0
        return ""

    def bracketed(self) -> str:
        out: list[str] = []
        depth = 1
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            depth += {"(": 1, ")": -1}.get(token, 0)
            if not depth:
                break
            if token == "\\" and self.at < len(self.tokens):
                token, self.at = self.tokens[self.at], self.at + 1
            out.append(token)
        return "".join(out).strip()

    def until_angle(self) -> str:
        out: list[str] = []
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            if token == ">":
                break
            if token == "<":
                out.clear()
            elif token == "(":
                self.comments.append(self.bracketed())
            elif token == '"':
                out.append('"' + self.quoted() + '"')
            elif token in ",;" and "@" in "".join(out[-3:]) and ":" not in out:
                self.at -= 1  # the bracket was never closed
                break
            else:
                out.append(token)
        return "".join(out).strip()

    def group_or_word(self) -> None:
        """A colon ends the name of a group; a scheme such as mailto: is dropped the same way."""
        self.words = []
        self.comments = []
        self.carried = []

    def finish(self, end: str) -> None:
        if not self.words and self.angle is None:
            self.comments = []
            return
        name, email = self.name_and_email()
        if email:
            if self.angle is not None and self.carried:
                name = ", ".join([*self.carried, name])
            self.found.append(Address(clean_line(decode_words(name)), email))
            self.carried = []
        elif name and end == ",":
            self.carried = (self.carried + [name])[-3:]
        else:
            self.carried = []
        self.reset()

    def name_and_email(self) -> tuple[str, str]:
        """(name, address) of the tokens so far; without an address the name may be the first half of one."""
        quoted = any(word.startswith('"') for word in self.words)
        name = _SPACES.sub(" ", "".join(word.removeprefix('"') for word in self.words)).strip()
        comment = " ".join(filter(None, self.comments))
        if self.angle is not None:
            return f"{name} ({comment})" if name and comment else name or comment, _bare(self.angle)
        local = self._quoted_local_part()
        if local:
            return comment, clean_line(local)
        words = name.split(" ")
        if not quoted and len(words) > 1 and "@" in words[-1] and not words[-1].startswith("@"):
            return " ".join(words[:-1]), _bare(words[-1])
        if "@" in name and (not quoted or " " not in name):
            return comment, _bare(name)
        return name, ""

    def _quoted_local_part(self) -> str:
        """The address ``"odd name"@example.com`` if that is what stands here, else nothing."""
        words = [word.strip() for word in self.words if word.strip()]
        if len(words) == 2 and words[0].startswith('"') and words[1].startswith("@"):
            return f'{words[0]}"{words[1]}'
        return ""


def _bare(email: str) -> str:
    """The address without a source route, blanks and scheme."""
    email = re.sub(r"\s+", "", decode_words(email))
    if email.startswith("@") and ":" in email:
        email = email.rpartition(":")[2]
    return clean_line(email.removeprefix("mailto:"))
