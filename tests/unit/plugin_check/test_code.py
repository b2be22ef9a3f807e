"""Promises about the code: private imports, work at import time, and hooks that cannot be called are found where they stand."""

import pytest

from app.plugin_check import Level
from tests.unit.plugin_check.folders import add, change, found


@pytest.mark.parametrize(
    "code",
    [
        "from app.models import Message",
        "import plugins.mailbox",
        "from connectors.transport import create_session",
        "from forms.definitions import build_form",
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


def test_a_deprecated_hook_is_a_warning_that_says_what_to_do_instead(folder):
    add(folder, "more.py", "from tidings import hookimpl\n\n@hookimpl\ndef housekeeping_due(host, now): pass\n")
    (finding,) = found(folder, "deprecated")
    assert (finding.level, finding.place) == (Level.WARNING, "more.py:4")
    assert "register_jobs" in finding.text


@pytest.mark.parametrize("mark", ["hookimpl(optionalhook=True)", "hookimpl(specname='dashboard_panels')"])
def test_a_hook_under_another_name_or_of_another_version_is_sound(folder, mark):
    add(folder, "more.py", f"from tidings import hookimpl\n\n@{mark}\ndef panels_of_mine(host, page=1): pass\n")
    assert not found(folder, "hooks")
