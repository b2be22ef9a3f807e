"""Promises of every template of the default theme: safe under a strict CSP, escaped, and drawn with icons that exist."""

import re
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, nodes

from app.plugin_api.manifest_fields import RESERVED_NAMES

THEME = Path(__file__).resolve().parents[3] / "themes" / "default"
TEMPLATES = sorted((THEME / "templates").rglob("*.html"))
ICON = re.compile(r"""\bicon\(\s*"([^"]+)\"""")
POST_FORM = re.compile(r"<form\b[^>]*(?:method=\"post\"|change_attributes\(\)).*?</form>", re.DOTALL)
CSRF = re.compile(r"csrf\(\)|form_token\(")


FILTERS = ("brief_time", "full_time", "iso_time", "dateformat", "duration", "file_size", "translated")


def _name(path: Path) -> str:
    return path.relative_to(THEME / "templates").as_posix()


def _source(path: Path) -> str:
    return re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(THEME / "templates"), extensions=["jinja2.ext.i18n"], autoescape=True
    )
    environment.filters.update(dict.fromkeys(FILTERS, str))
    return environment


def _icon_names() -> set[str]:
    lines = (THEME / "assets" / "src" / "icons.txt").read_text(encoding="utf-8").splitlines()
    return {line.split("#")[0].strip() for line in lines} - {""}


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_template_parses(path):
    environment = Environment(
        loader=FileSystemLoader(THEME / "templates"), extensions=["jinja2.ext.i18n"], autoescape=True
    )
    environment.filters.update(dict.fromkeys(FILTERS, str))
    environment.get_template(_name(path))


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_template_runs_under_a_strict_content_security_policy(path):
    source = _source(path)
    assert not re.search(r"\sstyle\s*=", source), "style attributes are blocked"
    assert not re.search(r"<style\b", source), "style elements are blocked"
    assert not re.search(r"<script(?![^>]*\bsrc=)", source), "inline scripts are blocked"
    assert not re.search(r"\son[a-z]+\s*=", source), "inline handlers are blocked"
    assert "hx-on" not in source, "hx-on evaluates text"
    assert "javascript:" not in source


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_template_never_switches_escaping_off(path):
    assert not re.search(r"\|\s*safe\b|autoescape false", _source(path))


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_template_draws_only_icons_of_the_sprite(path):
    assert set(ICON.findall(_source(path))) <= _icon_names()


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_every_posting_form_carries_the_csrf_token(path):
    for form in POST_FORM.findall(_source(path)):
        assert CSRF.search(form), form[:200]


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_visible_words_are_translatable(path):
    written = _written_text(_environment().parse(path.read_text(encoding="utf-8")))
    labels = re.findall(r"""\b(?:aria-label|placeholder|title|alt)="[A-Za-z][^"]*\"""", written)
    words = re.findall(r"[A-Za-z]{2,}", re.sub(r"<[^>]*>|[\w-]+=\"[^\"]*\"", " ", written))
    assert not labels + words, f"not through gettext: {labels + words}"


def _written_text(node: nodes.Node) -> str:
    """What the template itself writes, in order, without what expressions put in and without blocks of class names."""
    if isinstance(node, nodes.TemplateData):
        return node.data
    if isinstance(node, nodes.Block) and node.name.endswith("_class"):
        return ""
    return "".join(_written_text(child) for child in node.iter_child_nodes())


def test_no_plugin_may_be_called_like_a_folder_of_templates():
    """The templates of a plugin are looked up below its name, behind the theme's."""
    folders = {path.name for path in (THEME / "templates").iterdir() if path.is_dir()}
    assert folders | {"default", "core", "static"} <= RESERVED_NAMES
