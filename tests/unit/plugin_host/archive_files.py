"""Archives for tests: good ones, and ZIPs with entries that no tool for packing would write."""

import io
import stat
import zipfile

MANIFEST = """
name = "lamp"
title = "Lamp"
summary = "Lights up."
kind = "panel"
version = "1.2"
api = "2"
permissions = ["store"]
"""
CODE = '"""Lights up."""\n'
SINGLE = """# /// tidings
# name = "lamp"
# title = "Lamp"
# summary = "Lights up."
# kind = "panel"
# version = "1"
# api = "2"
# ///
"""

GOOD = {"lamp/manifest.toml": MANIFEST, "lamp/__init__.py": CODE, "lamp/templates/lamp/a.html": "<p>on</p>"}


def zip_of(files, method=zipfile.ZIP_DEFLATED):
    """A ZIP of `files`: path, or a whole `ZipInfo`, → text or bytes. Paths are written as they are."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for entry, content in files.items() if isinstance(files, dict) else files:
            archive.writestr(entry, content)
    return buffer.getvalue()


def entry(path, kind=stat.S_IFREG, **fields):
    """A directory entry of any kind with a path that is not tidied up."""
    info = zipfile.ZipInfo("x")
    info.filename = info.orig_filename = path
    info.external_attr = (kind | 0o644) << 16
    info.create_system = 3
    for name, value in fields.items():
        setattr(info, name, value)
    return info


def good_with(path, content="x", **fields):
    """The good archive and one more entry."""
    return zip_of([*GOOD.items(), (entry(path, **fields), content)])
