"""Who vouches for the sender of a mail: what was found by SPF, DKIM, DMARC and ARC, and what that means for those who rely on it.

How it is found stands in `app.mime.authentication` and `app.services.authenticity`.
"""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Authenticity", "Verdict", "is_doubtful", "is_proven"]


class Verdict(StrEnum):
    """What a check said, in the words of RFC 8601 §2.7. `NONE`: there was nothing to check, or nobody looked. `TEMPERROR`: a question was
    not answered in time; it speaks neither for nor against the sender. Since API 3."""

    PASS = "pass"
    FAIL = "fail"
    SOFTFAIL = "softfail"
    NEUTRAL = "neutral"
    NONE = "none"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


@dataclass(frozen=True, slots=True)
class Authenticity:
    """Who vouches for the sender of a mail. `domain`: the one that the sender's address names. `dmarc` is the one that counts: it passes
    when the domain itself vouches, by `spf` or `dkim`. `arc` passes where a trusted forwarder found right what fails here. `policy`: what
    the domain asks to be done with what fails ("none", "quarantine", "reject"; empty where nobody asked it). `by`: whose word it is, the
    receiving server's name or "Tidings"; empty where nobody looked. Since API 3."""

    domain: str
    spf: Verdict = Verdict.NONE
    dkim: Verdict = Verdict.NONE
    dmarc: Verdict = Verdict.NONE
    arc: Verdict = Verdict.NONE
    policy: str = ""
    by: str = ""


def is_doubtful(authenticity: Authenticity | None, *, is_claimed: bool = False) -> bool:
    """Whether nothing says who wrote the message: the domain in its From disowns it, or it only claims (`is_claimed`) to come from somebody
    else than From names."""
    if is_claimed:
        return True
    return authenticity is not None and authenticity.dmarc is Verdict.FAIL and authenticity.arc is not Verdict.PASS


def is_proven(authenticity: Authenticity | None) -> bool:
    """Whether the sender's own domain vouches for the message."""
    return authenticity is not None and authenticity.dmarc is Verdict.PASS
