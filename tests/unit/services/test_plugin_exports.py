"""Exports come from outside, as archives do: what they say of themselves is checked before it is believed, or held in memory."""

import io
import json
import zipfile

import pytest

from app.plugin_host.archives.zip_reading import ArchiveError
from app.services.plugins.exports import CARD_FILE, is_export, opened_export

CARD = {"plugin": "weather", "version": "1.0", "exported_at": "", "granted": [], "left_out": [], "format": 1}


@pytest.fixture
def write(tmp_path):
    """Write an export with this card, and these files in place of empty ones."""

    def make(card=CARD, **files):
        path = tmp_path / "export.zip"
        texts = {"values.jsonl": "", "tables.jsonl": "", "files.jsonl": "", CARD_FILE: json.dumps(card)}
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in {**texts, **{name.replace("__", "."): text for name, text in files.items()}}.items():
                archive.writestr(name, text)
        return path

    return make


def test_code_in_an_export_may_be_no_larger_than_in_an_archive(write):
    path = write(**{"code/weather/__init__.py": b"#" * 61_000_000})

    with pytest.raises(ArchiveError, match="The code of weather in it is more than"), opened_export(path, {}):
        pass


@pytest.mark.parametrize(
    "wrong",
    [
        {"settings": 5},
        {"rows": {"plugin_weather_day": "many"}},
        {"rows": []},
        {"accounts": [1]},
        {"accounts": {"1": 2}},
        {"values": "some"},
        {"granted": [["store"]]},
        {"version": None},
        {"plugin": "../weather"},
    ],
    ids=str,
)
def test_a_card_says_what_it_should(write, wrong):
    with pytest.raises(ArchiveError, match=f"Its {CARD_FILE} cannot be read"), opened_export(write(CARD | wrong), {}):
        pass


def test_a_card_that_is_nothing_but_brackets_is_refused(write):
    path = write(**{CARD_FILE: "[" * 200_000})

    with pytest.raises(ArchiveError), opened_export(path, {}):
        pass


@pytest.mark.parametrize("line", ["{", "5", "[]", '{"key": "a"}', "[" * 200_000], ids=range(5))
def test_a_line_of_values_that_is_none_is_refused_with_a_sentence(write, line):
    with (
        opened_export(write(values__jsonl=f"{line}\n"), {}) as export,
        pytest.raises(ArchiveError, match="values.jsonl cannot be read"),
    ):
        list(export.values())


@pytest.mark.parametrize(
    "item",
    [{"number": 1, "path": "a"}, {"number": "../code", "path": "a"}, {"path": "a"}, {"number": 1, "path": "../a"}],
)
def test_files_are_only_copied_from_and_to_where_they_belong(write, tmp_path, item):
    with opened_export(write(files__jsonl=json.dumps(item)), {}) as export, pytest.raises(ArchiveError):
        export.copy_files(tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_a_directory_of_countless_files_is_not_read_to_see_whether_it_is_an_export(monkeypatch):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(CARD_FILE, b"PK\x01\x02" * 200_001)
    monkeypatch.setattr(zipfile, "ZipFile", None)

    assert not is_export(buffer)
