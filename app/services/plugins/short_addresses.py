"""Short addresses of plugins' pages: one word leads to one path of one plugin."""

import re

from sqlalchemy import delete, select

from app.models import ShortAddress
from app.services.core import Core, writing
from app.services.counting import upsert

__all__ = ["drop_short_address", "put_short_address", "target_of"]

_WORD = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?\Z")
_LONGEST_PATH = 300


def put_short_address(core: Core, plugin: str, word: str, path: str) -> None:
    """Have `word` lead to `path` below the plugin's address. Raises ValueError when it leads elsewhere already or is no word."""
    if not isinstance(word, str) or not _WORD.match(word):
        raise ValueError(f"{word!r:.80} is no word of small letters, digits and dashes, 1 to 60 of them.")
    if len(path) > _LONGEST_PATH:
        raise ValueError(f"A path of more than {_LONGEST_PATH} characters cannot have a short address.")
    if target_of(core, word) == (plugin, path):
        return
    with writing(core) as unit:
        new = upsert(unit.connection)(ShortAddress.__table__).values(
            word=word, plugin=plugin, path=path, created_at=unit.now
        )
        unit.connection.execute(new.on_conflict_do_nothing(index_elements=["word"]))
        row = unit.session.get_one(ShortAddress, word)
        if (row.plugin, row.path) != (plugin, path):
            raise ValueError(f"The short address {word!r} is taken.")


def drop_short_address(core: Core, plugin: str, word: str) -> None:
    """Forget a short address of the plugin. Nothing happens when it has none of this word."""
    with writing(core) as unit:
        unit.connection.execute(delete(ShortAddress).where(ShortAddress.word == word, ShortAddress.plugin == plugin))


def target_of(core: Core, word: str) -> tuple[str, str] | None:
    """(plugin, path) that a word leads to; None when nobody has taken it, and for what is no word."""
    if not _WORD.match(word):
        return None
    row = core.session.execute(select(ShortAddress.plugin, ShortAddress.path).where(ShortAddress.word == word)).first()
    return (row.plugin, row.path) if row else None
