"""What makes a file dangerous to open, by its name and its bytes. Pure; which of it is refused, and in what words, is decided elsewhere."""

import io
import re
import tarfile
import unicodedata
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

__all__ = ["HEAD", "PackedFile", "danger_of_file", "is_document", "packed_files"]

HEAD = 65_536
"""Bytes from the start of a file that signatures are looked for in."""
_MOST_MEMBERS = 2_000
_BOMB = 100
"""An archive that unpacks to so many times its size is no ordinary one."""
_ROOMY = 200_000_000

_PROGRAMS = (
    b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe",
    b"\x4c\x00\x00\x00\x01\x14\x02\x00", b"dex\n", b"\x00asm", b"MSCF", b"ITSF", b"!<arch>\ndebian", b"\xed\xab\xee\xdb", b"xar!",
)  # fmt: skip
"""Windows, Unix scripts and programs, Java, Mach-O, shortcuts, Android, WebAssembly, cabinets, compiled help, packages."""

_RUN = """
ade adp apk app appinstaller application appref-ms bat cab chm cmd com cpl deb diagcab dll dmg docm dotm exe gadget hta
img inf ins iso isp jar jnlp js jse lnk mde msc msi msix msp mst one pif pkg potm ppam ppsm pptm ps1 ps1xml
psc1 psd1 psm1 reg rpm scf scr sct settingcontent-ms sh shb sldm slk sys url vb vbe vbs vhd vhdx vxd
website wsc wsf wsh xlam xll xlsm xltm
"""
_ENDINGS = frozenset(_RUN.split())
"""What Windows or macOS runs when it is opened, whatever is in it."""
_PAGES = frozenset({"htm", "html", "shtml", "svg", "svgz", "xht", "xhtml"})
"""What a browser runs."""
_FAMILIAR = "pdf doc docx xls xlsx ppt pptx odt ods txt csv rtf jpg jpeg png gif mp3 mp4 zip"
_HARMLESS = frozenset(_FAMILIAR.split())
"""Endings that other files pretend to have."""
_REVERSED = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Signs that turn the direction of writing, so that "exe.pdf" may be read where "fdp.exe" stands."""

_PAGE_START = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*+(?:<\?xml[^>]*+>\s*+|<!--(?:(?!-->).)*+-->\s*+)*+<(?:!doctype\s+(?:html|svg)|html|head|body|script|svg|iframe|meta)\b",
    re.IGNORECASE | re.DOTALL,
)
_SVG = re.compile(rb"<svg[\s>]|xmlns(?::\w+)?=[\"']http://www\.w3\.org/2000/svg", re.IGNORECASE)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_DANGER = ("_VBA_PROJECT".encode("utf-16-le"), "Ole10Native".encode("utf-16-le"), b"Attribut\x00e VB_")
_MSI = bytes.fromhex("84100c0000000000c000000000000046")
_OFFICE_DANGER = ("vbaproject.bin", "vbaprojectsignature.bin", "activex1.bin", "oleobject1.bin")

_OLE_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True, slots=True)
class PackedFile:
    """A file in an archive: its name, its bytes once it is unpacked, and whether a password is needed. Since API 3."""

    name: str
    size: int
    is_encrypted: bool = False


def danger_of_file(filename: str, data: bytes) -> str:
    """Why opening a file may do harm, in one word; an empty text when nothing speaks against it.

    "program": it is one, or starts one. "disguised": so is it, and its name pretends otherwise. "page": a web page or drawing that can hold
    a program. "macros": a document that holds some. "packed": an archive with a program. "bloated": one that unpacks to far more than it
    should. "encrypted": nobody can look into it. "reversed": its name is not what it looks like. Since API 3.
    """
    return _danger_of_name(filename) or _danger_in(data) or ("reversed" if _REVERSED.search(filename) else "")


def packed_files(data: bytes) -> Sequence[PackedFile] | None:
    """What a zip or an uncompressed tar holds; None for any other file. Since API 3."""
    if data.startswith(b"PK"):
        return _zip_members(data)
    if data[257:262] == b"ustar":
        return _tar_members(data)
    return None


def is_document(members: Iterable[PackedFile]) -> bool:
    """Whether an archive is an Office, OpenDocument, EPUB or iWork file by the parts that make it one. Since API 3."""
    names = {one.name for one in members}
    return (
        "[Content_Types].xml" in names
        or {"mimetype", "META-INF/manifest.xml"} <= names
        or "Index/Document.iwa" in names
        or ("mimetype" in names and ("content.xml" in names or "META-INF/container.xml" in names))
    )


def _danger_of_name(filename: str) -> str:
    """What a name alone gives away: its last ending decides what a computer does with it."""
    name = _plain(filename)
    ending = _ending(name)
    if ending in _PAGES:
        return "page"
    if ending not in _ENDINGS:
        return ""
    is_disguised = _REVERSED.search(filename) is not None or _ending(name.rpartition(".")[0]) in _HARMLESS
    return "disguised" if is_disguised else "program"


def _danger_in(data: bytes) -> str:
    head = data[:HEAD]
    if head.startswith(_PROGRAMS) or (head.startswith(b"MZ") and b"\x00" in head[:128]):
        return "program"
    if _PAGE_START.match(head) or (head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and _SVG.search(head)):
        return "page"
    if head.startswith(_OLE):
        return _danger_of_compound(data)
    if head.lstrip().startswith(b"{\\rt"):
        return "macros" if b"\\objdata" in data or b"\\objupdate" in data else ""
    if head[:1024].find(b"%PDF-") >= 0:
        return "macros" if re.search(rb"/Launch\b", data) else ""
    return _danger_in_archive(data)


def _danger_of_compound(data: bytes) -> str:
    """Old Office documents and installers are the same kind of file, and so are new documents with a password."""
    if _MSI in data[:1_000_000]:
        return "program"
    if any(mark in data for mark in _OLE_DANGER):
        return "macros"
    return "encrypted" if _OLE_ENCRYPTED in data else ""


def _danger_in_archive(data: bytes) -> str:
    members = packed_files(data)
    if members is None:
        return ""
    names = [one.name for one in members]
    if any(_last(name) in _OFFICE_DANGER for name in names):
        return "macros"
    if "AndroidManifest.xml" in names or "META-INF/MANIFEST.MF" in names:
        return "program"
    if not is_document(members) and any(_danger_of_name(name) for name in names):
        return "packed"
    if sum(one.size for one in members) > max(_ROOMY, _BOMB * len(data)):
        return "bloated"
    return "encrypted" if any(one.is_encrypted for one in members) else ""


def _zip_members(data: bytes) -> Sequence[PackedFile] | None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()[:_MOST_MEMBERS]
            return [PackedFile(one.filename, one.file_size, bool(one.flag_bits & 1)) for one in members]
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return None


def _tar_members(data: bytes) -> Sequence[PackedFile] | None:
    found: list[PackedFile] = []
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            for member in archive:
                found.append(PackedFile(member.name, member.size))
                if len(found) >= _MOST_MEMBERS:
                    break
    except (tarfile.TarError, ValueError, OSError, EOFError, RecursionError):  # the last: names that only name names
        return found or None
    return found


def _plain(filename: str) -> str:
    """A name without the characters that nobody sees."""
    kept = "".join(one for one in filename if unicodedata.category(one) not in ("Cc", "Cf", "Cs"))
    return unicodedata.normalize("NFKC", kept).strip()


def _ending(filename: str) -> str:
    """In lower case, without the dots and spaces at its end that Windows takes away."""
    return filename.rstrip(". ").rpartition(".")[2].casefold() if "." in filename else ""


def _last(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).name.casefold()
