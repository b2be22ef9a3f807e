"""What makes a file dangerous, in a word. What forms refuse of it is tested beside them."""

import io
import zipfile

import pytest

from app.domain.dangerous_files import danger_of_file

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504


def zipped(*names, password=False):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    raw = bytearray(data.getvalue())
    if password:  # the bit that says so, in each entry of the directory
        at = raw.find(b"PK\x01\x02")
        while at >= 0:
            raw[at + 8] |= 1
            at = raw.find(b"PK\x01\x02", at + 1)
    return bytes(raw)


@pytest.mark.parametrize(
    ("name", "data", "word"),
    [
        ("setup.exe", b"MZ", "program"),
        ("invoice.pdf.exe", b"x", "disguised"),
        ("photo.jpg.js", b"x", "disguised"),
        ("my.file.js", b"x", "program"),
        ("annual\u202efdp.exe", b"x", "disguised"),
        ("report\u202etxt.doc", b"x", "reversed"),
        ("holiday.jpg", b"MZ" + b"\0" * 200, "program"),
        ("run.sh", b"#!/bin/sh\n", "program"),
        ("run.txt", b"#!/bin/sh\n", "program"),
        ("page.html", b"hello", "page"),
        ("page.txt", b"<!DOCTYPE html><script>", "page"),
        ("letter.doc", OLE + "_VBA_PROJECT".encode("utf-16-le"), "macros"),
        ("letter.docx", zipped("[Content_Types].xml", "word/vbaProject.bin"), "macros"),
        ("letter.docx", OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        ("files.zip", zipped("a.txt", "b/setup.scr"), "packed"),
        ("files.zip", zipped("a.txt", password=True), "encrypted"),
        ("files.zip", zipped("setup.exe", password=True), "packed"),
        ("files.zip", zipped("a.txt"), ""),
        ("letter.docx", zipped("[Content_Types].xml", "word/document.xml"), ""),
        ("invoice.pdf", b"%PDF-1.7\n", ""),
        ("notes.txt", b"hello", ""),
        ("", b"", ""),
        (".", b"", ""),
    ],
)
def test_a_file_is_judged_by_its_name_and_its_bytes(name, data, word):
    assert danger_of_file(name, data) == word
