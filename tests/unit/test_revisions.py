"""Where migrations lead to is told by their text, and where that does not tell, nobody guesses."""

from pathlib import Path

import pytest

from app.revisions import Revisions, read_revisions
from app.schema import newest_revision

PLAIN = {"0001": 'revision = "0001"\ndown_revision = None\n', "0002": 'revision = "0002"\ndown_revision = "0001"\n'}


@pytest.fixture
def versions(tmp_path):
    """Writes files of migrations, by name, beside two plain ones, and gives their folder."""

    def write(**files):
        for name, text in {**PLAIN, **files}.items():
            (tmp_path / f"{name}.py").write_text(text)
        return tmp_path

    return write


def test_a_plain_chain_leads_to_its_newest(versions):
    third = (
        'revision: str = "0003"\ndown_revision: str | None = "0002"\nbranch_labels = None\n\n'
        "def upgrade():\n    shop.select('*', 'revision', shop.c.revision, depends_on=1)\n"
    )

    assert read_revisions(versions(m3=third)) == Revisions("0003", frozenset({"0001", "0002", "0003"}))


def test_the_core_s_own_can_be_told(request):
    ours = request.config.rootpath / "app" / "migrations" / "versions"

    assert read_revisions(ours).newest == newest_revision()


@pytest.mark.parametrize(
    "text",
    [
        'revision = "0003"\ndown_revision = "gone"\n',
        'revision = "0003"\ndown_revision = "0001"\n',
        'revision = "0003"\ndown_revision = None\n',
        'revision = "0003"\ndown_revision = ("0001", "0002")\n',
        'revision = "0002"\ndown_revision = "0001"\n',
        'revision = "0003"\ndown_revision = "0002"\ndepends_on = "0001"\n',
        'revision = "000" + "3"\ndown_revision = "0002"\n',
        'revision = "0003"\n',
        'down_revision = "0002"\n',
        'revision = "0003"\ndown_revision = "0002"\nif revision:\n    down_revision = "0001"\n',
        'revision = "0003"\ndown_revision = "0002"\nfor revision in "ab":\n    pass\n',
        'revision = "0003"\ndown_revision = "0002"\nfrom .names import *\n',
        'revision = "0003"\ndown_revision = "0002"\nfrom .names import down_revision\n',
        'revision = "0003"\ndown_revision = "0002"\ndef depends_on(): ...\n',
        'revision = "0003"\ndown_revision = {[]: 1}\n',
        'revision = ""\ndown_revision = "0002"\n',
        "revision =\n",
        "\0",
    ],
)
def test_what_is_no_plain_chain_is_left_to_alembic(versions, text):
    assert read_revisions(versions(m3=text)) is None


def test_what_alembic_passes_over_is_passed_over(versions):
    assert read_revisions(versions(**{"__init__": "", ".#m3": "half of a file"})).newest == "0002"


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: path.symlink_to("gone")], ids=["folder", "link to nowhere"])
def test_what_is_no_file_is_left_to_alembic(versions, tmp_path, make):
    versions()
    make(tmp_path / "0003.py")

    assert read_revisions(tmp_path) is None


def test_revisions_that_follow_one_another_in_a_ring_are_no_chain(tmp_path, versions):
    ring = {"m3": 'revision = "a"\ndown_revision = "b"\n', "m4": 'revision = "b"\ndown_revision = "a"\n'}

    assert read_revisions(versions(**ring)) is None


def test_an_empty_folder_leads_nowhere(tmp_path):
    assert read_revisions(tmp_path) is None
