"""What people read: the README's sections, and translations that are whole."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import PoFileError, read_po

from app import extraction
from app.plugin_check.report import Finding, error, warning
from app.plugin_check.source import Source

__all__ = ["LANGUAGES", "check_readme", "check_translations", "languages_of", "visible_texts"]

README = "README.md"
FEWEST_WORDS = 50
SECTIONS = ("Limits", "Trouble", "Remove it")
SECTIONS_OF_A_CHANNEL = ("Connect it", "Settings", "How often it syncs", *SECTIONS)

CORE = Path(extraction.__file__).parent / "translations"
LANGUAGES = tuple(sorted(path.parent.parent.name for path in CORE.glob("*/LC_MESSAGES/messages.po")))
"""Those that Tidings speaks besides English."""

_METHODS: list[tuple[str, Any]] = [
    ("tests/**", "ignore"),
    ("build/**", "ignore"),
    ("**.py", extraction.extract),
    ("manifest.toml", extraction.extract_manifest),
    ("t*/**.html", "jinja2"),
    ("t*/**.txt", "jinja2"),
]
_KEYWORDS: dict[str, Any] = {"_": None, "gettext": None, "ngettext": (1, 2), "translatable": None}


def check_readme(source: Source) -> Iterator[Finding]:
    if source.is_file:
        text = "A plugin that is one file has no README and reaches no tier."
        yield warning(source.card, 0, "readme", text, "Make it a folder when others are to use it.")
        return
    path = source.folder / README
    if not path.is_file():
        yield error(README, 0, "readme", "There is none.", "Say what it does, how to connect it and how to remove it.")
        return
    text = path.read_text(encoding="utf-8", errors="replace")
    if not text.startswith("# "):
        yield warning(README, 1, "readme", "It does not begin with a heading.", "Begin with `# ` and the title.")
    if len(text.split()) < FEWEST_WORDS:
        yield warning(README, 0, "readme", f"It has fewer than {FEWEST_WORDS} words.", "Tell an admin what to expect.")
    present = set(re.findall(r"^## (.+?)\s*$", text, re.MULTILINE))
    for section in SECTIONS_OF_A_CHANNEL if source.kind == "channel" else SECTIONS:
        if section not in present:
            yield warning(README, 0, "readme", f"The section “{section}” is missing.", f"Add `## {section}`.")


def check_translations(source: Source) -> Iterator[Finding]:
    """Every catalogue that is there holds every text, translated. Which languages there are is the author's choice."""
    if source.is_file or source.findings:
        return  # what is no Python cannot be searched for texts
    languages = languages_of(source)
    texts = visible_texts(source) if languages else []
    for language, path in languages.items():
        below = source.below(path)
        try:
            with path.open("rb") as file:
                catalogue = read_po(file, locale=language)
        except (PoFileError, ValueError, OSError) as problem:
            yield warning(below, 0, "translations", f"It cannot be read: {problem}.", "Make it anew with pybabel.")
            continue
        lacking = [text for text in texts if not _is_translated(catalogue, text)]
        if lacking:
            example = lacking[0] if isinstance(lacking[0], str) else lacking[0][0]
            text = f"{len(lacking)} texts are not translated, such as “{example[:60]}”."
            yield warning(below, 0, "translations", text, "Run `pybabel update`, then translate them.")


def visible_texts(source: Source) -> list[str | tuple[str, ...]]:
    """What the plugin shows, as Babel finds it; texts with plural forms as tuples."""
    found = extract_from_dir(source.folder, _METHODS, {"**": {"encoding": "utf-8"}}, _KEYWORDS)
    return sorted({text for _, _, text, _, _ in found}, key=str)


def languages_of(source: Source) -> dict[str, Path]:
    """Language to the catalogue of it."""
    return {path.parent.parent.name: path for path in source.files("translations/*/LC_MESSAGES/messages.po")}


def _is_translated(catalogue: Catalog, text: str | tuple[str, ...]) -> bool:
    message = catalogue.get(text[0] if isinstance(text, tuple) else text)
    if message is None or message.fuzzy:
        return False
    forms = message.string if isinstance(message.string, list | tuple) else [message.string]
    return bool(forms) and all((form or "").strip() for form in forms)
