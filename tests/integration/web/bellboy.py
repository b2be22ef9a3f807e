"""The sample channel "bellboy", switched on, with an account and what it takes to write to it."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

from app.plugin_api.host import Received
from app.plugin_api.messages import RawEvent
from app.plugin_host import discover
from app.services.core import Core
from app.services.intake import receive

_FOLDER = str(Path(__file__).parents[2] / "sample_plugins")


class Bellboy:
    """The plugin as tests tell it what to say, and read what it was told."""

    def __init__(self, core: Core, account_id: int) -> None:
        self.core, self.account_id = core, account_id
        self.store = core.plugins.channels["bellboy"]._host.store

    def says(self, **rules: Any) -> None:
        """What `reply_rules` answers from now on, as fields of `ReplyRules`."""
        self.store.set("rules", rules)

    def brings(self, text: str = "Please wake me.", room: str = "12", key: str = "note-1", **more: Any) -> Received:
        """A note arrives."""
        note = {"id": key, "room": room, "text": text, "at": self.core.clock.now().isoformat(), "name": "Ada", **more}
        return receive(self.core, self.account_id, RawEvent(json.dumps(note).encode(), source_key=key))


@contextmanager
def bellboy_plugin(core: Core, create_account: Callable[..., int]) -> Iterator[Bellboy]:
    """The plugin runs for as long as the block does."""
    sys.path.insert(0, _FOLDER)
    found = [*discover(), *discover([EntryPoint("bellboy", "bellboy", "tidings.plugins")])]
    core.plugins._find = lambda: found
    core.plugins.start()
    core.plugins.activate("bellboy")
    try:
        yield Bellboy(core, create_account("bellboy", name="Front desk"))
    finally:
        sys.path.remove(_FOLDER)
