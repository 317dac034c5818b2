"""An archive that is said to be a document comes in only when it is one."""

import io
import zipfile

import pytest

from channels.whatsapp.media import WhatsAppMediaKeeper
from tests.integration.whatsapp_sending.harness import Sending
from tests.integration.whatsapp_sending.test_media import Ears, Room, Shelf

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.fixture
async def room(sending: Sending) -> Room:
    shelf, ears = Shelf(), Ears()
    keeper = WhatsAppMediaKeeper(sending.db, sending.graph, sending.channels, shelf, sending.data_dir, ears)
    return Room(sending, shelf, ears, keeper)


def archive(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name in names:
            made.writestr(name, bytes(3000))
    return file.getvalue()


async def test_a_program_in_an_archive_is_refused_though_it_is_called_a_document(room: Room) -> None:
    message_id, _ = room.received(archive("setup.exe"), DOCX, "invoice.docx")
    found = await room.fetch(message_id)
    assert (found.state, found.error, found.path) == ("refused", "wrong_type", None)
    assert room.on_disk() == []


async def test_a_table_is_kept_as_one_though_it_is_called_a_text(room: Room) -> None:
    message_id, _ = room.received(archive("[Content_Types].xml", "xl/workbook.xml"), DOCX, "prices.docx")
    found = await room.fetch(message_id)
    assert (found.state, str(found.path).rpartition(".")[2]) == ("stored", "xlsx")
