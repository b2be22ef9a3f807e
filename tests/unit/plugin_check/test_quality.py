"""Promises about README, translations and the quality list: what the files deny is not taken on trust, and tiers follow from it."""

import re

import pytest

from app.plugin_check import Level, Tier, check_plugin
from app.plugin_check.source import SHIPPED
from tests.unit.plugin_check.folders import add, change, found


def test_the_readme_has_its_sections(folder):
    change(folder, "README.md", "## Trouble", "## Problems")
    (finding,) = found(folder, "readme")
    assert "“Trouble”" in finding.text
    report = check_plugin(folder)
    assert (report.tier, report.lacking) == (Tier.NONE, ("readme",))


def test_a_plugin_without_a_readme_is_not_sound(folder):
    (folder / "README.md").unlink()
    assert found(folder, "readme")[0].level is Level.ERROR


PO = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Number"\nmsgstr "{0}"\n'


def test_a_catalogue_that_is_there_must_be_whole(folder):
    add(folder, "translations/de/LC_MESSAGES/messages.po", PO.format("Nummer"))
    (finding,) = found(folder, "translations")
    assert finding.path == "translations/de/LC_MESSAGES/messages.po"
    assert re.match(r"\d+ texts are not translated", finding.text)


@pytest.mark.parametrize(
    ("old", "new", "level", "text"),
    [
        ('readme = "done"', 'readme = "exempt: short of time"', Level.ERROR, "Nobody is exempt from readme"),
        ('contract = "done"', 'contract = "maybe"', Level.ERROR, "must be “done”, “todo” or “exempt: reason”"),
        ('contract = "done"', 'contract = "exempt: "', Level.ERROR, "must be “done”, “todo” or “exempt: reason”"),
        ('contract = "done"', 'contract = "done"\nbeauty = "done"', Level.WARNING, "no rule beauty"),
        ('translations = "todo"', 'translations = "done"', Level.WARNING, "translations is said to be done, but"),
        ("contract =", "contract", Level.ERROR, "not valid TOML"),
    ],
)
def test_the_quality_list_is_not_taken_on_trust(folder, old, new, level, text):
    change(folder, "quality.toml", old, new)
    assert any(text in one.text and one.level is level for one in found(folder, "quality"))


EMPTY = "from tidings.testing import ChannelContract\n\n\nclass TestPager(ChannelContract):\n    pass\n"
FILE = "tests/test_contract.py"
NOT_DONE = {
    "ChannelContract is only named": "from tidings.testing import ChannelContract  # to be used\n",
    "ChannelContract is only in a text": '"""Not over ChannelContract yet."""\n\n\nclass TestPager:\n    pass\n',
    "the class is empty": EMPTY,
    "pytest does not collect it": ("class TestPager(", "class PagerPromises("),
    "there is no account": ("def create_account(", "def make_account("),
    "nothing arrives": ("def sample_events(", "def events("),
    "nothing waits": ("def arrive(", "def come("),
    "nobody answers": ("def prepare_provider(", "def provide("),
    "it is about another plugin": ('plugin = "tidings_plugin_pager"', 'plugin = "plugins.echo"'),
    "it is about another class": ("channel_class = PagerChannel", "channel_class = EchoChannel"),
}


@pytest.mark.parametrize("what", NOT_DONE)
def test_a_contract_that_is_only_begun_is_not_done(folder, what):
    spoilt = NOT_DONE[what]
    if isinstance(spoilt, str):
        add(folder, FILE, spoilt)
    else:
        change(folder, FILE, *spoilt)
    (finding,) = found(folder, "quality")
    assert finding.text.startswith("contract is said to be done, but ")
    assert check_plugin(folder).tier is Tier.NONE


def test_the_reason_says_what_is_missing(folder):
    add(folder, FILE, EMPTY)
    (finding,) = found(folder, "quality")
    for name in ("plugin", "channel_class", "create_account", "sample_events", "arrive", "prepare_provider"):
        assert name in finding.text


def test_a_contract_may_share_its_parts_with_a_class_in_between(folder):
    text = (folder / FILE).read_text(encoding="utf-8")
    begun = text.replace("class TestPager(ChannelContract):", "class Shared(ChannelContract):")
    add(folder, FILE, begun + "\n\nclass TestPager(Shared):\n    recipient = '+49305555'\n")
    assert not found(folder, "quality")


@pytest.mark.parametrize("place", [path.parent.parent for path in SHIPPED.glob("*/tests/test_contract.py")], ids=str)
def test_the_contract_of_shipped_channels_is_done(place):
    assert not [one for one in found(place, "quality") if "contract" in one.text]


def test_a_rule_that_is_not_kept_holds_the_plugin_at_the_tier_below(folder):
    change(folder, "quality.toml", 'errors_translated = "done"', 'errors_translated = "todo"')
    report = check_plugin(folder)
    assert (report.tier, report.lacking) == (Tier.BRONZE, ("errors_translated",))


def test_gold_has_every_language_and_no_warning(folder, monkeypatch):
    change(folder, "quality.toml", 'translations = "todo"', 'translations = "exempt: only for a shop in Ulm"')
    assert check_plugin(folder).tier is Tier.GOLD
    add(folder, "more.py", "print()\n")
    report = check_plugin(folder)
    assert (report.tier, report.lacking) == (Tier.SILVER, ("no warnings",))
