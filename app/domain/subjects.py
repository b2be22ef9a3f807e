"""Subjects without what mail programs put before them when somebody answers or forwards."""

import re

__all__ = ["bare_subject", "is_answer_subject"]

_ANSWER = "re|aw|antw|antwort|sv|vs|vá|odp|ynt|res|ref|rif|r|bls|atb|απ|σχετ|отв|відп|ответ|回复|回覆|答复|答覆|返信|회신|답장"
_FORWARD = "fw|fwd|wg|tr|rv|enc|doorst|vb|vl|ilt|pd|i|пр|转发|轉寄|転送|전달"
_TAG = r"(?:\[[^\]]{1,40}\]\s*)?"
_COUNT = r"(?:\s*(?:\[\d+\]|\(\d+\)|\^\d+))?"
_PREFIX = re.compile(rf"\s*{_TAG}(?:(?P<answer>{_ANSWER})|{_FORWARD}){_COUNT}\s?[:：]", re.IGNORECASE)
_LEADING_TAG = re.compile(rf"\s*{_TAG}")


def bare_subject(subject: str) -> str:
    """What a subject is about, to be compared: without "Re:", "AW:", "[list]" and the like, blanks as one, in small letters."""
    end = 0
    while match := _PREFIX.match(subject, end):
        end = match.end()
    rest = _LEADING_TAG.sub("", subject[end:], count=1) or subject[end:]
    return " ".join(rest.split()).casefold()


def is_answer_subject(subject: str) -> bool:
    """Whether the subject begins as an answer does, in any of the languages whose mail programs translate "Re:"."""
    match = _PREFIX.match(subject)
    return match is not None and match["answer"] is not None
