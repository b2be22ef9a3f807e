"""What a file is, by its bytes: its family ("image", "pdf", "document", "archive", "audio", "video", "text") and what makes it dangerous.

Families come from puremagic's table of signatures; what is dangerous is decided here, because there a wrong guess costs something.
"""

import io
import re
import tarfile
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

import puremagic

from forms.definitions import clean_text
from tidings import translatable

__all__ = ["HEAD", "danger_in", "danger_of_name", "families_of"]

HEAD = 65_536
"""Bytes from the start of a file that signatures are looked for in."""
_MOST_MEMBERS = 2_000
_BOMB = 100
"""An archive that unpacks to so many times its size is no ordinary one."""
_ROOMY = 200_000_000

_PROGRAM = translatable("This file is a program, or starts one. Such files cannot be sent here.")
_PAGE = translatable(
    "This file is a web page or a drawing that can hold a program. Please send a picture or a PDF of it instead."
)
_MACRO = translatable(
    "This document holds macros, which can do harm. Please send it without them, for example as a PDF."
)
_PACKED = translatable("There is a program in this archive. Please send only what we should look at.")
_BLOATED = translatable("This archive unpacks to far more than it should. Please send the files one by one.")

_PROGRAMS = (
    b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe",
    b"\x4c\x00\x00\x00\x01\x14\x02\x00", b"dex\n", b"\x00asm", b"MSCF", b"ITSF", b"!<arch>\ndebian", b"\xed\xab\xee\xdb", b"xar!",
)  # fmt: skip
"""Windows, Unix scripts and programs, Java, Mach-O, shortcuts, Android, WebAssembly, cabinets, compiled help, packages."""

_RUN = """
ade adp apk app appinstaller application appref-ms bat cab chm cmd com cpl deb diagcab dll dmg docm dotm exe gadget hta
htm html img inf ins iso isp jar jnlp js jse lnk mde msc msi msix msp mst one pif pkg potm ppam ppsm pptm ps1 ps1xml
psc1 psd1 psm1 reg rpm scf scr sct settingcontent-ms sh shb shtml sldm slk svg svgz sys url vb vbe vbs vhd vhdx vxd
website wsc wsf wsh xht xhtml xlam xll xlsm xltm
"""
_ENDINGS = frozenset(_RUN.split())
"""What Windows, macOS or a browser runs when it is opened, whatever is in it."""

_PAGE_START = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*+(?:<\?xml[^>]*+>\s*+|<!--(?:(?!-->).)*+-->\s*+)*+<(?:!doctype\s+(?:html|svg)|html|head|body|script|svg|iframe|meta)\b",
    re.IGNORECASE | re.DOTALL,
)
_SVG = re.compile(rb"<svg[\s>]|xmlns(?::\w+)?=[\"']http://www\.w3\.org/2000/svg", re.IGNORECASE)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_DANGER = ("_VBA_PROJECT".encode("utf-16-le"), "Ole10Native".encode("utf-16-le"), b"Attribut\x00e VB_")
_MSI = bytes.fromhex("84100c0000000000c000000000000046")
_OFFICE_DANGER = ("vbaproject.bin", "vbaprojectsignature.bin", "activex1.bin", "oleobject1.bin")

_DOCUMENT = re.compile(
    r"officedocument|opendocument|msword|ms-excel|ms-powerpoint|vnd\.ms-|rtf|epub|postscript|iwork", re.IGNORECASE
)
_ARCHIVE = re.compile(r"zip|rar|7z|tar|compress|gzip|bzip|x-xz|zstd", re.IGNORECASE)


def danger_in(data: bytes) -> str:
    """Why a file with these bytes must not be taken, as a sentence; empty when nothing speaks against it."""
    head = data[:HEAD]
    if head.startswith(_PROGRAMS) or (head.startswith(b"MZ") and b"\x00" in head[:128]):
        return _PROGRAM
    if _PAGE_START.match(head) or (head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and _SVG.search(head)):
        return _PAGE
    if head.startswith(_OLE):
        return _danger_of_compound(data)
    if head.lstrip().startswith(b"{\\rt"):
        return _MACRO if b"\\objdata" in data or b"\\objupdate" in data else ""
    if head[:1024].find(b"%PDF-") >= 0:
        return _MACRO if re.search(rb"/Launch\b", data) else ""
    return _danger_in_archive(data)


def danger_of_name(filename: str) -> str:
    """The same for what a name alone gives away: its last ending decides what a computer does with it."""
    return _PROGRAM if _ending(clean_text(filename)) in _ENDINGS else ""


def families_of(data: bytes) -> frozenset[str]:
    """The families that the bytes may belong to. Several where signatures do not tell them apart; "text" for plain text; empty for unknown
    bytes."""
    members = _members(data)
    if members is not None:
        return frozenset({"document"} if _is_document(members) else {"archive"})
    try:
        guesses = [guess for guess in puremagic.magic_string(data) if guess.mime_type]
    except (puremagic.PureError, ValueError):
        guesses = []
    if guesses:
        best = max(guess.confidence for guess in guesses)
        return frozenset(filter(None, (_family(guess.mime_type) for guess in guesses if guess.confidence == best)))
    return frozenset({"text"}) if _is_text(data) else frozenset()


def _family(mime_type: str) -> str:
    kind = mime_type.partition("/")[0]
    if kind in ("image", "audio", "video"):
        return kind
    if mime_type == "application/pdf":
        return "pdf"
    if mime_type == "application/ogg":
        return "audio"
    if _DOCUMENT.search(mime_type):
        return "document"
    return "archive" if _ARCHIVE.search(mime_type) else "text" if kind == "text" else ""


def _is_text(data: bytes) -> bool:
    head = data[:HEAD]
    if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    return not re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", head) or head.startswith((b"\xff\xfe", b"\xfe\xff"))


def _danger_of_compound(data: bytes) -> str:
    """Old Office documents and installers are the same kind of file."""
    if _MSI in data[:1_000_000]:
        return _PROGRAM
    return _MACRO if any(mark in data for mark in _OLE_DANGER) else ""


def _danger_in_archive(data: bytes) -> str:
    members = _members(data)
    if members is None:
        return ""
    names = [name for name, _ in members]
    if any(_last(name) in _OFFICE_DANGER for name in names):
        return _MACRO
    if "AndroidManifest.xml" in names or "META-INF/MANIFEST.MF" in names:
        return _PROGRAM
    if not _is_document(members) and any(danger_of_name(name) for name in names):
        return _PACKED
    unpacked = sum(size for _, size in members)
    return _BLOATED if unpacked > max(_ROOMY, _BOMB * len(data)) else ""


def _members(data: bytes) -> Sequence[tuple[str, int]] | None:
    """(name, bytes unpacked) of what a zip or an uncompressed tar holds; None for any other file."""
    if data.startswith(b"PK"):
        return _zip_members(data)
    if data[257:262] == b"ustar":
        return _tar_members(data)
    return None


def _zip_members(data: bytes) -> Sequence[tuple[str, int]] | None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return [(one.filename, one.file_size) for one in archive.infolist()[:_MOST_MEMBERS]]
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return None


def _tar_members(data: bytes) -> Sequence[tuple[str, int]] | None:
    found: list[tuple[str, int]] = []
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            for member in archive:
                found.append((member.name, member.size))
                if len(found) >= _MOST_MEMBERS:
                    break
    except (tarfile.TarError, ValueError, OSError, EOFError, RecursionError):  # the last: names that only name names
        return found or None
    return found


def _is_document(members: Iterable[tuple[str, int]]) -> bool:
    """Whether an archive is an Office, OpenDocument, EPUB or iWork file by the parts that make it one."""
    names = {name for name, _ in members}
    return (
        "[Content_Types].xml" in names
        or {"mimetype", "META-INF/manifest.xml"} <= names
        or "Index/Document.iwa" in names
        or ("mimetype" in names and ("content.xml" in names or "META-INF/container.xml" in names))
    )


def _ending(filename: str) -> str:
    """In lower case, without the dots and spaces at its end that Windows takes away."""
    return filename.rstrip(". \u200b").rpartition(".")[2].casefold() if "." in filename else ""


def _last(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).name.casefold()
