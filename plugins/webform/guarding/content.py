"""The rules about what a message says. Each that fits adds its weight, so that one careless habit is not enough.

No language is held against anyone, and what customers do is left alone: naming pages of the site, writing in capitals, being angry.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from plugins.webform.guarding.disposable import is_disposable
from plugins.webform.guarding.letters import decorated_count, mixed_words, script_of, usual_share
from plugins.webform.guarding.links import (
    CODE,
    LINK,
    foreign_links,
    has_bare_domain,
    hidden_links,
    leads_somewhere,
    links_in,
    names_own_site,
    without_links,
)
from plugins.webform.guarding.phrases import found_in, lists_in
from plugins.webform.guarding.signals import is_injection
from tidings import InboundMessage, translatable

__all__ = ["RULES", "Reading", "Rule"]

_MARKUP = re.compile(r"<a\s[^<>]{0,300}?href\s?=\s?[\"']?\s?https?:|\[url[=\]]|\[link[=\]]", re.IGNORECASE)
_INNER_CAPITAL = re.compile(r"[a-z][A-Z]")
_ONE_WORD = re.compile(r"[A-Za-z]{8,40}")
_BCC = re.compile(r"^[^\S\n]*+bcc:\s{0,20}\S+@\S", re.IGNORECASE | re.MULTILINE)
_MIME = re.compile(r"^[^\S\n]*+(?:mime-version|content-type|content-transfer-encoding):", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_HANDLE = re.compile(
    r"(?:telegram|whats ?app|signal|wechat|skype|viber|(?:телеграм|вотсап|ватсап)\w{0,5}|微信|qq)"
    r"\W{0,3}(?:\w{1,20}\W{1,3}){0,2}?[@+]?[\w.-]{0,30}\d{3}|@\w{4,}",
    re.IGNORECASE,
)
_PROBE = re.compile(
    r"\bunion\s+(?:all\s+)?select\b|\bor\s+'?1'?\s*=\s*'?1|\b(?:pg_)?sleep\(\d|\bwaitfor\s+delay\b|\bjndi:\w|\{\{\s*\d+\s*\*\s*\d+|/etc/passwd\b"
    r"|<(?:script|iframe|img|svg|object|embed)\b|\bon(?:error|load|click)\s*=|\bjavascript:|<\?php|<%|\$\{|#set\(|\bdrop\s+table\b|\.\./\.\./",
    re.IGNORECASE,
)
_PLAIN_WORD = re.compile(r"(?<![\w./<=\"'_-])[^\W\d_]{2,}(?![\w/=(_>-])")
_FEW_BESIDE_CODE = 6
_WALLET = re.compile(
    r"\b(?:bc1[a-z0-9]{20,80}|0x[0-9a-fA-F]{40}|T[1-9A-HJ-NP-Za-km-z]{33}|[13][1-9A-HJ-NP-Za-km-z]{25,33})\b"
)
"""Where coins go to: Bitcoin, Ethereum, Tron."""
_FEW_WORDS = 30
_QUESTION_MARKS = "?;؟？"
"""The second is the Greek one."""
_SCRIPT_OF_LANGUAGE = {
    "ru": "CYRILLIC", "uk": "CYRILLIC", "be": "CYRILLIC", "bg": "CYRILLIC", "sr": "CYRILLIC", "mk": "CYRILLIC", "kk": "CYRILLIC",
    "el": "GREEK", "zh": "HAN", "ja": "HAN", "ko": "HANGUL", "ar": "ARABIC", "fa": "ARABIC", "ur": "ARABIC", "he": "HEBREW", "th": "THAI",
    "hi": "DEVANAGARI",
}  # fmt: skip


@dataclass(frozen=True)
class Reading:
    """A message as the rules look at it. `fine_words` are words of the owner's own business, which are held against nobody."""

    message: InboundMessage
    fine_words: tuple[str, ...] = ()

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """What the visitor wrote, field by field, the name first; nothing about where and how it was sent."""
        said = self.message
        return tuple(filter(None, (said.sender.name, said.subject, said.text, *said.answers.values())))

    @cached_property
    def all(self) -> str:
        return "\n".join(self.texts)

    @cached_property
    def said(self) -> str:
        """All of it but the name."""
        return "\n".join(self.texts[1:] if self.message.sender.name else self.texts)

    @cached_property
    def links(self) -> Sequence[str]:
        """Links that lead away from the site of the form, those of the text first."""
        return foreign_links(self.message, CODE.sub("", self.message.text))

    @cached_property
    def topics(self) -> frozenset[str]:
        """Each once, whatever stands around it ("seo" in "seo services")."""
        found = found_in(self.all, "topics", without=self.fine_words)
        return frozenset(one for one in found if not any(one != other and one.strip() in other for other in found))

    @cached_property
    def threats(self) -> frozenset[str]:
        """Only beside a link: without one it may be an angry customer."""
        return found_in(self.all, "threats", without=self.fine_words) if self.links else frozenset()

    @cached_property
    def pitch(self) -> int:
        """How many parts of a letter to strangers it has; each thing that customers say takes one off."""
        parts = len(lists_in(self.said, "pitch")) + names_own_site(self.message, self.said)
        return max(0, parts - self.custom)

    @cached_property
    def custom(self) -> int:
        """How much it sounds like somebody who has bought something or wants to."""
        return min(2, len(found_in(without_links(self.said), "customers")))

    @cached_property
    def share_of_usual_pairs(self) -> float:
        share = usual_share(without_links(self.message.text))
        return share if share < 1 else usual_share(without_links(self.all))


@dataclass(frozen=True, slots=True)
class Rule:
    """`finds` gets a reading and says how often the rule fits; `weight` counts for each time, at most `most` times. `reason` is what
    agents read, in English here."""

    reason: str
    weight: float
    finds: Callable[[Reading], int]
    most: int = 1


# ---- links
def _link_in_name(read: Reading) -> int:
    return len(links_in(read.message.sender.name))


def _site_in_name(read: Reading) -> int:
    return int(has_bare_domain(read.message.sender.name))


def _link_in_subject(read: Reading) -> int:
    subject = read.message.subject
    return 0 if subject.rstrip("…") in read.message.text else len(links_in(subject))


def _link_markup(read: Reading) -> int:
    return len(_MARKUP.findall(CODE.sub("", read.message.text)))


def _nothing_but_links(read: Reading) -> int:
    return int(bool(read.links) and len(LINK.sub("", read.message.text).split()) <= 2)


def _has_link(read: Reading) -> int:
    return int(bool(read.links))


def _strange_link(read: Reading) -> int:
    """Whether it leads away from the site of the form, where that is known."""
    return int(bool(read.message.fields.get("Page")) and _unexplained_link(read))


def _unexplained_link(read: Reading) -> bool:
    """Customers who send one say what it has to do with what they bought or want, or show pictures."""
    return leads_somewhere(read.links) and (not read.custom or hidden_links(read.links) > 0)


def _hidden_links(read: Reading) -> int:
    return hidden_links(read.links)


# ---- words
def _topics(read: Reading) -> int:
    """Customers may well write about one or two of them."""
    return max(0, len(read.topics) - read.custom)


def _threats(read: Reading) -> int:
    return len(read.threats)


def _pitch(read: Reading) -> int:
    """One part says nothing, unless it comes with a link or the name of the site, as programs fill it in."""
    is_aimed = leads_somewhere(read.links) or names_own_site(read.message, read.said)
    return read.pitch if is_aimed else max(0, read.pitch - 1)


def _calls(read: Reading) -> int:
    """Ways of selling; they say nothing by themselves, nor of a customer who mentions one such thing."""
    is_told = len(read.topics) > read.custom or read.threats or hidden_links(read.links)
    return len(found_in(read.said, "calls")) if is_told else 0


def _targets(read: Reading) -> int:
    return int(bool(read.topics and not read.custom and found_in(read.said, "targets")))


def _named_site(read: Reading) -> int:
    return int(bool(read.topics) and not read.links and has_bare_domain(read.said))


def _praise_and_link(read: Reading) -> int:
    """The more of it, the less it is meant."""
    return len(found_in(read.said, "praise")) if leads_somewhere(read.links) and not read.custom else 0


def _praise_alone(read: Reading) -> int:
    """No reason by itself; but then the same from others is looked for."""
    return int(not read.links and not read.custom and len(found_in(read.said, "praise")) >= 2)


def _little_around_link(read: Reading) -> int:
    """A link, a few words, and nothing asked; who hides where a link leads asks, too. Pictures and files of customers lie on sites where
    everybody may leave some."""
    if not _unexplained_link(read):
        return 0
    text = without_links(read.said)
    is_asking = any(mark in text for mark in _QUESTION_MARKS) and not hidden_links(read.links)
    return int(len(text.split()) <= _FEW_WORDS and not is_asking)


def _answered_elsewhere(read: Reading) -> int:
    """Names a messenger with whom to write to there, or a mail address that is not the sender's."""
    if not (read.topics or read.threats or read.pitch):
        return 0
    others = {found.casefold() for found in _ADDRESS.findall(read.said)} - {read.message.sender.value.casefold()}
    return int(bool(others) or bool(_HANDLE.search(read.said)))


# ---- letters
def _random_letters(read: Reading) -> int:
    """Most words have capitals strewn through them ("hRtQvLmKs"): the mark of programs that probe forms. Code has other words between."""
    words = without_links(read.message.text).split()
    return int(2 * sum(map(_is_random, words)) > len(words))


def _random_name(read: Reading) -> int:
    name = read.message.sender.name
    return int(_is_random(name) or usual_share(name, least=6) < 0.6)


def _is_random(text: str) -> bool:
    return bool(_ONE_WORD.fullmatch(text)) and len(_INNER_CAPITAL.findall(text)) >= 2


def _no_language(read: Reading) -> int:
    return int(read.share_of_usual_pairs < 0.66)


def _hardly_language(read: Reading) -> int:
    return int(0.66 <= read.share_of_usual_pairs < 0.75)


def _mixed_alphabets(read: Reading) -> int:
    return len(set(mixed_words(read.all)))


def _decorated(read: Reading) -> int:
    return int(decorated_count(read.all) >= 3)


def _other_script(read: Reading) -> int:
    """A link, and a script that the visitor's browser does not ask for. Without a link people may write as they like."""
    language = read.message.fields.get("Language", "")[:2].casefold()
    script = script_of(read.said)
    is_other = bool(language and script) and script not in ("LATIN", _SCRIPT_OF_LANGUAGE.get(language, "LATIN"))
    return int(is_other and bool(read.links or has_bare_domain(read.said)))


# ---- how it was filled in
def _all_the_same(read: Reading) -> int:
    values = [text.strip().casefold() for text in read.texts]
    return int(len(values) >= 3 and len(set(values)) == 1)


def _name_is_message(read: Reading) -> int:
    name = read.message.sender.name.strip().casefold()
    return int(len(name) > 2 and name == read.message.text.strip().casefold())


def _injection(read: Reading) -> int:
    one_line = (read.message.sender.name, read.message.sender.value, read.message.subject)
    return int(is_injection(one_line) or is_injection([re.sub(r"[\r\n]", " ", read.message.text)]))


def _mail_headers(read: Reading) -> int:
    """ "Bcc:" with an address on a line of its own; the headers of a mail that somebody asks about have none."""
    return int(bool(_BCC.search(read.message.text))) * (2 if _MIME.search(read.message.text) else 1)


def _probe(read: Reading) -> int:
    """Code that tries for a weakness, and hardly a word beside it: who reports a fault explains it."""
    found = _PROBE.search(read.message.text)
    return int(bool(found) and len(_PLAIN_WORD.findall(without_links(read.message.text))) <= _FEW_BESIDE_CODE)


def _wallet(read: Reading) -> int:
    return int(bool(_WALLET.search(read.message.text)))


def _thrown_away(read: Reading) -> int:
    return int(is_disposable(read.message.sender.value))


RULES = (
    Rule(translatable("a link in the name"), 1.0, _link_in_name),
    Rule(translatable("a site in the name"), 0.5, _site_in_name),
    Rule(translatable("a link in the subject"), 1.0, _link_in_subject),
    Rule(translatable("links written as code"), 1.0, _link_markup),
    Rule(translatable("nothing but links"), 0.4, _nothing_but_links),
    Rule(translatable("a link that hides where it leads"), 0.4, _hidden_links, most=2),
    Rule(translatable("words of mass advertising"), 0.4, _topics, most=4),
    Rule(translatable("written like a letter to strangers"), 0.34, _pitch, most=6),
    Rule(translatable("words that threaten, with a link"), 0.5, _threats, most=2),
    Rule(translatable("words that sell"), 0.3, _calls, most=2),
    Rule(translatable("an offer for your site"), 0.3, _targets),
    Rule(translatable("a site to visit"), 0.3, _named_site),
    Rule(translatable("to be answered elsewhere"), 0.3, _answered_elsewhere),
    Rule(translatable("praise and a link"), 0.35, _praise_and_link, most=3),
    Rule(translatable("praise that would fit any page"), 0.4, _praise_alone),
    Rule(translatable("little more than a link"), 0.45, _little_around_link),
    Rule(translatable("random letters"), 0.8, _random_letters),
    Rule(translatable("random letters as a name"), 0.4, _random_name),
    Rule(translatable("text in no language"), 1.0, _no_language),
    Rule(translatable("text in hardly any language"), 0.6, _hardly_language),
    Rule(translatable("letters of two alphabets in one word"), 0.6, _mixed_alphabets, most=2),
    Rule(translatable("letters dressed up as signs"), 0.6, _decorated),
    Rule(translatable("a link in another script than the browser's"), 0.3, _other_script),
    Rule(translatable("the same in all fields"), 1.0, _all_the_same),
    Rule(translatable("the name as message"), 0.7, _name_is_message),
    Rule(translatable("an attempt to send mail through the form"), 1.0, _injection),
    Rule(translatable("headers of a mail"), 0.7, _mail_headers, most=2),
    Rule(translatable("an attempt to break in"), 1.0, _probe),
    Rule(translatable("an address to send coins to"), 0.6, _wallet),
    Rule(translatable("a throw-away address"), 0.4, _thrown_away),
    Rule(translatable("a link that no customer would send"), 0.2, _strange_link),
    Rule(translatable("a link"), 0.3, _has_link),
)
