"""Signatures of archives: who signed, that any change breaks them, and the files that keys live in."""

import base64
import tomllib
import zipfile
from io import BytesIO

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from app.errors import InvalidInput
from app.plugin_host.archives import inspect_archive, sign_archive, unpack
from app.plugin_host.archives.signatures import (
    SIGNATURE_FILE,
    BrokenSignature,
    Signed,
    SignedState,
    add_trusted,
    create_keys,
    key_id,
    read_private_key,
    read_public_key,
    remove_trusted,
    sign_files,
    trusted_keys,
    verify_files,
)
from tests.unit.plugin_host.archive_files import GOOD, SINGLE, zip_of


@pytest.fixture
def keys(tmp_path):
    """A new pair: (private path, public path)."""
    private, public = tmp_path / "ada.key", tmp_path / "ada.pub"
    create_keys(private, public)
    return private, public


@pytest.fixture
def signed(keys):
    return sign_archive(zip_of(GOOD), read_private_key(keys[0]), "Ada")


def files_of(data):
    archive = zipfile.ZipFile(BytesIO(data))
    return {name: archive.read(name) for name in archive.namelist()}


def test_a_signed_archive_says_by_whom(signed, keys):
    public = read_public_key(keys[1])
    assert inspect_archive(zip_of(GOOD)).signed == Signed()
    assert inspect_archive(signed).signed == Signed(SignedState.UNKNOWN, "Ada", key_id(public))
    assert inspect_archive(signed, {"example": public}).signed == Signed(SignedState.TRUSTED, "example", key_id(public))
    assert inspect_archive(signed).files == inspect_archive(zip_of(GOOD)).files, "the signature does not sign itself"


def test_signing_is_reproducible_and_replaces_an_older_signature(signed, keys, tmp_path):
    assert sign_archive(zip_of(dict(reversed(GOOD.items()))), read_private_key(keys[0]), "Ada") == signed
    create_keys(tmp_path / "ben.key", tmp_path / "ben.pub")
    again = sign_archive(signed, read_private_key(tmp_path / "ben.key"), "Ben")
    assert inspect_archive(again).signed.name == "Ben"
    assert list(files_of(again)).count(f"lamp/{SIGNATURE_FILE}") == 1


def test_a_single_file_can_be_signed(keys, tmp_path):
    data = sign_archive(SINGLE.encode(), read_private_key(keys[0]), "Ada")
    archive = inspect_archive(data, trusted={"ada": read_public_key(keys[1])})
    assert archive.is_single_file
    assert archive.signed.is_trusted
    unpack(archive, tmp_path / "beside")
    assert [path.name for path in (tmp_path / "beside").iterdir()] == ["lamp.py"]


@pytest.mark.parametrize(
    "change",
    [
        lambda files: {**files, "lamp/__init__.py": files["lamp/__init__.py"] + b"#"},
        lambda files: {**files, "lamp/more.py": b""},
        lambda files: {path: content for path, content in files.items() if "templates" not in path},
        lambda files: {path.replace("a.html", "b.html"): content for path, content in files.items()},
        lambda files: {**files, "lamp/manifest.toml": files["lamp/manifest.toml"].replace(b"1.2", b"1.3")},
    ],
    ids=["changed", "added", "removed", "renamed", "version"],
)
def test_any_change_breaks_the_signature(signed, keys, change):
    with pytest.raises(BrokenSignature, match="does not fit"):
        inspect_archive(zip_of(change(files_of(signed))), {"ada": read_public_key(keys[1])})


def test_the_signers_name_is_signed_too(signed):
    files = files_of(signed)
    path = f"lamp/{SIGNATURE_FILE}"
    with pytest.raises(BrokenSignature, match="does not fit"):
        inspect_archive(zip_of({**files, path: files[path].replace(b'"Ada"', b'"Tidings"')}))


def test_another_key_in_place_of_the_signers_breaks_it(signed, tmp_path):
    create_keys(tmp_path / "eve.key", tmp_path / "eve.pub")
    files, path = files_of(signed), f"lamp/{SIGNATURE_FILE}"
    other = (
        files_of(sign_archive(zip_of(GOOD), read_private_key(tmp_path / "eve.key"), "Ada"))[path].decode().splitlines()
    )
    mixed = [
        line if line.startswith("signature") else other[at] for at, line in enumerate(files[path].decode().splitlines())
    ]
    with pytest.raises(BrokenSignature, match="does not fit"):
        inspect_archive(zip_of({**files, path: "\n".join(mixed)}))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"format = 1\n",
        b'format = 1\nsigner = 3\nkey = ""\npublic_key = ""\nsignature = ""\n',
        b'format = 1\nsigner = "Ada"\nkey = "x"\npublic_key = "!"\nsignature = "!"\n',
        b"x = 1\n" * 2000,
    ],
)
def test_a_signature_that_cannot_be_read_is_refused(content):
    with pytest.raises(BrokenSignature):
        verify_files({"a": "0"}, content, {})


def test_a_format_of_the_future_is_named():
    with pytest.raises(BrokenSignature, match="format"):
        verify_files({}, b"format = 2\n", {})


@pytest.mark.parametrize("name", ["", "x" * 81, "two\nlines", 'a"b', "back\\slash"])
def test_a_signers_name_cannot_forge_lines(keys, name):
    with pytest.raises(BrokenSignature, match="name of a signer"):
        sign_files({"a": "0"}, read_private_key(keys[0]), name)


def test_the_private_key_is_its_owners_alone_and_nothing_is_overwritten(keys, tmp_path):
    private, public = keys
    assert private.stat().st_mode & 0o777 == 0o600
    before = private.read_bytes()
    with pytest.raises(InvalidInput, match="never overwritten"):
        create_keys(private, tmp_path / "new.pub")
    assert private.read_bytes() == before
    assert not (tmp_path / "new.pub").exists()
    for path, read in ((public, read_private_key), (private, read_public_key)):
        with pytest.raises(BrokenSignature, match="Ed25519"):
            read(path)


def test_the_signature_is_plain_ed25519_over_the_documented_text(keys):
    data = tomllib.loads(sign_files({"b.py": "22", "a.py": "11"}, read_private_key(keys[0]), "Ada"))
    text = b"tidings plugin signature 1\nsigner Ada\n11  a.py\n22  b.py\n"
    public = load_pem_public_key(keys[1].read_bytes())
    public.verify(base64.b64decode(data["signature"]), text)
    with pytest.raises(InvalidSignature):
        public.verify(base64.b64decode(data["signature"]), text + b"33  c.py\n")


def test_the_trust_store_is_a_folder_of_public_keys(keys, tmp_path):
    store = tmp_path / "trusted"
    assert trusted_keys(store) == {}
    identifier = add_trusted(store, "ada", keys[1])
    assert trusted_keys(store) == {"ada": read_public_key(keys[1])}
    assert key_id(read_public_key(keys[1])) == identifier
    with pytest.raises(InvalidInput, match="ada is trusted already"):
        add_trusted(store, "again", keys[1])
    with pytest.raises(InvalidInput, match="name of a key"):
        add_trusted(store, "../x", keys[1])
    with pytest.raises(InvalidInput, match="No trusted key"):
        remove_trusted(store, "../ada")
    remove_trusted(store, "ada")
    assert trusted_keys(store) == {}


def test_a_store_that_cannot_be_read_is_not_an_empty_one(tmp_path):
    (tmp_path / "ada.pub").write_text("nonsense")
    with pytest.raises(BrokenSignature, match=r"ada\.pub"):
        trusted_keys(tmp_path)
