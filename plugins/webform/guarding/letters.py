"""What letters give away: text that is no language, words with letters of two alphabets, letters that only look like letters."""

import re
import unicodedata
from functools import lru_cache

__all__ = ["decorated_count", "folded", "mixed_words", "script_of", "usual_share"]

_LOOK_ALIKES = dict(
    zip(
        "асеорхуіјѕкмтнвԁԛԝһɡАВЕКМНОРСТХУІЈЅαοενικρτυχκΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
        "aceopxyijskmthbdqwhgABEKMHOPCTXYIJSaoevikptuxkABEZHIKMNOPTYX",
        strict=True,
    )
)
"""Letters of Cyrillic and Greek, and the Latin ones they look like."""
_TO_LATIN = str.maketrans(_LOOK_ALIKES)
_WORD = re.compile(r"[^\W\d_]{3,}")
_DECLINED = re.compile(r"[A-Z]{2,}[\u03b1-\u03ce\u0430-\u0451]{1,4}")
"""An abbreviation with the ending of another language."""
_HIDDEN = re.compile(r"(?<=[A-Za-zА-Яа-яΑ-ω])[\u00ad\u200b\u2060\u2061\u2062\u2063\ufeff]+(?=[A-Za-zА-Яа-яΑ-ω])")
_DECORATED = re.compile(r"[\U0001d400-\U0001d7ff\uff21-\uff3a\uff41-\uff5a\u24b6-\u24e9\U0001f130-\U0001f189]")
_SCRIPTS = (
    ("LATIN", re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")),
    ("CYRILLIC", re.compile(r"[\u0400-\u052f]")),
    ("GREEK", re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]")),
    ("HAN", re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")),
    ("HANGUL", re.compile(r"[\uac00-\ud7af]")),
    ("ARABIC", re.compile(r"[\u0600-\u06ff\u0750-\u077f]")),
    ("HEBREW", re.compile(r"[\u0590-\u05ff]")),
    ("THAI", re.compile(r"[\u0e00-\u0e7f]")),
    ("DEVANAGARI", re.compile(r"[\u0900-\u097f]")),
)

_PAIRS = """
a:abcdfghijklmnoprstuvwyz b:aeiloruy c:acehiklorstuz d:adeilnorsuz e:abcdefghijklmnoprstuvwxyz f:aefiortu g:aeghilnorstuy
h:aeiortu i:abcdefgijklmnopqrstuvz j:aeiou k:aeiklorstuy l:adegijklmnostuy m:abeimopu n:acdefghijknostuvy
o:abcdefghijklmnoprstuvwz p:aceiloprstu q:u r:abcdeghiklmnorstuvyz s:acehiklmnopstuwyz t:aehiklnorstuy u:abcdegijklmnoprstvz
v:aeinory w:aeioy x:it y:acelmopst z:aeinouy
"""
"""The 320 commonest pairs of letters in the texts of sixteen European languages: what may follow each letter, accents left out."""
_USUAL_PAIRS = frozenset(row[0] + second for row in _PAIRS.split() for second in row[2:])
_LEAST_PAIRS = 10
_LATIN_WORD = re.compile(r"[a-z]{3,}")


@lru_cache(maxsize=8)
def folded(text: str) -> str:
    """Text as phrases are looked for in it: without capitals, accents, hidden characters, decorations and borrowed look-alikes."""
    shown = _HIDDEN.sub("", unicodedata.normalize("NFKC", text))
    for word in set(mixed_words(shown)):
        shown = shown.replace(word, word.translate(_TO_LATIN))
    parts = unicodedata.normalize("NFKD", shown.casefold().replace("’", "'"))
    return " ".join("".join(c for c in parts if not unicodedata.combining(c)).split())


def mixed_words(text: str) -> list[str]:
    """Words in which letters of another alphabet take the place of Latin ones they look like, or the other way round ("Сasino").

    "iPhone'ом" and "PDFка" are none: their endings do not look like Latin letters.
    """
    return [word for word in _WORD.findall(text) if _is_mixed(word)]


def script_of(text: str) -> str:
    """The alphabet that most letters belong to ("LATIN", "CYRILLIC", "HAN" …), or an empty string."""
    counts = {name: len(pattern.findall(text)) for name, pattern in _SCRIPTS}
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else ""


def decorated_count(text: str) -> int:
    """How many characters are letters dressed up as signs ("𝗕𝘂𝘆"), or hidden inside of words."""
    return len(_DECORATED.findall(text)) + len(_HIDDEN.findall(text))


def usual_share(text: str, *, least: int = _LEAST_PAIRS) -> float:
    """How many of the pairs of letters in Latin words are usual ones: 0.9 and more in nearly every language, about a half in letters at
    random. 1.0 where there are fewer than `least`, too few to tell."""
    pairs = [word[at : at + 2] for word in _LATIN_WORD.findall(folded(text)) for at in range(len(word) - 1)]
    if len(pairs) < least:
        return 1.0
    return sum(pair in _USUAL_PAIRS for pair in pairs) / len(pairs)


def _is_mixed(word: str) -> bool:
    latin = [c for c in word if "a" <= c.lower() <= "z"]
    others = [c for c in word if "\u0370" <= c <= "\u052f"]
    if not latin or not others or _DECLINED.fullmatch(word):
        return False
    fewer = others if len(others) <= len(latin) else latin
    if fewer is others:
        return all(c in _LOOK_ALIKES for c in others)
    return len(latin) < len(others) and all(c in _LOOK_ALIKES.values() for c in latin)
