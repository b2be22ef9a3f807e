"""Everything that plugins import from `tidings` stands in docs/types.md: fields with types and defaults, methods with their signatures."""

import dataclasses
import inspect
import re
from enum import Enum
from pathlib import Path

import pytest

import tidings
from app.plugin_api.type_reference import GROUPS, reference

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "types.md").read_text(encoding="utf-8")
SECTIONS = {
    heading: text for heading, text in re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL)
}
DATACLASSES = [name for name in tidings.__all__ if dataclasses.is_dataclass(getattr(tidings, name))]


def test_the_page_is_what_the_code_says():
    assert reference(tidings) == PAGE, "run: python -m app.plugin_api.type_reference > docs/types.md"


def test_every_public_name_has_a_heading_and_nothing_else_has():
    assert sorted(SECTIONS) == sorted(tidings.__all__)
    assert sorted(name for names in GROUPS.values() for name in names) == sorted(tidings.__all__)


@pytest.mark.parametrize("name", tidings.__all__)
def test_every_public_name_says_what_it_is(name):
    prose = re.sub(r"```.*?```", "", SECTIONS[name], flags=re.DOTALL)
    assert len(prose.split()) >= 3


@pytest.mark.parametrize("name", DATACLASSES)
def test_every_field_stands_there_with_its_type_and_whether_it_has_a_default(name):
    shown = dict(re.findall(r"^    (\w+): (.*)$", SECTIONS[name], re.MULTILINE))
    fields = dataclasses.fields(getattr(tidings, name))
    assert list(shown)[: len(fields)] == [field.name for field in fields]
    for field in fields:
        is_needed = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        assert is_needed != (" = " in shown[field.name]), field.name


@pytest.mark.parametrize("name", ["Channel", "Host", "Store", "Tables", "TableConnection"])
def test_every_method_stands_there_with_its_arguments(name):
    for method, function in vars(getattr(tidings, name)).items():
        if inspect.isfunction(function) and not method.startswith("_"):
            arguments = list(inspect.signature(function).parameters)
            (shown,) = re.findall(rf"^    def {method}\((.*?)\) -> .+: \.\.\.$", SECTIONS[name], re.MULTILINE)
            assert all(argument in shown for argument in arguments), method


def test_what_a_channel_may_leave_out_shows_its_default():
    assert "    poll_interval_s: ClassVar[int] = 60\n" in SECTIONS["Channel"]
    assert re.search(r"^    address_kind: ClassVar\[str\]$", SECTIONS["Channel"], re.MULTILINE)


def test_every_word_of_an_enumeration_stands_there():
    for name in tidings.__all__:
        one = getattr(tidings, name)
        if inspect.isclass(one) and issubclass(one, Enum):
            for member in one:
                assert f'    {member.name} = "{member.value}"\n' in SECTIONS[name]


def test_errors_say_how_they_are_made():
    assert "class Temporary(ChannelError):\n" in SECTIONS["Temporary"]
    assert "message: str, retry_at: datetime | None = None, *, outcome_unknown: bool = False)" in SECTIONS["Temporary"]
