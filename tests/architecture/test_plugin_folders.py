"""Each folder in plugins/ has the shape of a plugin, and one name everywhere."""

import ast
import configparser
import tomllib
from pathlib import Path

import pytest

from app.plugin_api.manifest import read_manifest

ROOT = Path(__file__).parents[2]
FOLDERS = sorted(path for path in (ROOT / "plugins").iterdir() if path.is_dir() and path.name != "__pycache__")
IDS = [folder.name for folder in FOLDERS]


def entry_points() -> dict[str, str]:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    lines = parser["options.entry_points"]["tidings.plugins"].strip().splitlines()
    return dict(tuple(part.strip() for part in line.split("=", 1)) for line in lines)


def test_each_entry_point_has_its_folder_and_each_folder_its_entry_point():
    assert entry_points() == {name: f"plugins.{name}" for name in IDS}


def extras() -> dict[str, list[str]]:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    return {name: [one.strip() for one in line.split(";")] for name, line in parser["options.extras_require"].items()}


@pytest.mark.parametrize("folder", FOLDERS, ids=IDS)
class TestFolder:
    def test_its_libraries_are_an_extra_of_its_name(self, folder):
        missing = set(read_manifest(folder / "manifest.toml").requires) - set(extras().get(folder.name, ()))
        assert not missing, f"setup.cfg says nothing of them under [options.extras_require] {folder.name}"

    def test_the_manifest_has_the_folder_s_name_and_suits_this_version(self, folder):
        assert read_manifest(folder / "manifest.toml", expected_name=folder.name).is_compatible

    @pytest.mark.parametrize("name", ["__init__.py", "README.md", "quality.toml", "tests/test_contract.py"])
    def test_it_is_complete(self, folder, name):
        assert (folder / name).is_file()

    def test_its_door_says_what_it_is_for_and_has_hooks(self, folder):
        tree = ast.parse((folder / "__init__.py").read_text())
        assert ast.get_docstring(tree)
        decorators = [
            ast.unparse(one) for node in tree.body if isinstance(node, ast.FunctionDef) for one in node.decorator_list
        ]
        assert any(one.startswith("hookimpl") for one in decorators)

    def test_templates_and_static_files_stand_below_its_name(self, folder):
        for kind in ("templates", "static"):
            beside = [path.name for path in (folder / kind).glob("*") if path.name != folder.name]
            assert not beside, f"{kind}/ holds {beside} beside {folder.name}/"

    def test_its_tables_carry_its_name(self, folder):
        for path in folder.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Assign) and any(ast.unparse(one) == "__tablename__" for one in node.targets):
                    assert ast.literal_eval(node.value).startswith(f"plugin_{folder.name}_")

    def test_its_quality_list_gives_reasons_for_exemptions(self, folder):
        for rule, state in tomllib.loads((folder / "quality.toml").read_text()).items():
            assert state in ("done", "todo") or state.removeprefix("exempt: ").strip() not in ("", state), rule
