"""A voice note that cannot be put into words now is tried again, a few times, before a person takes it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest

from agent.models.opening import open_client
from agent.models.transcription import Transcriber
from channels.whatsapp.media import WhatsAppMediaKeeper
from domain.conversations.changes import TurnTiming
from domain.conversations.inbound import MediaRef, MessageKind
from domain.conversations.jobs import FETCH_MEDIA
from domain.i18n.detect import LanguageDetector
from domain.jobs.handlers import HANDLERS, Job, Workshop
from domain.kernel.db import Database
from domain.kernel.ids import uuid7
from sandbox.clock import ManualClock
from sandbox.openai import OpenAIEmulator, SalesModel, Transcript
from tests.fixtures.inbox import Inbox, open_inbox
from tests.fixtures.shop import Shop
from tests.integration.whatsapp_sending.harness import Sending

VOICE = b"OggS\0\x02" + bytes(22) + b"OpusHead\x01" + bytes(300)
WORDS = Transcript("bonjour, je voudrais monter de E4 à D1", avg_logprob=-0.1)


@dataclass
class Room:
    """A number's inbox whose voice notes an emulated model hears."""

    inbox: Inbox
    openai: OpenAIEmulator
    workshop: Workshop
    data_dir: Path

    async def voice(self, *more: Any) -> UUID:
        """A voice note came in, and its file is in the house already; what followed it, too."""
        inbox = self.inbox
        found = await inbox.receive(inbox.message("", kind=MessageKind.VOICE, media=MediaRef("m1", "audio/ogg")))
        message_id = (await inbox.messages(found))[-1].id
        (self.data_dir / "voice.ogg").write_bytes(VOICE)
        await inbox.conversations.media_stored(inbox.system, message_id, "voice.ogg", 10, "audio/ogg", "")
        if more:
            await inbox.receive(*more)
        return message_id

    async def run(self) -> float | None:
        """Run the only job that waits for a file, as the worker does; the seconds it had to wait, or None."""
        async with self.inbox.db.queue_tx() as tx:
            rows = await tx.rows(
                """DELETE FROM pgqueuer WHERE entrypoint = $1
                   RETURNING id, payload, extract(epoch FROM execute_after - created)::float AS wait_s""", FETCH_MEDIA
            )  # fmt: skip
        if not rows:
            return None
        [row] = rows
        payload = orjson.loads(row["payload"])
        job = Job(FETCH_MEDIA, f"job:{row['id']}", UUID(payload.pop("tenant_id")), payload)
        await HANDLERS[FETCH_MEDIA](self.workshop, job)
        return round(max(0.0, float(row["wait_s"])), 1)

    async def transcript(self, message_id: UUID) -> str | None:
        media = await self.inbox.conversations.media_of(self.inbox.system, message_id)
        return str(media.transcript) if media.transcript is not None else None

    async def locale(self) -> str | None:
        return str(await self.inbox.value("SELECT locale FROM contacts"))


@pytest.fixture
async def room(db: Database, clock: ManualClock, shop: Shop, sending: Sending, tmp_path: Path) -> AsyncIterator[Room]:
    async with AsyncExitStack() as stack:
        openai = await stack.enter_async_context(OpenAIEmulator(SalesModel()))
        client = open_client(openai.api_key, openai.base_url, 20, connect_s=1)
        stack.push_async_callback(client.close)
        inbox = await open_inbox(db, clock, shop)
        inbox.conversations._timing = TurnTiming(1.5, 8.0, hearing_s=27)
        keeper = WhatsAppMediaKeeper(
            db, sending.graph, inbox.services.channels, inbox.conversations, tmp_path,
            Transcriber(client, openai.transcription_model_name, timeout_s=0.5),
            linguist=LanguageDetector(is_light=True),
        )  # fmt: skip
        openai.hear(VOICE, WORDS)
        yield Room(inbox, openai, Workshop(inbox.services, media=keeper), tmp_path)


@pytest.mark.parametrize("fault", ["429", "500", "timeout", "connection"])
async def test_what_fails_for_now_is_heard_at_the_second_try(room: Room, fault: str) -> None:
    message_id, faults = await room.voice(), room.openai.faults
    match fault:
        case "429":
            faults.rate_limit(retry_after_s=None)
        case "500":
            faults.fail(500)
        case "timeout":
            faults.never()
        case "connection":
            faults.reset()
    assert await room.run() == 0
    assert await room.transcript(message_id) is None
    assert await room.run() == 1
    assert await room.transcript(message_id) == WORDS.text
    assert await room.run() is None


async def test_a_provider_that_stays_away_is_asked_five_times_and_then_a_person_is_called_at_once(room: Room) -> None:
    message_id = await room.voice()
    room.openai.faults.fail(503, times=None)
    assert [await room.run() for _ in range(6)] == [0, 1, 2, 4, 8, None]
    assert await room.transcript(message_id) == ""
    assert room.openai.call_counts["/audio/transcriptions"] == 5
    assert room.inbox.wake_count > 1


async def test_a_provider_that_says_when_is_not_asked_earlier(room: Room) -> None:
    await room.voice()
    room.openai.faults.rate_limit(retry_after_s=6)
    await room.run()
    assert await room.run() == 6


async def test_what_is_refused_is_not_tried_again(room: Room) -> None:
    message_id = await room.voice()
    room.openai.faults.fail(400, times=None)
    assert [await room.run(), await room.run()] == [0, None]
    assert await room.transcript(message_id) == ""


async def test_the_language_that_was_spoken_is_kept_for_the_contact(room: Room) -> None:
    await room.voice()
    await room.run()
    assert await room.locale() == "fr"


async def test_the_language_of_what_was_written_since_stays(room: Room) -> None:
    await room.voice("hola, ¿cuánto cuesta subir?")
    await room.run()
    assert await room.locale() == "es"


async def test_a_fetch_that_runs_twice_at_once_hears_once_in_effect(room: Room) -> None:
    message_id = await room.voice()
    fetch = room.workshop.media
    assert fetch is not None
    await asyncio.gather(*(fetch.fetch(room.inbox.tenant_id, message_id, str(uuid7())) for _ in range(2)))
    assert await room.transcript(message_id) == WORDS.text
