"""Files that people send: into the house whole, checked by their content, or visibly not at all."""

import asyncio
import base64
import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import UUID

import pytest

from channels.whatsapp.media import WhatsAppMediaKeeper
from domain.channels.dto import Credentials
from domain.conversations.dto import MediaInfo
from domain.kernel.actor import Actor
from domain.kernel.errors import TransientFailure
from domain.kernel.ids import uuid7
from sandbox.whatsapp import Media
from sandbox.whatsapp.faults import Operation
from tests.integration.whatsapp_sending.harness import CANARY, Sending

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(5000) + b"\xff\xd9"
VOICE = b"OggS\0\x02" + bytes(22) + b"OpusHead\x01" + bytes(3000)
PDF = b"%PDF-1.7\n" + b"x" * 3000


@dataclass
class Shelf:
    """A stand-in for the conversations: one file per message, and what became of it."""

    files: dict[UUID, MediaInfo] = field(default_factory=dict)
    stored_count: int = 0

    async def media_of(self, actor: Actor, message_id: UUID) -> MediaInfo | None:
        return self.files.get(message_id)

    async def media_stored(self, actor: Actor, message_id: UUID, path: str, size: int, mime: str, name: str) -> None:
        self.stored_count += 1
        self._set(message_id, path=path, size_bytes=size, mime=mime, file_name=name, state="stored")

    async def media_failed(self, actor: Actor, message_id: UUID, state: str, error: str) -> None:
        self._set(message_id, state=state, error=error)

    async def media_heard(
        self, actor: Actor, message_id: UUID, transcript: str, is_sure: bool, locale: str | None = None
    ) -> None:
        self._set(message_id, transcript=transcript, is_transcript_sure=is_sure)

    def _set(self, message_id: UUID, **values: object) -> None:
        self.files[message_id] = replace(self.files[message_id], **values)  # type: ignore[arg-type]  # by name


@dataclass
class Ears:
    """A stand-in for the transcription: hears what it is told to."""

    heard: list[Path] = field(default_factory=list)
    is_deaf: bool = False

    async def transcribe(self, path: Path, mime: str) -> tuple[str, bool]:
        self.heard.append(path)
        if self.is_deaf:
            raise TransientFailure("openai", "timeout")
        return "quiero subir a oro", False


@dataclass
class Room:
    """A keeper with its shelf."""

    sending: Sending
    shelf: Shelf
    ears: Ears
    keeper: WhatsAppMediaKeeper

    def received(self, data: bytes, mime: str, name: str = "", *, sha256: str | None = None) -> tuple[UUID, Media]:
        """A message with a file that waits at the provider."""
        media, message_id = self.sending.whatsapp.add_media(self.sending.number, data, mime, name), uuid7()
        digest = media.sha256_base64 if sha256 is None else sha256
        self.shelf.files[message_id] = MediaInfo(
            mime, name, None, None, mime.startswith("audio"), "waiting", None, None, None, media.id, digest,
            self.sending.account.id,
        )  # fmt: skip
        return message_id, media

    async def fetch(self, message_id: UUID) -> MediaInfo:
        await self.keeper.fetch(self.sending.shop.tenant.id, message_id, "job")
        return self.shelf.files[message_id]

    def on_disk(self) -> list[Path]:
        return [path for path in self.sending.data_dir.rglob("*") if path.is_file()]

    async def waiting_count(self) -> int:
        async with self.sending.db.queue_tx() as tx:
            found: int = await tx.value("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'media.fetch'")
            return found


@pytest.fixture
async def room(sending: Sending) -> Room:
    shelf, ears = Shelf(), Ears()
    keeper = WhatsAppMediaKeeper(
        sending.db, sending.graph, sending.channels, shelf, sending.data_dir, ears, limit_bytes=2_000_000
    )
    return Room(sending, shelf, ears, keeper)


async def test_a_picture_is_kept_under_a_name_of_our_own(room: Room) -> None:
    message_id, _ = room.received(JPEG, "image/jpeg")
    found = await room.fetch(message_id)
    assert (found.state, found.mime, found.size_bytes) == ("stored", "image/jpeg", len(JPEG))
    [path] = room.on_disk()
    assert path == room.sending.data_dir / str(found.path)
    assert path.read_bytes() == JPEG
    tenant_id = room.sending.shop.tenant.id
    assert path.parent.parent == room.sending.data_dir / "media" / str(tenant_id)
    assert path.name == f"{message_id}.jpg"


async def test_the_data_folder_may_be_named_from_where_the_process_started(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(room.sending.data_dir)
    one = room.sending
    keeper = WhatsAppMediaKeeper(one.db, one.graph, one.channels, room.shelf, Path("data"))
    message_id, _ = room.received(JPEG, "image/jpeg")
    await keeper.fetch(one.shop.tenant.id, message_id, "job")
    assert (Path("data") / str(room.shelf.files[message_id].path)).read_bytes() == JPEG


@pytest.mark.parametrize("name", ["../../etc/passwd", "..\\..\\evil.exe", "/abs.pdf", "a\0b\n.pdf", "x" * 500, "ñ.pdf"])
async def test_a_persons_file_name_is_never_a_path(room: Room, name: str) -> None:
    message_id, _ = room.received(PDF, "application/pdf", name)
    found = await room.fetch(message_id)
    [path] = room.on_disk()
    assert path.name == f"{message_id}.pdf"
    assert path.is_relative_to(room.sending.data_dir)
    assert not set("/\\\0\n") & set(found.file_name)
    assert len(found.file_name) <= 120


async def test_twice_changes_nothing_and_at_once_neither(room: Room) -> None:
    message_id, _ = room.received(JPEG, "image/jpeg")
    await asyncio.gather(*(room.fetch(message_id) for _ in range(4)))
    before = room.sending.whatsapp.counts["media.download"]
    await room.fetch(message_id)
    assert room.sending.whatsapp.counts["media.download"] == before
    assert [path.read_bytes() for path in room.on_disk()] == [JPEG]


@pytest.mark.parametrize(
    ("data", "mime", "name"),
    [
        (b"<!DOCTYPE html><html><script>alert(1)</script>", "image/jpeg", ""),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "image/png", ""),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", "drawing.svg"),
        (b"MZ\x90\0" + bytes(200), "application/pdf", "invoice.pdf"),
        (b"\x7fELF" + bytes(200), "application/octet-stream", "tool"),
        (b"#!/bin/sh\nrm -rf /", "text/plain", "notes.txt"),
        (b"  \n<html><body onload=x>", "text/plain", "notes.txt"),
        (PDF, "image/png", ""),
        (JPEG, "audio/ogg", ""),
        (b"", "image/jpeg", ""),
        (b"\0" * 300, "application/pdf", "zeros.pdf"),
    ],
)
async def test_what_is_not_what_its_kind_allows_is_refused(room: Room, data: bytes, mime: str, name: str) -> None:
    message_id, _ = room.received(data, mime, name)
    found = await room.fetch(message_id)
    assert (found.state, found.error, found.path) == ("refused", "wrong_type", None)
    assert room.on_disk() == []


@pytest.mark.parametrize(
    ("data", "mime", "name", "ext"),
    [
        (JPEG, "image/png", "", ".jpg"),
        (JPEG, "image/jpeg", "screenshot.jpeg", ".jpg"),
        (b"a,b\n1,2\n", "text/csv", "list.csv", ".csv"),
        ("límite é".encode(), "text/plain", "notes.txt", ".txt"),
        (b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41" + bytes(99), "video/mp4", "", ".mp4"),
        (b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41" + bytes(99), "audio/mp4", "", ".m4a"),
        (b"RIFF\x24\0\0\0WEBPVP8 " + bytes(99), "image/webp", "", ".webp"),
    ],
)
async def test_the_content_decides_the_ending(room: Room, data: bytes, mime: str, name: str, ext: str) -> None:
    message_id, _ = room.received(data, mime, name)
    found = await room.fetch(message_id)
    assert (found.state, Path(str(found.path)).suffix) == ("stored", ext)


async def test_another_file_than_announced_is_refused(room: Room) -> None:
    wrong = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
    message_id, _ = room.received(JPEG, "image/jpeg", sha256=wrong)
    found = await room.fetch(message_id)
    assert (found.state, found.error) == ("refused", "wrong_sha256")
    assert room.on_disk() == []


@pytest.mark.parametrize(("mime", "head"), [("image/jpeg", JPEG), ("image/webp", b"RIFF\x24\0\0\0WEBPVP8 ")])
async def test_what_is_too_big_is_not_even_downloaded(room: Room, mime: str, head: bytes) -> None:
    message_id, _ = room.received(head + bytes(6_000_000), mime)
    found = await room.fetch(message_id)
    assert (found.state, found.error) == ("refused", "too_big")
    assert room.sending.whatsapp.counts["media.download"] == 0


async def test_a_size_that_was_a_lie_stops_the_download(room: Room) -> None:
    message_id, media = room.received(JPEG, "image/jpeg")
    remote = await room.sending.graph.media_info(await _credentials(room), media.id)
    media.data = JPEG + bytes(3_000_000)

    async def lying(*_: object) -> object:
        return replace(remote, size_bytes=10)

    room.sending.graph.media_info = lying  # type: ignore[method-assign,assignment]  # a provider that says 10 bytes
    found = await room.fetch(message_id)
    assert (found.state, found.error) == ("refused", "too_big")
    assert room.on_disk() == []


async def test_what_the_provider_no_longer_has_is_lost(room: Room) -> None:
    message_id, media = room.received(JPEG, "image/jpeg")
    del room.sending.whatsapp.world.media[media.id]
    found = await room.fetch(message_id)
    assert (found.state, found.error) == ("lost", "meta_100")


async def test_an_address_whose_five_minutes_are_over_is_asked_for_again_once(room: Room) -> None:
    message_id, _ = room.received(JPEG, "image/jpeg")
    room.sending.whatsapp.faults.answer("media.download", 403, b"URL signature mismatch")
    assert (await room.fetch(message_id)).state == "stored"
    message_id, _ = room.received(JPEG, "image/jpeg")
    room.sending.whatsapp.faults.answer("media.download", 403, times=2)
    assert (await room.fetch(message_id)).error == "meta_403"


@pytest.mark.parametrize("operation", ["media.info", "media.download"])
@pytest.mark.parametrize("fault", ["reset", "slow", "502", "busy"])
async def test_while_the_provider_is_away_the_file_comes_later(room: Room, operation: Operation, fault: str) -> None:
    message_id, _ = room.received(JPEG, "image/jpeg")
    faults = room.sending.whatsapp.faults
    match fault:
        case "reset":
            faults.reset(operation, times=None)
        case "slow":
            faults.slow(operation, 1.2)
            room.sending.lose_patience()
        case "502":
            faults.answer(operation, 502, b"<html>")
        case "busy":
            faults.fail(operation, 80007)
    assert (await room.fetch(message_id)).state == "waiting"
    assert room.on_disk() == []
    assert await room.waiting_count() == 1
    faults.clear()
    room.sending.regain_patience()
    assert (await room.fetch(message_id)).state == "stored"


async def test_a_token_refused_for_a_file_stops_the_number_and_the_file_waits(room: Room) -> None:
    message_id, _ = room.received(JPEG, "image/jpeg")
    room.sending.number.expire_token()
    assert (await room.fetch(message_id)).state == "waiting"
    [account] = await room.sending.channels.accounts(room.sending.actor)
    assert account.state == "stopped"
    calls_count = room.sending.whatsapp.counts.total()
    assert (await room.fetch(message_id)).state == "waiting"
    assert room.sending.whatsapp.counts.total() == calls_count
    fresh = room.sending.number.renew_token()
    await room.sending.channels.replace_token(room.sending.actor, account.id, fresh)
    assert (await room.fetch(message_id)).state == "stored"


async def test_a_fetch_that_is_killed_leaves_nothing_that_looks_like_a_file(room: Room) -> None:
    message_id, _ = room.received(JPEG, "image/jpeg")
    held = room.sending.whatsapp.faults.hold("media.download")
    fetching = asyncio.create_task(room.fetch(message_id))
    await room.sending.whatsapp.wait_until(lambda: held.caught_count == 1)
    fetching.cancel()
    await asyncio.gather(fetching, return_exceptions=True)
    held.release()
    assert room.on_disk() == []
    assert (await room.fetch(message_id)).state == "stored"


async def test_a_voice_note_is_put_into_words_even_after_a_crash_in_between(room: Room) -> None:
    message_id, _ = room.received(VOICE, "audio/ogg; codecs=opus")
    room.ears.is_deaf = True
    found = await room.fetch(message_id)
    assert (found.state, found.transcript) == ("stored", None)
    room.ears.is_deaf = False
    found = await room.fetch(message_id)
    assert (found.transcript, found.is_transcript_sure) == ("quiero subir a oro", False)
    assert room.shelf.stored_count == 1
    await room.fetch(message_id)
    assert len(room.ears.heard) == 2


async def test_what_a_voice_note_asks_for_is_obeyed_before_anybody_may_answer_it(room: Room) -> None:
    obeyed: list[tuple[str, str | None]] = []

    class Obedient:
        async def heard(self, actor: Actor, message_id: UUID, words: str, locale: str | None = None) -> None:
            obeyed.append((words, room.shelf.files[message_id].transcript))

    sending = room.sending
    room.keeper = WhatsAppMediaKeeper(
        sending.db, sending.graph, sending.channels, room.shelf, sending.data_dir, room.ears, listener=Obedient()
    )
    message_id, _ = room.received(VOICE, "audio/ogg; codecs=opus")
    found = await room.fetch(message_id)
    assert obeyed == [("quiero subir a oro", None)]
    assert found.transcript == "quiero subir a oro"


async def test_the_token_goes_to_metas_hosts_only(room: Room) -> None:
    graph = room.sending.graph
    asked = {
        "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1": True,
        f"{room.sending.whatsapp.origin}/file": True,
        "https://evil.example/fbsbx.com": False,
        "https://notfbsbx.com/x": False,
        "http://lookaside.fbsbx.com/x": False,
        "https://lookaside.fbsbx.com@evil.example/x": False,
        "http://169.254.169.254/latest": False,
        "file:///etc/passwd": False,
        "": False,
        "http://[": False,
    }
    assert {url: graph.may_ask(url) for url in asked} == asked


async def test_the_token_stands_in_no_log_line(room: Room, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    message_id, _ = room.received(JPEG, "image/jpeg")
    room.sending.whatsapp.faults.reset("media.download", times=None)
    await room.fetch(message_id)
    assert CANARY not in caplog.text


async def _credentials(room: Room) -> Credentials:
    return await room.sending.channels.credentials(room.sending.actor, room.sending.account.id)
