"""What tests a shipped channel through the whole installation stands beside its folder and goes with it: where the folder was deleted,
these files are not collected. The core's own tests need `echo`, `mailbox` and `webform`."""

from pathlib import Path

PLUGINS = Path(__file__).parents[1] / "plugins"

GOES_WITH = {
    "facebook": ["e2e/test_facebook_walk.py", "integration/meta/test_facebook_*.py"],
    "gmail": ["e2e/test_gmail_walk.py", "integration/gmail/test_*.py"],
    "instagram": ["integration/meta/test_instagram.py"],
    "twitter": ["e2e/test_twitter_walk.py", "integration/twitter/test_*.py"],
    "voip": ["e2e/test_sip_walk.py", "e2e/test_telephone_walk.py", "integration/voip/test_*.py"],
    "whatsapp": ["integration/meta/test_whatsapp.py"],
}
"""Name of a plugin to the files of tests, below this folder, that need it."""

collect_ignore_glob = [
    pattern for name, patterns in GOES_WITH.items() if not (PLUGINS / name).is_dir() for pattern in patterns
]
