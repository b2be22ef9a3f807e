"""What tests a shipped channel through the whole installation stands beside its folder and goes with it: where the folder was deleted,
these files are not collected. The core's own tests need `echo`, `mailbox` and `webform`. Here also stands which tests stay together when
several processes share the work."""

from pathlib import Path
from typing import Any

import pytest

PLUGINS = Path(__file__).parents[1] / "plugins"

GOES_WITH = {
    "facebook": ["e2e/test_facebook_walk.py", "integration/meta/test_facebook_*.py"],
    "gmail": ["e2e/test_gmail_walk.py", "integration/gmail/test_*.py"],
    "instagram": ["integration/meta/test_instagram.py"],
    "spamfilter": ["integration/spamfilter/test_*.py"],
    "twitter": ["e2e/test_twitter_walk.py", "integration/twitter/test_*.py"],
    "voip": ["e2e/test_sip_walk.py", "e2e/test_telephone_walk.py", "integration/voip/test_*.py"],
    "whatsapp": ["integration/meta/test_whatsapp.py"],
}
"""Name of a plugin to the files of tests, below this folder, that need it."""

collect_ignore_glob = [
    pattern for name, patterns in GOES_WITH.items() if not (PLUGINS / name).is_dir() for pattern in patterns
]

TOGETHER = {
    "tests/architecture/test_size_budget.py",
    "tests/architecture/test_translations.py",
    "tests/e2e/test_accessibility.py",
    "tests/integration/hostile/test_hostile_plugins.py",
}
"""Files whose tests share what is dear to make, so that one process runs them all."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """In place of pytest-xdist's marks of groups, which pytest 9.2 passes over (https://github.com/pytest-dev/pytest-xdist/issues/1386)."""
    if config.getvalue("dist") != "loadgroup":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class TogetherScheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.split("::", 1)[0]
            return file if file in TOGETHER else nodeid

    return TogetherScheduling(config, log)
