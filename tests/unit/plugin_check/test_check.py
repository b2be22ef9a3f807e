"""Promises of `tidings plugin check`: what is sound passes, and each thing that is wrong is named with its place and what to do."""

import ast
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from app.cli.plugin_check import check_plugin_folder
from app.plugin_api.manifest import PERMISSIONS
from app.plugin_check import RULES, Level, Tier, badge_svg, check_plugin
from app.plugin_check.usage import HOST_MEMBERS
from app.scaffold import write_plugin

ROOT = Path(__file__).parents[3]
SHIPPED = sorted(path.parent for path in (ROOT / "plugins").glob("*/manifest.toml"))
CHANNEL = """
from tidings import Capability, Channel

class PagerChannel(Channel):
    capabilities = frozenset({Capability.FETCH})
"""


@pytest.fixture
def folder(tmp_path):
    """A new channel that is sound."""
    write_plugin("channel", "pager", tmp_path)
    return tmp_path / "pager"


def found(folder, rule):
    return [finding for finding in check_plugin(folder).findings if finding.rule == rule]


def add(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def change(folder, name, old, new):
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    add(folder, name, text.replace(old, new))


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


# ---- names
@pytest.mark.parametrize(
    ("name", "old", "new", "rule", "text"),
    [
        ("manifest.toml", 'name = "pager"', "name = 'Pager'", "manifest", "`name` must be"),
        ("manifest.toml", 'kind = "channel"', 'kind = "gadget"', "manifest", "`kind` must be"),
        ("manifest.toml", 'name = "pager"', 'name = "beeper"', "names", "the manifest says beeper"),
        ("manifest.toml", 'api = "2"', 'api = "9"', "manifest", "not made for version 2"),
        ("manifest.toml", 'capabilities = ["fetch", "webhook", "send"]', "", "manifest", "can do nothing"),
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


# ---- permissions
@pytest.mark.parametrize(
    ("code", "permission"),
    [
        ("def f(host):\n    host.store.set('a', 1)", "store"),
        ("class A:\n    def f(self):\n        self._host.store.get('a')", "store"),
        ("from tidings import Host\ndef f(services: Host):\n    services.send_automatic(1, 'x')", "send_automatic"),
        ("def f(host):\n    with host.tables.begin():\n        pass", "tables"),
        ("def f(host):\n    return host.raw_message('x')", "read_conversations"),
        ("from tidings import hookimpl\n@hookimpl\ndef filter_inbound(message):\n    pass", "change_messages"),
        ("from tidings import hookimpl\n@hookimpl(specname='choose_team')\ndef f():\n    pass", "read_conversations"),
        ("from tidings import Service\ndef f():\n    return Service('a', run=print)", "listen"),
        ("from tidings import Job\ndef f():\n    return Job('a', run=print)", "schedule"),
        ("from tidings import Route\ndef f():\n    return Route('/', print, 'a', is_public=True)", "public_routes"),
    ],
)
def test_a_permission_that_is_used_and_not_asked_for_is_an_error(folder, code, permission):
    add(folder, "more.py", code + "\n")
    (finding,) = found(folder, "permission_missing")
    assert finding.level is Level.ERROR
    assert repr(permission) in finding.text
    assert finding.path == "more.py"
    assert finding.line >= 1
    change(folder, "manifest.toml", "permissions = [", f'permissions = ["{permission}", ')
    assert not found(folder, "permission_missing")


def test_a_capability_needs_its_permission(folder):
    change(folder, "manifest.toml", '"send_messages", ', "")
    (finding,) = found(folder, "permission_missing")
    assert "the capability send needs the permission 'send_messages'" in finding.text


def test_a_route_for_those_who_are_signed_in_needs_none(folder):
    add(folder, "more.py", "from tidings import Route\ndef f():\n    return Route('/', print, 'a', is_public=False)\n")
    assert not found(folder, "permission_missing")


@pytest.mark.parametrize("permission", sorted(set(PERMISSIONS) - {"receive_messages", "send_messages", "network"}))
def test_a_permission_that_is_asked_for_and_not_used_is_a_warning(folder, permission):
    change(folder, "manifest.toml", "permissions = [", f'permissions = ["{permission}", ')
    (finding,) = found(folder, "permission_unused")
    assert (finding.level, finding.place) == (Level.WARNING, "manifest.toml")
    assert check_plugin(folder).tier is Tier.SILVER


def test_everything_of_the_host_that_needs_a_permission_is_known():
    """Read from the host itself: each method or class that requires one."""
    enforced = {}
    for path in (ROOT / "app" / "plugin_host").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                calls = [
                    one for one in ast.walk(node) if isinstance(one, ast.Call) and ast.unparse(one.func) == "require"
                ]
                enforced.setdefault(node.name, set()).update(one.args[1].value for one in calls if len(one.args) > 1)
    names = {"HostSession": "http", "PluginStore": "store"}
    asked = {names.get(name, name): permissions for name, permissions in enforced.items() if permissions}
    for name, permission in HOST_MEMBERS.items():
        if name != "tables":
            assert permission in asked[name], name
    assert {permission for permissions in asked.values() for permission in permissions} <= set(HOST_MEMBERS.values())


# ---- servers
def test_a_server_that_is_called_and_not_named_is_an_error(folder):
    add(folder, "more.py", '"""See https://docs.example.com."""\n\nADDRESS = "https://files.pager.example/v1"\n')
    (finding,) = found(folder, "host_missing")
    assert (finding.level, finding.place) == (Level.ERROR, "more.py:3")
    assert "files.pager.example" in finding.text
    change(folder, "manifest.toml", "hosts = [", 'hosts = ["*.pager.example", ')
    assert not found(folder, "host_missing")


def test_addresses_that_people_read_are_not_called(folder):
    change(folder, "settings.py", "From the page Developers", "See https://pager.example/developers")
    add(folder, "more.py", "def f():\n    '''https://else.example'''\n")
    assert not found(folder, "host_missing")


def test_a_server_that_is_named_and_not_called_is_a_warning(folder):
    change(folder, "manifest.toml", "hosts = [", 'hosts = ["spare.example", ')
    (finding,) = found(folder, "host_unused")
    assert finding.level is Level.WARNING
    assert "spare.example" in finding.text


# ---- imports
@pytest.mark.parametrize(
    "code",
    [
        "from app.models import Message",
        "import plugins.mailbox",
        "from connectors.transport import create_session",
        "from forms.contact import ContactForm",
        "def f():\n    import app",
        "from tidings_plugin_other import thing",
        "from tidings.testing import FakeHost",
        "from tidings import _private",
    ],
)
def test_an_import_of_what_is_private_is_an_error(folder, code):
    add(folder, "more.py", code + "\n")
    (finding,) = found(folder, "private_import")
    assert (finding.level, finding.path) == (Level.ERROR, "more.py")


@pytest.mark.parametrize(
    "code",
    [
        "from tidings import Host",
        "from tidings_plugin_pager.settings import X",
        "from .settings import X",
        "import json",
    ],
)
def test_other_imports_are_sound(folder, code):
    add(folder, "more.py", code + "\n")
    assert not found(folder, "private_import")


@pytest.mark.parametrize(
    "code",
    [
        "print('hello')",
        "import requests\nPAGE = requests.get('x')",
        "DATA = open('x').read()",
        "for one in range(3):\n    pass",
        "with open('x') as file:\n    pass",
        "if True:\n    start()",
        "class A:\n    data = load()",
        "VALUES = [load(one) for one in (1, 2)]",
    ],
)
def test_work_at_import_time_is_a_warning(folder, code):
    add(folder, "more.py", code + "\n")
    findings = found(folder, "import_work")
    assert [one.path for one in findings] == ["more.py"]
    assert findings[0].level is Level.WARNING


@pytest.mark.parametrize(
    "code",
    [
        "import re\nWORD = re.compile('x')",
        "NAMES = frozenset('a b'.split())",
        "from pathlib import Path\nHERE = Path(__file__).parent",
        "import logging\nlog = logging.getLogger(__name__)",
        "LATER = lambda: load()",
        "try:\n    import regex\nexcept ImportError:\n    regex = None",
        "from dataclasses import dataclass, field\n@dataclass\nclass A:\n    b: list = field(default_factory=list)",
        "from enum import StrEnum\nclass A(StrEnum):\n    B = 'b'",
    ],
)
def test_naming_things_is_no_work(folder, code):
    add(folder, "more.py", code + "\n")
    assert not found(folder, "import_work")


def test_translating_talks_to_nobody(folder):
    change(folder, "translate.py", "import hashlib\n", "import hashlib\nimport requests\n")
    (finding,) = found(folder, "input_output")
    assert finding.place == "translate.py:4"


def test_starting_programs_is_a_warning_wherever_it_is_done(folder):
    add(folder, "more.py", "def f():\n    import subprocess\n")
    assert [one.place for one in found(folder, "input_output")] == ["more.py:2"]


def test_what_is_not_python_is_named_with_its_line(folder):
    add(folder, "more.py", "x = 1\nx = = 2\n")
    (finding,) = found(folder, "syntax")
    assert (finding.level, finding.place) == (Level.ERROR, "more.py:2")


# ---- hooks
@pytest.mark.parametrize(
    ("function", "text", "advice"),
    [
        ("def message_recieved(host): pass", "no hook called message_recieved", "Is it message_received?"),
        ("def dashboard_panels(host, page): pass", "wants page", "default"),
        ("def dashboard_panels(host, *, page): pass", "wants page", "default"),
    ],
)
def test_a_hook_that_cannot_be_called_is_an_error(folder, function, text, advice):
    add(folder, "more.py", f"from tidings import hookimpl\n\n@hookimpl\n{function}\n")
    (finding,) = found(folder, "hooks")
    assert (finding.level, finding.place) == (Level.ERROR, "more.py:4")
    assert text in finding.text
    assert advice in finding.advice


@pytest.mark.parametrize("mark", ["hookimpl(optionalhook=True)", "hookimpl(specname='dashboard_panels')"])
def test_a_hook_under_another_name_or_of_another_version_is_sound(folder, mark):
    add(folder, "more.py", f"from tidings import hookimpl\n\n@{mark}\ndef panels_of_mine(host, page=1): pass\n")
    assert not found(folder, "hooks")


# ---- README, translations, quality
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


# ---- a plugin of one file, the command, the badge
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
