"""Writes a new plugin: a folder that runs as a drop-in, installs as a distribution, and whose tests pass at once.

What is written stands below `templates/`, in `every/` for every kind and in a folder for each. In a path, `NAME` is the plugin's name and
`DOT` a dot, since packaging passes over files that begin with one.
"""

from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.errors import Conflict, InvalidInput
from app.plugin_api.manifest import API_VERSION, KINDS
from app.plugin_api.manifest_fields import is_name

__all__ = ["distribution_name", "title_of", "write_plugin"]

TEMPLATES = Path(__file__).parent / "templates"
ENDING = ".jinja"


def write_plugin(kind: str, name: str, folder: Path) -> list[Path]:
    """Write the plugin `name` into a new folder of that name inside `folder`; gives the files in the order of their paths.

    Raises `InvalidInput` for a name or kind that cannot be, `Conflict` when the folder is there already and not empty.
    """
    _check(kind, name)
    target = folder / name
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Conflict(f"{target} is there already. Choose another name or folder.")
    return [_write(target / path, text) for path, text in sorted(_rendered(kind, name))]


def title_of(name: str) -> str:
    """ "order_numbers" is called "Order numbers"."""
    return name.replace("_", " ").capitalize()


def distribution_name(name: str) -> str:
    """What pip calls it."""
    return f"tidings-plugin-{name.replace('_', '-')}"


def _check(kind: str, name: str) -> None:
    if kind not in KINDS:
        raise InvalidInput(f"There is no kind {kind!r} of plugins; there are {', '.join(KINDS)}.")
    if not is_name(name):
        raise InvalidInput(
            f"{name!r} cannot be the name of a plugin: 2 to 40 lower-case letters, digits and underscores, a letter first."
        )


def _rendered(kind: str, name: str) -> Iterator[tuple[str, str]]:
    """(path below the plugin's folder, text) of each file."""
    values = {
        "kind": kind,
        "name": name,
        "title": title_of(name),
        "class_name": "".join(part.capitalize() for part in name.split("_")),
        "package": f"tidings_plugin_{name}",
        "distribution": distribution_name(name),
        "host_name": f"api.{name.replace('_', '-')}.example",
        "api": API_VERSION,
    }
    for folder in (TEMPLATES / "every", TEMPLATES / kind):
        environment = Environment(
            loader=FileSystemLoader(folder),
            undefined=StrictUndefined,
            keep_trailing_newline=True,
            variable_start_string="<<", variable_end_string=">>",
            block_start_string="<%", block_end_string="%>",
            comment_start_string="<#", comment_end_string="#>",
        )  # fmt: skip
        for template in environment.list_templates(filter_func=lambda path: path.endswith(ENDING)):
            path = template.removesuffix(ENDING).replace("NAME", name).replace("DOT", ".")
            yield path, environment.get_template(template).render(values)


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
