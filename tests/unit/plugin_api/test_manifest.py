"""A manifest is read whole or refused with a sentence that names the field."""

import pytest

from app.plugin_api.errors import ManifestError
from app.plugin_api.manifest import parse_manifest, read_manifest

CARD = {
    "name": '"pager"',
    "title": '"Pager"',
    "summary": '"Short messages."',
    "kind": '"channel"',
    "version": '"1.4"',
    "api": '"1-2"',
}


def card(**fields: str | None) -> str:
    """TOML of a manifest; `fields` are written as they are and replace, add or (None) leave out."""
    return "".join(f"{key} = {value}\n" for key, value in {**CARD, **fields}.items() if value is not None)


def test_all_fields_are_read():
    manifest = parse_manifest(
        card(
            capabilities='["send"]',
            permissions='["network", "store"]',
            hosts='["API.Example.com", "*.example.org"]',
            scopes='["mail.read"]',
            owner='"Ada"',
            requires='["phonenumbers>=8.13,<10", "tomli; python_version < \'3.11\'"]',
            requires_plugins='["mailbox>=1"]',
            homepage='"https://pager.example/plugin"',
            licence='"MIT"',
        )
    )

    assert (manifest.name, manifest.version, manifest.api) == ("pager", "1.4", (1, 2))
    assert manifest.grants == ("network", "store", "host:api.example.com", "host:*.example.org")
    assert manifest.requires == ("phonenumbers>=8.13,<10", "tomli; python_version < '3.11'")
    assert manifest.requires_plugins == ("mailbox>=1",)
    assert (manifest.owner, manifest.homepage, manifest.licence) == ("Ada", "https://pager.example/plugin", "MIT")


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", '"Pager"', "`name` must be 2 to 40 lower-case letters"),
        ("name", '"p"', "`name` must be 2 to 40 lower-case letters"),
        ("name", "7", "`name` is missing or is not a text."),
        ("title", '"  "', "`title` is missing or is not a text."),
        ("summary", f'"{"x" * 1001}"', "`summary` is longer than 1000 characters."),
        ("kind", '"toy"', "`kind` must be one of channel, panel, automation, theme."),
        ("version", '"first"', "`version` must be a version such as \"1.4.2\", not 'first'."),
        ("version", f'"1.{"0" * 40}"', "`version` is longer than 40 characters."),
        ("api", '"new"', "`api` must be a version or a range"),
        ("api", "2", "`api` is missing or is not a text."),
        ("api", '"3-2"', "`api` goes from 3 down to 2."),
        ("capabilities", '["fly"]', "`capabilities` names 'fly', which does not exist."),
        ("permissions", '["fly"]', "`permissions` names 'fly', which does not exist."),
        ("permissions", '"store"', "`permissions` must be a list of texts."),
        ("permissions", "[1]", "`permissions` must be a list of texts."),
        ("scopes", str(["x"] * 101), "`scopes` is too long."),
        ("hosts", '["https://api.example.com"]', "`hosts` names 'https://api.example.com'"),
        ("hosts", '["api.example.com:8080"]', "`hosts` names 'api.example.com:8080'"),
        ("hosts", '["*.*.example.com"]', "`hosts` names"),
        ("hosts", '["api.*"]', "`hosts` names"),
        ("hosts", '[""]', "`hosts` names ''"),
        ("owner", "1", "`owner` is missing or is not a text."),
        ("requires", '["x=>1"]', "`requires` names 'x=>1'"),
        ("requires", "[\"x; python_version ~= 'y'\"]", "`requires` names"),
        ("requires", '["x @ https://example.com/x.whl"]', "`requires` names an address for x; give versions instead."),
        ("requires_plugins", '["-"]', "`requires_plugins` names '-'"),
        ("homepage", '"javascript:alert(1)"', "`homepage` must start with http:// or https://."),
        ("homepage", '"https://"', "`homepage` must start with http:// or https://."),
        ("homepage", '"https://[x"', "`homepage` is not an address."),
        ("licence", "[]", "`licence` is missing or is not a text."),
        ("colour", '"red"', "manifest.toml has an unknown field: colour."),
    ],
)
def test_a_wrong_field_is_named(field, value, sentence):
    with pytest.raises(ManifestError) as refused:
        parse_manifest(card(**{field: value}))
    assert sentence in str(refused.value)


@pytest.mark.parametrize("field", CARD)
def test_a_missing_field_is_named(field):
    with pytest.raises(ManifestError, match=f"`{field}` is missing"):
        parse_manifest(card(**{field: None}))


@pytest.mark.parametrize(
    ("api", "is_compatible", "spoken"),
    [('"1"', True, 1), ('"1-2"', True, 2), ('"3"', True, 3), ('"2-9"', True, 3), ('"4"', False, 3), ('"0"', False, 0)],
)
def test_what_was_made_for_earlier_versions_still_runs(api, is_compatible, spoken):
    manifest = parse_manifest(card(api=api))
    assert (manifest.is_compatible, manifest.spoken_api) == (is_compatible, spoken)


# ---- a plugin that is one file
def block(toml: str) -> str:
    return "# /// tidings\n" + "".join(f"# {line}".rstrip() + "\n" for line in toml.splitlines()) + "# ///\n"


def test_the_card_of_one_file_stands_in_its_comments(tmp_path):
    file = tmp_path / "pager.py"
    file.write_text(
        '"""A pager."""\n\n' + block(card() + "\n\n[not_a_field]\n".replace("[not_a_field]", "")) + "raise ValueError\n"
    )
    assert read_manifest(file).title == "Pager"
    file.write_bytes(b"\xef\xbb\xbf" + block(card()).replace("\n", "\r\n").encode())
    assert read_manifest(file).title == "Pager"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("print()\n", "It has no manifest: a block of comments"),
        ("# /// script\n# ///\n", "It has no manifest"),
        ("# /// tidings\n# name = 'x'\nprint()\n# ///\n", "Its `# /// tidings` block does not end"),
        ("# /// tidings\n# name = 'x'", "Its `# /// tidings` block does not end"),
        ("# /// tidings\n#name = 'x'\n# ///\n", "Its `# /// tidings` block does not end"),
        (2 * block(card()), "It has more than one `# /// tidings` block."),
        (block("name ="), "pager.py is not valid TOML"),
    ],
)
def test_a_bad_block_is_refused(tmp_path, text, sentence):
    (tmp_path / "pager.py").write_text(text)
    with pytest.raises(ManifestError) as refused:
        read_manifest(tmp_path / "pager.py")
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "There is no readable manifest.toml beside the plugin"),
        (b"\xff\xfe", "manifest.toml is not valid UTF-8"),
        (b"#" * 1_000_001, "manifest.toml is larger than a megabyte."),
        (b"x = " + b"[" * 100_000, "manifest.toml is not valid TOML"),
        (b"x = ", "manifest.toml is not valid TOML"),
    ],
    ids=["none", "encoding", "size", "depth", "syntax"],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path, content, sentence):
    if content is not None:
        (tmp_path / "manifest.toml").write_bytes(content)
    with pytest.raises(ManifestError) as refused:
        read_manifest(tmp_path / "manifest.toml")
    assert sentence in str(refused.value)


def test_the_card_must_name_what_was_found(tmp_path):
    with pytest.raises(ManifestError, match="`name` is 'pager', but the plugin was found as 'other'."):
        parse_manifest(card(), expected_name="other")
