"""Promises of `tidings plugin check`: what is sound passes, and each thing that is wrong is named with its place and what to do."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from app.cli.plugin_check import check_plugin_folder
from app.plugin_check import RULES, Level, Tier, badge_svg, check_plugin
from tests.unit.plugin_check.folders import add, change, found

ROOT = Path(__file__).parents[3]
SHIPPED = sorted(path.parent for path in (ROOT / "plugins").glob("*/manifest.toml"))


@pytest.mark.parametrize("folder", SHIPPED, ids=[path.name for path in SHIPPED])
def test_every_shipped_plugin_is_at_least_silver(folder):
    report = check_plugin(folder)
    told = [f"{one.place}: {one.text}" for one in report.findings]
    assert not [one for one in report.findings if one.level is Level.ERROR], told
    assert report.tier in (Tier.SILVER, Tier.GOLD), (told, report.lacking)


def test_a_new_plugin_has_no_finding_and_is_silver(folder):
    report = check_plugin(folder)
    assert not report.findings
    assert (report.tier, report.lacking) == (Tier.SILVER, ("translations",))


def test_the_check_imports_nothing_of_the_plugin(folder):
    add(folder, "loud.py", "raise SystemExit('imported')\n")
    assert check_plugin(folder).findings


@pytest.mark.parametrize(
    ("name", "old", "new", "rule", "text"),
    [
        ("manifest.toml", 'name = "pager"', "name = 'Pager'", "manifest", "`name` must be"),
        ("manifest.toml", 'kind = "channel"', 'kind = "gadget"', "manifest", "`kind` must be"),
        ("manifest.toml", 'name = "pager"', 'name = "beeper"', "names", "the manifest says beeper"),
        ("manifest.toml", 'api = "3"', 'api = "9"', "manifest", "not made for version 3"),
        ("manifest.toml", 'capabilities = ["fetch", "webhook", "send", "begin"]', "", "manifest", "can do nothing"),
        ("pyproject.toml", 'pager = "tidings_plugin_pager"', 'beeper = "x"', "names", "entry point is called beeper"),
        ("pyproject.toml", '"tidings.plugins"', '"other.plugins"', "names", "no entry point"),
    ],
)
def test_a_wrong_name_or_card_is_an_error(folder, name, old, new, rule, text):
    change(folder, name, old, new)
    findings = found(folder, rule)
    assert any(text in one.text and one.level is Level.ERROR for one in findings), findings
    assert check_plugin(folder).tier is Tier.NONE


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("templates/other/page.html", "x", "templates/other"),
        ("static/page.css", "x", "static/page.css"),
        ("models.py", 'from sqlalchemy import Table\nT = Table("letters")\n', "models.py:2"),
        ("models.py", 'import sqlalchemy as sa\nT = sa.table("message", sa.column("id"))\n', "models.py:2"),
        ("models.py", 'class Letter:\n    __tablename__ = "letters"\n', "models.py:2"),
        (
            "migrations/versions/1.py",
            'def upgrade(op):\n    op.create_table("letters")\n',
            "migrations/versions/1.py:2",
        ),
    ],
)
def test_what_stands_under_another_name_is_an_error(folder, name, text, place):
    add(folder, name, text)
    assert [one.place for one in found(folder, "names")] == [place]


def test_tables_of_its_own_name_are_sound(folder):
    add(folder, "migrations/versions/1.py", 'def upgrade(op):\n    op.create_table("plugin_pager_letters")\n')
    assert not found(folder, "names")


@pytest.mark.parametrize("name", ["forms", "email"])
def test_a_module_that_hides_another_one_is_a_warning(folder, name):
    add(folder, f"{name}.py", '"""."""\n')
    (finding,) = found(folder, "names")
    assert (finding.level, finding.path) == (Level.WARNING, f"{name}.py")


ONE_FILE = '''# /// tidings
# name = "hello"
# title = "Hello"
# summary = "Says hello."
# kind = "panel"
# version = "1"
# api = "2"
# owner = "Ada"
# ///
"""Hello."""

from tidings import Panel, hookimpl


@hookimpl
def dashboard_panels(host):
    return [Panel("Hello")]
'''


def test_a_plugin_of_one_file_is_checked_and_reaches_no_tier(tmp_path):
    add(tmp_path, "hello.py", ONE_FILE)
    report = check_plugin(tmp_path / "hello.py")
    assert report.is_sound
    assert (report.plugin, report.tier) == ("hello", Tier.NONE)
    add(tmp_path, "hello.py", ONE_FILE.replace("[Panel", "host.store.get('x') or [Panel"))
    assert not check_plugin(tmp_path / "hello.py").is_sound


def test_the_folder_around_a_package_may_be_named_too(folder, tmp_path):
    outside = tmp_path / "dist"
    outside.mkdir()
    folder.rename(outside / "pager")
    assert check_plugin(outside).plugin == "pager"


def run(*arguments):
    return CliRunner().invoke(check_plugin_folder, [str(one) for one in arguments])


def test_the_command_ends_with_one_when_there_are_errors(folder):
    assert run(folder).exit_code == 0
    add(folder, "more.py", "import app\n")
    answer = run(folder)
    assert answer.exit_code == 1
    assert "more.py:1" in answer.output
    assert "[ tidings plugin | not sound ] pager 0.1.0" in answer.output


def test_the_command_knows_plugins_by_name(tmp_path):
    answer = run("echo", "--data", tmp_path)
    assert "echo" in answer.output
    assert answer.exit_code == 0


def test_machines_get_json(folder):
    add(folder, "more.py", "print()\n")
    told = json.loads(run(folder, "--json").output)
    assert (told["plugin"], told["tier"], told["errors"], told["warnings"]) == ("pager", "silver", 0, 1)
    assert {"level", "path", "line", "rule", "text", "advice"} == set(told["findings"][0])


def test_the_badge_is_a_picture_of_its_own(folder, tmp_path):
    run(folder, "--badge", tmp_path / "badge.svg")
    root = ElementTree.parse(tmp_path / "badge.svg").getroot()
    assert root.attrib["aria-label"] == "tidings plugin: silver"
    assert "http" not in badge_svg(check_plugin(folder)).replace("http://www.w3.org/2000/svg", "")


def test_the_guide_lists_every_rule():
    guide = (ROOT / "docs" / "plugin-guide.md").read_text(encoding="utf-8")
    listed = guide.partition("### Rules and tiers")[2].partition("\n## ")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| (\w+) \|", listed, re.MULTILINE))
    assert rows == {name: str(rule.tier) for name, rule in RULES.items()}
