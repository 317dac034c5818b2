"""What a ZIP archive holds, by the names in its directory: nothing is unpacked."""

import io
import struct
import zipfile

TAIL_BYTES = 1024 * 1024
"""Where a document's directory lies: thousands of names fit; a longer one is no document."""
_START = b"PK\x03\x04"
_TYPES = "[Content_Types].xml"
_FOLDERS = {"word/": ".docx", "xl/": ".xlsx", "ppt/": ".pptx"}
_MACROS = "vbaproject.bin"


def is_archive(head: bytes) -> bool:
    """Whether a file begins as ZIP archives do."""
    return head.startswith(_START)


def office_sign(tail: bytes) -> str | None:
    """The ending of the Office document an archive is, or None.

    A document names its parts' types (ECMA-376, part 2) and has the folder of one program; with macros it is another
    type, which other endings stand for.

    Args:
        tail: The last `TAIL_BYTES` of the file, or the whole.
    """
    names = _names(tail)
    signs = {sign for folder, sign in _FOLDERS.items() if any(name.startswith(folder) for name in names)}
    has_macros = any(name.lower().endswith(_MACROS) for name in names)
    return signs.pop() if _TYPES in names and len(signs) == 1 and not has_macros else None


def _names(tail: bytes) -> frozenset[str]:
    """The names in the archive's directory, which stands at its end; none when it cannot be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(tail[-TAIL_BYTES:])) as archive:
            return frozenset(archive.namelist())
    except (zipfile.BadZipFile, RuntimeError, ValueError, struct.error, EOFError, OSError):
        return frozenset()  # what a directory may raise that was made or torn on purpose
