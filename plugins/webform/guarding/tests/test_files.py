"""Which files are taken, by what is in them."""

import io
import tarfile
import time
import zipfile

import pytest
from werkzeug.datastructures import FileStorage

from forms.definitions import FieldDefinition, Kind
from plugins.webform.guarding.files import refusal
from plugins.webform.guarding.kinds import families_of

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504


def zipped(*names: str, content: bytes = b"x") -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return data.getvalue()


def tarred(*names: str) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        for name in names:
            archive.addfile(tarfile.TarInfo(name))
    return data.getvalue()


DOCX = zipped("[Content_Types].xml", "word/document.xml")
FAMILIES = {
    "image": [
        b"\x89PNG\r\n\x1a\n" + b"\0" * 40,
        b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + b"\0" * 40,
        b"\xff\xd8\xff\xe1\x00\x10Exif\x00\x00" + b"\0" * 40,
        b"GIF89a" + b"\0" * 20,
        b"RIFF\x00\x00\x00\x00WEBPVP8 " + b"\0" * 20,
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 20,
    ],
    "pdf": [b"%PDF-1.7\n%\xe2\xe3\n1 0 obj\n"],
    "document": [DOCX, zipped("mimetype", "content.xml"), OLE, b"{\\rtf1\\ansi hello}"],
    "archive": [zipped("a.txt"), tarred("a.txt"), b"7z\xbc\xaf\x27\x1c" + b"\0" * 20, b"Rar!\x1a\x07\x00" + b"\0" * 20],
    "audio": [b"ID3\x03\0\0\0\0\0\0" + b"\0" * 30, b"RIFF\x00\x00\x00\x00WAVEfmt " + b"\0" * 20],
    "video": [b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + b"\0" * 20],
}
DANGEROUS = {
    "a Windows program": (b"MZ\x90\0\3\0\0\0" + b"\0" * 60, "photo.png"),
    "a Unix program": (b"\x7fELF\2\1\1" + b"\0" * 30, "photo.png"),
    "a shell script": (b"#!/bin/sh\nrm -rf /\n", "notes.txt"),
    "a shortcut": (b"\x4c\x00\x00\x00\x01\x14\x02\x00" + b"\0" * 60, "notes.txt"),
    "an installer": (OLE + bytes.fromhex("84100c0000000000c000000000000046"), "letter.doc"),
    "a page as picture": (b"\n<!DOCTYPE html><html><script>alert(1)</script>", "photo.jpg"),
    "a drawing as picture": (
        b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>',
        "logo.png",
    ),
    "a drawing behind a comment": (b"<!-- x --><svg onload=x()>", "logo.png"),
    "a script by its name": (b"var x = 1", "invoice.pdf.js"),
    "a script behind a sign that is not kept": (b"var x = 1", "invoice.j\u202es"),
    "a script with one at its end": (b"var x = 1", "invoice.js\x07"),
    "a script by its name in capitals": (b"var x = 1", "INVOICE.VBS. "),
    "macros in a new document": (zipped("[Content_Types].xml", "word/vbaProject.bin"), "letter.docx"),
    "macros in an old document": (OLE + "_VBA_PROJECT".encode("utf-16-le"), "letter.doc"),
    "an object in a text": (b"{\\rtf1 {\\object\\objdata 0105}}", "letter.rtf"),
    "a starting PDF": (b"%PDF-1.4\n<< /S /Launch /F (cmd.exe) >>", "letter.pdf"),
    "a program in an archive": (zipped("readme.txt", "tools/Setup.EXE"), "files.zip"),
    "a program in a tar": (tarred("invoice.scr"), "files.tar"),
    "a Java program": (zipped("META-INF/MANIFEST.MF", "A.class"), "files.zip"),
    "a bomb": (zipped("a.txt", content=b"\0" * 250_000_000), "files.zip"),
}


def refused(data: bytes, filename: str, *accepts: str) -> str | None:
    upload = FileStorage(io.BytesIO(data), filename)
    said = refusal(FieldDefinition("files", Kind.FILE, accepts=accepts), upload)
    assert upload.stream.tell() == 0
    return said


@pytest.mark.parametrize(("family", "data"), [(family, data) for family, files in FAMILIES.items() for data in files])
def test_families_are_known_by_content_whatever_the_name(family, data):
    assert families_of(data) == {family}
    assert refused(data, "thing.dat", family) is None
    assert refused(data, "thing.dat") is None
    other = "image" if family != "image" else "pdf"
    assert "cannot be sent here" in refused(data, f"thing.{other}", other)


@pytest.mark.parametrize(("data", "filename"), DANGEROUS.values(), ids=DANGEROUS.keys())
def test_dangerous_files_are_refused_with_a_sentence(data, filename):
    said = refused(data, filename)
    assert said
    assert said.endswith(".")


@pytest.mark.parametrize(
    ("data", "filename"),
    [
        (b"MZ-700 manual, page 1", "notes.txt"),
        (b"2026-03-02 ERROR cart is undefined\n", "shop.log"),
        (b"a;b;c\n1;2;3\n", "orders.csv"),
        (b'{"error": "<svg> is not allowed"}', "answer.json"),
        (b"", "empty.txt"),
        (zipped("photos/1.jpg", "photos/2.jpg"), "photos.zip"),
        (b"PK\x03\x04 broken", "broken.zip"),
        (b"%PDF-1.4\n(no launches here)", "letter.pdf"),
    ],
)
def test_what_customers_send_is_taken(data, filename):
    assert refused(data, filename) is None


@pytest.mark.parametrize("data", [b"<!-- -->" * 8_000 + b"x", b"<!--" * 16_000, b"<?xml >" * 9_000 + b"x"])
def test_a_file_of_nothing_but_comments_is_read_once(data):
    started = time.perf_counter()
    assert refused(data, "notes.txt") is None
    assert time.perf_counter() - started < 2


def test_an_archive_of_nothing_but_long_names_is_read_to_no_end():
    member = tarfile.TarInfo("././@LongLink")
    member.type, member.size = tarfile.GNUTYPE_LONGNAME, 4
    header = member.tobuf(tarfile.GNU_FORMAT)
    assert refused((header + b"a.b\0".ljust(512, b"\0")) * 2_000, "files.tar") is None


def test_plain_text_passes_as_a_document():
    assert refused(b"hello", "notes.txt", "document") is None
    assert "pictures" in refused(b"hello", "notes.txt", "image")
