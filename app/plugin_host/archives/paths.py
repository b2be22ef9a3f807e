"""Which paths a plugin's archive may hold: those that mean the same file, below one folder, on every system. Pure rules, no files."""

import unicodedata
from collections.abc import Iterable

__all__ = ["is_left_out", "path_problem", "paths_problem"]

MOST_PATH_BYTES = 240
"""A path must still fit below a home folder on systems that stop at 260 characters or 255 bytes for a name."""

_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in "0123456789¹²³")]
)
_FORBIDDEN = frozenset('<>:"|?*')
_NATIVE = (".so", ".pyd", ".dll", ".dylib")
_COMPILED = (".pyc", ".pyo")


def is_left_out(path: str) -> bool:
    """True for what systems and editors leave behind in archives and what no plugin means: such files are neither signed nor unpacked."""
    parts = path.split("/")
    return parts[0] == "__MACOSX" or parts[-1] in {".DS_Store", "Thumbs.db", "desktop.ini"}


def path_problem(path: str) -> str:
    """Why this path of an archive cannot be accepted, as a sentence; empty when it can. A folder's path ends in a slash."""
    shown = ascii(path)[1:-1][:120]
    if _has_control(path):
        return f"It holds a file whose name has control characters or broken letters: {shown}."
    if "\\" in path:
        return f"It holds a path with a backslash: {shown}."
    if path.startswith("/") or path[1:2] == ":":
        return f"It holds an absolute path: {shown}."
    parts = path.removesuffix("/").split("/")
    if ".." in parts:
        return f"It holds a path that leads out of its folder: {shown}."
    if "" in parts or "." in parts:
        return f"It holds a path that is not written plainly: {shown}."
    if len(path.encode()) > MOST_PATH_BYTES:
        return f"It holds a path of more than {MOST_PATH_BYTES} bytes: {shown}…"
    return next((problem for part in parts if (problem := _name_problem(part, shown))), "") or _content_problem(
        parts, shown
    )


def paths_problem(paths: Iterable[str]) -> str:
    """Why these files cannot stand beside one another, as a sentence; empty when they can. Two names that differ only in the case or the
    composition of their letters are one file on some systems."""
    seen: dict[str, str] = {}
    for path in paths:
        key = _key(path)
        if key in seen:
            both = (
                f"{path} twice" if seen[key] == path else f"{seen[key]} and {path}, which are one file on some systems"
            )
            return f"It holds {both}."
        seen[key] = path
    for key, path in seen.items():
        above = key.rpartition("/")[0]
        while above:
            if above in seen:
                return f"It holds {seen[above]} both as a file and as a folder (of {path})."
            above = above.rpartition("/")[0]
    return ""


def _key(path: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", path).casefold())


def _has_control(path: str) -> bool:
    return any(unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for letter in path)


def _name_problem(name: str, shown: str) -> str:
    if _FORBIDDEN & set(name):
        return f"It holds a name that some systems forbid: {shown}."
    if name != name.strip() or name.endswith("."):
        return f"It holds a name that begins or ends with a space, or ends with a dot: {shown}."
    if name.partition(".")[0].strip().casefold() in _RESERVED:
        return f"It holds a name that some systems reserve for devices: {shown}."
    return ""


def _content_problem(parts: list[str], shown: str) -> str:
    last = parts[-1].casefold()
    if "__pycache__" in parts or last.endswith(_COMPILED):
        return f"It holds compiled Python, which nobody can read: {shown}. Leave __pycache__ out of the archive."
    if last.endswith(_NATIVE) or any(f"{ending}." in last for ending in _NATIVE):
        return (
            f"It holds a native library ({shown}). Those cannot be unloaded; install such a plugin as a Python package."
        )
    return ""
