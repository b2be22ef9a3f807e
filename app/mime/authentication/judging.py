"""From everything that is known of a mail's way to one judgement: first what trusted hosts say, then what can be found out here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .arc import check_arc
from .dkim_check import check_signatures
from .dmarc import check_dmarc
from .lookup import Ask
from .results import Result, parse_results
from .spf import check_spf
from .trail import Trail

__all__ = ["Judgement", "judge"]

OURSELVES = "Tidings"
_VERDICTS = frozenset({"pass", "fail", "softfail", "neutral", "none", "temperror", "permerror"})
_OTHER_WORDS = {"hardfail": "fail", "bestguesspass": "none", "policy": "neutral", "unknown": "neutral"}


@dataclass(frozen=True, slots=True)
class Judgement:
    """Verdicts in the words of RFC 8601 §2.7. `domain`: the sender's. `arc`: "pass" where a trusted forwarder found the
    mail right. `by`: whose word it is; empty where nobody looked."""

    domain: str
    spf: str = "none"
    dkim: str = "none"
    dmarc: str = "none"
    arc: str = "none"
    policy: str = ""
    by: str = ""


def judge(raw: bytes | None, authors: Sequence[str], trail: Trail, forwarders: Sequence[str], ask: Ask) -> Judgement:
    """The judgement on a mail. `raw`: None where its signatures cannot be checked, as of a part of it. `authors`: the domains its From
    names; of several the one that speaks against the mail counts. `forwarders`: trusted hosts, whose seals are believed.

    A domain that a trusted host has judged is not asked again, nor is anything when there is neither a signature nor a border.
    """
    if not authors:
        return Judgement("")
    told, host = _told(trail.results)
    judged = [one for domain in authors if (one := _as_told(domain, told, host)) is not None]
    if len(judged) == len(authors):
        return _worst(judged)
    spf, signatures = _evidence(raw, told, trail, ask)
    if spf is None and not signatures:
        return Judgement(authors[0])
    found = _worst([_own(domain, spf, signatures, ask) for domain in dict.fromkeys(authors)])
    return _as_sealed(found, raw, forwarders, ask) if found.dmarc == "fail" and raw and forwarders else found


def _as_sealed(found: Judgement, raw: bytes, forwarders: Sequence[str], ask: Ask) -> Judgement:
    """What failed here may have been right when a forwarder that is trusted took it. Below a set of somebody else nothing counts: they may
    have changed the mail and kept the sets that it had (RFC 8617 §9.4)."""
    verdict, sets = check_arc(raw, ask)
    for domain, results in sets:
        if not any(f".{name.lstrip('*.')}".endswith(f".{domain}") for name in forwarders):
            return found
        if any(one.method == "dmarc" and _about(one, found.domain) for one in results.results if one.verdict == "pass"):
            return replace(found, arc=verdict)
    return found


def _told(results: Sequence[str]) -> tuple[list[Result], str]:
    """What trusted hosts say, the newest word on each thing first, and who says it."""
    read = [parse_results(value) for value in results]
    return [result for one in read for result in one.results], next((one.host for one in read if one.host), "")


def _as_told(domain: str, told: Sequence[Result], host: str) -> Judgement | None:
    """The judgement of the trusted host on a domain; None where it gives none."""
    dmarc = next((one for one in told if one.method == "dmarc" and _about(one, domain)), None)
    if dmarc is None or _verdict(dmarc) == "none":
        return None
    return Judgement(
        domain,
        spf=_best([_verdict(one) for one in told if one.method == "spf"][:1]),
        dkim=_best([_verdict(one) for one in told if one.method == "dkim"]),
        dmarc=_verdict(dmarc),
        policy=_policy(dmarc),
        by=host or "the receiving server",
    )


def _about(result: Result, domain: str) -> bool:
    return result.properties.get("header.from", "").lower().rpartition("@")[2] == domain


def _policy(result: Result) -> str:
    """`(p=REJECT sp=NONE dis=NONE)`, as most write it; Microsoft's `action=oreject` is what was not done."""
    found = re.search(r"\bp=(reject|quarantine|none)\b", result.comment, re.IGNORECASE)
    return found[1].lower() if found else result.properties.get("action", "").lower().removeprefix("o")[:10]


def _evidence(
    raw: bytes | None, told: Sequence[Result], trail: Trail, ask: Ask
) -> tuple[tuple[str, str] | None, tuple[tuple[str, str], ...]]:
    """(verdict, domain) of the server that handed the mail over, None where nobody knows it; and of each signature."""
    spf = next(((_verdict(one), _mail_from(one)) for one in told if one.method == "spf"), None)
    if spf is None and trail.border[0]:
        spf = check_spf(trail.border[0], trail.return_path, trail.border[1], ask)
    signed = [(_verdict(one), _signer(one)) for one in told if one.method == "dkim"]
    if not any(verdict != "none" for verdict, _ in signed):
        return spf, check_signatures(raw, ask) if raw else ()
    return spf, tuple(signed)


def _own(domain: str, spf: tuple[str, str] | None, signatures: tuple[tuple[str, str], ...], ask: Ask) -> Judgement:
    dmarc, policy = check_dmarc(domain, spf, signatures, ask)
    return Judgement(
        domain,
        spf=spf[0] if spf else "none",
        dkim=_best([verdict for verdict, _ in signatures]),
        dmarc=dmarc,
        policy=policy,
        by=OURSELVES,
    )


def _worst(judged: Sequence[Judgement]) -> Judgement:
    """A mail in the name of two domains is only as good as the worse of them (RFC 7489 §6.6.1)."""
    order = ("fail", "permerror", "temperror", "none", "pass")
    return min(judged, key=lambda one: order.index(one.dmarc) if one.dmarc in order else 0)


def _best(verdicts: Sequence[str]) -> str:
    """One signature that holds is enough."""
    order = ("pass", "temperror", "fail", "softfail", "permerror", "neutral")
    return next((verdict for verdict in order if verdict in verdicts), "none")


def _verdict(result: Result) -> str:
    word = _OTHER_WORDS.get(result.verdict, result.verdict)
    return word if word in _VERDICTS else "neutral"


def _mail_from(result: Result) -> str:
    said = result.properties.get("smtp.mailfrom") or result.properties.get("smtp.helo", "")
    return said.lower().rpartition("@")[2]


def _signer(result: Result) -> str:
    """Nobody where the two names of the signer contradict each other: a sender chooses parts of what a server writes here."""
    domain = result.properties.get("header.d", "").lower()
    identity = result.properties.get("header.i", "").lower().rpartition("@")[2]
    is_one = not domain or not identity or f".{identity}".endswith(f".{domain}")
    return (domain or identity) if is_one else ""
