"""An archive is a document only when it holds one; whatever it claims, it is not unpacked."""

import io
import random
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.whatsapp.archives import TAIL_BYTES, office_sign
from channels.whatsapp.media_types import HEAD_BYTES, sniff

OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX = f"{OFFICE}wordprocessingml.document"


def archive(*names: str, size: int = 10, how: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", how) as made:
        for name in names:
            made.writestr(name, bytes(size))
    return file.getvalue()


def kept_as(data: bytes, mime: str = DOCX) -> str | None:
    found = sniff("document", mime, data[:HEAD_BYTES], data[-TAIL_BYTES:])
    return found.ext if found else None


@pytest.mark.parametrize(("part", "ext"), [("word/document.xml", ".docx"), ("xl/workbook.xml", ".xlsx"),
                                            ("ppt/presentation.xml", ".pptx")])  # fmt: skip
@pytest.mark.parametrize("mime", [DOCX, f"{OFFICE}spreadsheetml.sheet", "application/octet-stream"])
def test_a_document_is_what_it_holds_whatever_it_is_said_to_be(part: str, ext: str, mime: str) -> None:
    assert kept_as(archive("[Content_Types].xml", "_rels/.rels", part), mime) == ext


@pytest.mark.parametrize(
    "names",
    [
        ("setup.exe",),
        ("word/document.xml",),
        ("[Content_Types].xml",),
        ("[Content_Types].xml", "payload/word/document.xml"),
        ("[Content_Types].xml", "word/document.xml", "xl/workbook.xml"),
        ("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
        ("META-INF/MANIFEST.MF", "Main.class"),
        ("AndroidManifest.xml", "classes.dex"),
    ],
)
@pytest.mark.parametrize("mime", [DOCX, "application/octet-stream", "text/plain", "text/csv"])
def test_any_other_archive_is_nothing_we_keep(names: tuple[str, ...], mime: str) -> None:
    assert kept_as(archive(*names), mime) is None


def test_only_the_end_of_a_large_document_is_looked_at() -> None:
    data = archive("[Content_Types].xml", "word/document.xml", "word/media/film.bin", size=2 * TAIL_BYTES)
    assert kept_as(data) == ".docx"


def test_a_bomb_is_not_unpacked_and_a_directory_without_end_is_not_read() -> None:
    bomb = archive("[Content_Types].xml", "word/document.xml", size=200_000_000, how=zipfile.ZIP_DEFLATED)
    assert (len(bomb) < 500_000, kept_as(bomb)) == (True, ".docx")
    names = [f"word/{number:0200d}" for number in range(6_000)]
    endless = archive("[Content_Types].xml", *names, size=0)
    assert kept_as(endless) is None


@given(st.integers(), st.integers(1, 12), st.integers(0, 400))
def test_a_torn_or_forged_directory_raises_nothing(seed: int, count: int, cut: int) -> None:
    dice, data = random.Random(seed), bytearray(archive("[Content_Types].xml", "word/document.xml", "word/é.bin"))
    for _ in range(count):
        data[dice.randrange(len(data))] = dice.randrange(256)
    office_sign(bytes(data[cut:]))
    office_sign(bytes(data[: len(data) - cut]))
