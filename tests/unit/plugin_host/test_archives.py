"""Archives of plugins: what is read from good ones, and that no hostile one gets a byte onto the disk."""

import io
import stat
import struct
import unicodedata
import zipfile
from contextlib import suppress
from pathlib import PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.plugin_host.archives import ArchiveError, ArchiveLimits, inspect_archive, pack, pack_plugin, unpack
from app.plugin_host.archives.paths import path_problem, paths_problem
from tests.unit.plugin_host.archive_files import CODE, GOOD, MANIFEST, SINGLE, entry, good_with, zip_of


def refusal(data, **limits):
    """The sentence with which an archive is refused."""
    with pytest.raises(ArchiveError) as refused:
        inspect_archive(data, limits=ArchiveLimits(**limits))
    sentence = str(refused.value)
    assert sentence.endswith((".", "…")), sentence
    return sentence


def test_a_folder_in_a_zip_is_read_and_unpacked(tmp_path):
    archive = inspect_archive(zip_of(GOOD))
    assert (archive.name, archive.manifest.version, archive.is_single_file) == ("lamp", "1.2", False)
    assert [file.path for file in archive.files] == ["__init__.py", "manifest.toml", "templates/lamp/a.html"]
    assert archive.unpacked_bytes == sum(len(text) for text in GOOD.values())
    target = unpack(archive, tmp_path / "beside")
    assert target == tmp_path / "beside" / "lamp"
    assert {path.relative_to(target.parent).as_posix(): path.read_text() for path in target.rglob("*.*")} == GOOD


def test_files_at_the_root_are_the_same_plugin(tmp_path):
    loose = {path.removeprefix("lamp/"): text for path, text in GOOD.items()}
    archive = inspect_archive(zip_of(loose))
    assert archive.files == inspect_archive(zip_of(GOOD)).files
    assert (unpack(archive, tmp_path) / "__init__.py").read_text() == CODE


@pytest.mark.parametrize("data", [SINGLE.encode(), zip_of({"anything.py": SINGLE})], ids=["bare", "zipped"])
def test_a_single_file_becomes_a_file_of_the_plugins_name(data, tmp_path):
    archive = inspect_archive(data)
    assert archive.is_single_file
    assert [file.path for file in archive.files] == ["lamp.py"]
    assert unpack(archive, tmp_path) == tmp_path / "lamp.py"
    assert (tmp_path / "lamp.py").read_text() == SINGLE


def test_what_systems_leave_behind_is_neither_counted_nor_unpacked(tmp_path):
    data = zip_of({**GOOD, "__MACOSX/lamp/._x": "x", "lamp/.DS_Store": "x"})
    archive = inspect_archive(data)
    assert archive.files == inspect_archive(zip_of(GOOD)).files
    assert not [path for path in unpack(archive, tmp_path).rglob("*") if path.name == ".DS_Store"]


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("/etc/passwd", "absolute"),
        ("//server/share", "absolute"),
        ("C:/windows/x", "absolute"),
        ("c:x", "absolute"),
        ("../x", "leads out"),
        ("lamp/../../x", "leads out"),
        ("lamp/..", "leads out"),
        ("lamp\\x.py", "backslash"),
        ("..\\x", "backslash"),
        ("lamp//x", "plainly"),
        ("./lamp/x", "plainly"),
        ("lamp/a\0b.py", "control"),
        ("lamp/a\nb", "control"),
        ("lamp/\u202egnp.py", "control"),
        ("lamp/con", "devices"),
        ("lamp/NUL.txt", "devices"),
        ("lamp/com1.tar.gz", "devices"),
        ("lamp/aux /x", "space"),
        ("lamp/x.", "dot"),
        ("lamp/a:stream", "forbid"),
        ("lamp/a*b", "forbid"),
        (f"lamp/{'x' * 250}", "240 bytes"),
        ("lamp/__pycache__/x.py", "compiled"),
        ("lamp/x.pyc", "compiled"),
        ("lamp/fast.so", "native"),
        ("lamp/fast.cpython-311-x86_64-linux-gnu.SO", "native"),
        ("lamp/libfast.so.1", "native"),
        ("lamp/fast.pyd", "native"),
        ("lamp/MANIFEST.toml", "one file on some systems"),
        ("LAMP/__init__.py", "one file on some systems"),
        ("lamp/__init__.py/x", "both as a file and as a folder"),
        ("other/x.py", "more than one folder"),
        ("lamp/.tidings.json", "only Tidings itself writes"),
    ],
)
def test_a_path_that_means_harm_is_refused(path, word):
    assert word in refusal(good_with(path))


def test_the_same_path_twice_is_refused():
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = good_with("lamp/__init__.py", "other")
    assert "twice" in refusal(data)


def test_two_spellings_of_one_letter_are_one_file():
    composed, apart = unicodedata.normalize("NFC", "é"), unicodedata.normalize("NFD", "é")
    assert "one file" in refusal(zip_of({**GOOD, f"lamp/{composed}.txt": "1", f"lamp/{apart}.txt": "2"}))


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (stat.S_IFLNK, "symbolic link"),
        (stat.S_IFCHR, "neither a file nor a folder"),
        (stat.S_IFBLK, "neither a file nor a folder"),
        (stat.S_IFIFO, "neither a file nor a folder"),
        (stat.S_IFSOCK, "neither a file nor a folder"),
        (stat.S_IFDIR, "a file in one place"),
    ],
)
def test_what_is_no_plain_file_is_refused(kind, word):
    assert word in refusal(good_with("lamp/link", "/etc/passwd", kind=kind))


def test_an_encrypted_file_is_refused():
    data = zip_of(GOOD)
    at = data.index(b"PK\x01\x02") + 8
    assert "encrypted" in refusal(data[:at] + struct.pack("<H", 1) + data[at + 2 :])


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_only_the_common_way_of_packing_is_accepted(method):
    assert "deflate" in refusal(zip_of(GOOD, method))


def test_sizes_are_limited():
    assert "larger than 0 MB" in refusal(zip_of(GOOD), packed_bytes=100)
    assert "Unpacked" in refusal(
        zip_of({**GOOD, "lamp/a": b"x" * 900_000, "lamp/b": b"x" * 900_000}), unpacked_bytes=10**6
    )
    many = {f"lamp/{number}": "" for number in range(40)}
    assert "more than 42 files" in refusal(zip_of({**GOOD, **many}), files=42)
    assert "more than 10 files" in refusal(zip_of({**GOOD, **many}), files=10)
    assert inspect_archive(zip_of({**GOOD, **many}), limits=ArchiveLimits(files=43))


def test_a_bomb_is_refused_before_it_is_unpacked():
    assert "more than 100 times larger" in refusal(zip_of({**GOOD, "lamp/bomb": b"\0" * 5_000_000}))


def test_a_file_larger_than_its_entry_says_is_damage():
    data = zip_of({**GOOD, "lamp/x": "y" * 3000})
    at = data.rindex(b"PK\x01\x02") + 24
    assert "damaged" in refusal(data[:at] + struct.pack("<I", 10) + data[at + 4 :])


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "manifest"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\0", "neither a ZIP file nor a Python file"),
        (b"print('hello')\n", "manifest"),
        (zip_of({}), "no files"),
        (zip_of({"lamp/__init__.py": CODE, "lamp/x.py": ""}), "no manifest.toml"),
        (zip_of({"lamp/manifest.toml": MANIFEST}), "no __init__.py"),
        (zip_of({"bulb/manifest.toml": MANIFEST, "bulb/__init__.py": CODE}), "both must be the same"),
        (zip_of({"lamp/manifest.toml": "name = [", "lamp/__init__.py": CODE}), "TOML"),
        (zip_of({"lamp/manifest.toml": b"\xff\xfe", "lamp/__init__.py": CODE}), "UTF-8"),
        (zip_of({"lamp/manifest.toml": MANIFEST + "price = 3\n", "lamp/__init__.py": CODE}), "price"),
        (zip_of({"lamp.py": "print('hello')\n"}), "manifest"),
        (zip_of({"manifest.toml": MANIFEST.replace('"lamp"', '"../lamp"'), "__init__.py": CODE}), "`name`"),
    ],
)
def test_what_is_no_plugin_is_refused(data, word):
    assert word in refusal(data)


def test_packing_is_reproducible_and_leaves_out_what_must_not_travel(tmp_path):
    folder = tmp_path / "checkout"
    for path, text in GOOD.items():
        place = folder / path.removeprefix("lamp/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    first = pack_plugin(folder)
    for junk in (".git/config", "__pycache__/x.pyc", ".env"):
        (folder / junk).parent.mkdir(exist_ok=True)
        (folder / junk).write_text("secret")
    (folder / "manifest.toml").touch()
    assert pack_plugin(folder) == first
    assert set(zipfile.ZipFile(io.BytesIO(first)).namelist()) == set(GOOD)
    (folder / "link").symlink_to("/etc/passwd")
    with pytest.raises(ArchiveError, match="symbolic link"):
        pack_plugin(folder)


def test_packing_what_is_no_plugin_says_so(tmp_path):
    with pytest.raises(ArchiveError, match="neither"):
        pack_plugin(tmp_path)


# ---- any bytes, any path
_PARTS = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    ["..", ".", "", "lamp", "con", "a", "A", "C:"]
)
_PATHS = st.lists(_PARTS, min_size=1, max_size=4).map("/".join)


@settings(max_examples=300, deadline=None)
@given(_PATHS)
def test_a_path_that_passes_stays_below_its_folder_and_can_be_written_anywhere(path):
    if path_problem(path):
        return
    pure = PurePosixPath(path)
    assert not pure.is_absolute()
    assert ".." not in pure.parts
    assert pure.as_posix() == path.removesuffix("/")
    assert not set(path) & set('\\:*?"<>|\0\n\r')


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["a", "A", "b", "a/x", "A/X", "a/x/y", "ß", "SS", "c/d", "c/e"]), max_size=5))
def test_paths_that_pass_are_as_many_files_on_every_system(paths):
    if paths_problem(paths):
        return
    keys = [path.casefold() for path in paths]
    assert len(set(keys)) == len(keys)
    assert not [1 for one in keys for other in keys if other.startswith(f"{one}/")]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_broken_archive_is_refused_or_is_whole(data):
    good = zip_of(GOOD)
    broken = bytearray(good)
    for at in data.draw(st.lists(st.integers(0, len(good) - 1), min_size=1, max_size=6)):
        broken[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(good)) | st.just(len(good)))
    with suppress(ArchiveError):
        archive = inspect_archive(bytes(broken[:cut]))
        for file in archive.files:
            assert len(archive.contents[file.path]()) == file.size


def test_a_pack_is_an_archive_again():
    archive = inspect_archive(pack({path: text.encode() for path, text in GOOD.items()}))
    assert archive.files == inspect_archive(zip_of(GOOD)).files


def test_a_folder_entry_is_no_file():
    data = zip_of(
        [(entry("lamp/", kind=stat.S_IFDIR), ""), *GOOD.items(), (entry("lamp/empty/", kind=stat.S_IFDIR), "")]
    )
    assert inspect_archive(data).files == inspect_archive(zip_of(GOOD)).files
