"""Brings what people send into the house: download, check, keep, and put into words where it speaks."""

import asyncio
import base64
import binascii
from collections.abc import Mapping
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import structlog

from channels.whatsapp.archives import TAIL_BYTES, is_archive
from channels.whatsapp.files import Draft, TooBig, write_draft
from channels.whatsapp.media_types import LIMITS_BYTES, FileType, kind_of, sniff
from channels.whatsapp.meta.answers import RemoteFile
from channels.whatsapp.meta.errors import Refused, Retry, Then
from channels.whatsapp.meta.graph import GraphClient
from channels.whatsapp.ports import AccountKeeper, Linguist, Listener, MediaShelf, Transcriber
from channels.whatsapp.tokens import stop_if_current
from domain.channels.dto import Credentials
from domain.conversations.dto import MediaInfo
from domain.conversations.jobs import FETCH_MEDIA, HEARING_TRIES
from domain.kernel.actor import Actor
from domain.kernel.db import Database
from domain.kernel.errors import DeliveryError, TransientFailure
from domain.kernel.queue import enqueue

_LATER = timedelta(seconds=60)
_HEARD_AGAIN_AFTER_S = (1.0, 2.0, 4.0, 8.0)  # so that quick failures are over before the answer waits no longer
_NAME_LIMIT = 120
log = structlog.get_logger("guildhall.whatsapp")


class _NotKept(Exception):
    def __init__(self, state: str, why: str) -> None:
        super().__init__(why)
        self.state, self.why = state, why


class WhatsAppMediaKeeper:
    """Fetches the files of messages; see `domain.conversations.ports.MediaKeeper`.

    Args:
        db: For putting a fetch back on the queue.
        graph: The client.
        accounts: Tokens.
        shelf: Where it is noted what became of a file.
        data_dir: Files lie below it, in `media/<tenant>/<year-month>/<message id><ending>`.
        transcriber: Puts speech into words; None where no model is configured.
        linguist: Tells in which language a voice note speaks; None: nobody does.
        listener: Obeys a spoken STOP or START; None: nobody does.
        limit_bytes: The most any file may have, besides its kind's own limit.
    """

    def __init__(
        self, db: Database, graph: GraphClient, accounts: AccountKeeper, shelf: MediaShelf, data_dir: Path,
        transcriber: Transcriber | None = None, limit_bytes: int = LIMITS_BYTES["document"],
        linguist: Linguist | None = None, listener: Listener | None = None,
    ) -> None:  # fmt: skip
        self._db = db
        self._graph = graph
        self._accounts = accounts
        self._shelf = shelf
        self._data_dir = data_dir.absolute()
        self._transcriber = transcriber
        self._limit_bytes = limit_bytes
        self._linguist = linguist
        self._listener = listener

    async def fetch(self, tenant_id: UUID, message_id: UUID, job_key: str, tries_count: int = 0) -> None:
        """Download, check and store the file of a message; transcribe what speaks. Twice changes nothing.

        While the provider is away, or the number stopped, the fetch goes back to the queue; what the provider no
        longer has is lost, what we do not want is refused, and both are noted. So does a transcription that fails for
        now, a few times; `tries_count` says how often it did.
        """
        actor = Actor.system(tenant_id, "media", job_key)
        media = await self._shelf.media_of(actor, message_id)
        if media is None:
            return
        if media.state == "waiting" and not await self._brought_in(actor, message_id, media):
            return
        await self._hear(actor, message_id, tries_count)

    async def _brought_in(self, actor: Actor, message_id: UUID, media: MediaInfo) -> bool:
        assert media.account_id is not None, "what waits at a provider came in through a number"
        credentials = await self._accounts.credentials(actor, media.account_id)
        if not credentials.is_active:
            await self._later(actor, message_id)
            return False
        try:
            await self._store(actor, credentials, message_id, media)
        except _NotKept as ended:
            await self._shelf.media_failed(actor, message_id, ended.state, ended.why)
            return False
        except TransientFailure as failure:
            log.info("file comes later", error=str(failure), message=str(message_id))
            await self._later(actor, message_id)
            return False
        except Refused as refused:
            await self._refused(actor, credentials, message_id, refused)
            return False
        return True

    async def _store(self, actor: Actor, credentials: Credentials, message_id: UUID, media: MediaInfo) -> None:
        kind = kind_of(media.mime, media.file_name)
        limit = min(LIMITS_BYTES[kind], self._limit_bytes)
        remote = await self._graph.media_info(credentials, media.provider_media_id)
        if remote.size_bytes is not None and remote.size_bytes > limit:
            raise _NotKept("refused", "too_big")
        try:
            draft = await self._downloaded(actor, credentials, message_id, remote, limit)
        except Refused as refused:
            if refused.code != 403:
                raise
            remote = await self._graph.media_info(credentials, media.provider_media_id)  # its five minutes were over
            draft = await self._downloaded(actor, credentials, message_id, remote, limit)
        try:
            found = await _checked(draft, media, remote, kind)
            path = await draft.keep_as(f"{message_id}{found.ext}")
        finally:
            await draft.drop()
        name = _display_name(media.file_name)
        place = str(path.relative_to(self._data_dir))
        await self._shelf.media_stored(actor, message_id, place, draft.size_bytes, found.mime, name)

    async def _downloaded(
        self, actor: Actor, credentials: Credentials, message_id: UUID, remote: RemoteFile, limit: int
    ) -> Draft:
        sent_at = datetime.fromtimestamp((message_id.int >> 80) / 1000, UTC)  # our ids begin with their instant
        folder = self._data_dir / "media" / str(actor.tenant_id) / f"{sent_at:%Y-%m}"
        try:
            async with aclosing(self._graph.download(credentials, remote.url)) as chunks:
                return await write_draft(folder, str(message_id), chunks, limit)
        except TooBig:
            raise _NotKept("refused", "too_big") from None

    async def _refused(self, actor: Actor, credentials: Credentials, message_id: UUID, refused: Refused) -> None:
        log.info("file refused by graph", code=refused.code, details=refused.details, message=str(message_id))
        if refused.rule.then is Then.STOP:
            await stop_if_current(self._accounts, actor, credentials, refused)
        if refused.rule.retry not in (Retry.NEVER, Retry.ONCE):
            await self._later(actor, message_id)
            return
        await self._shelf.media_failed(actor, message_id, "lost", f"meta_{refused.code}")

    async def _hear(self, actor: Actor, message_id: UUID, tries_count: int) -> None:
        """Put speech into words; of one that cannot be heard that is noted too, so that nobody waits for its words."""
        media = await self._shelf.media_of(actor, message_id)
        if self._transcriber is None or media is None or media.path is None or media.transcript is not None:
            return
        if media.state != "stored" or not media.mime.startswith("audio/"):
            return
        try:
            text, is_sure = await self._transcriber.transcribe(self._data_dir / media.path, media.mime)
        except DeliveryError as exc:
            log.warning("voice note not heard", error=str(exc), message=str(message_id), tries=tries_count + 1)
            if isinstance(exc, TransientFailure) and tries_count < len(_HEARD_AGAIN_AFTER_S):
                wait_s = max(_HEARD_AGAIN_AFTER_S[tries_count], exc.retry_after_s)
                await self._later(actor, message_id, timedelta(seconds=wait_s), {HEARING_TRIES: tries_count + 1})
                return
            text, is_sure = "", False
        locale = await self._language(text)
        if text and self._listener is not None:  # before anybody may answer
            await self._listener.heard(actor, message_id, text, locale)
        await self._shelf.media_heard(actor, message_id, text, is_sure, locale)

    async def _language(self, text: str) -> str | None:
        return await self._linguist.language_of(text) if text and self._linguist is not None else None

    async def _later(
        self, actor: Actor, message_id: UUID, delay: timedelta = _LATER, more: Mapping[str, object] | None = None
    ) -> None:
        async with self._db.tx(actor) as tx:
            await enqueue(tx, FETCH_MEDIA, {"message_id": str(message_id), **(more or {})}, delay=delay)


async def _checked(draft: Draft, media: MediaInfo, remote: RemoteFile, kind: str) -> FileType:
    """What the file is, when it is what was announced and may come in."""
    announced = _digest(media.sha256) or _digest(remote.sha256)
    if announced is not None and announced != draft.sha256:
        raise _NotKept("refused", "wrong_sha256")
    tail = await draft.tail(TAIL_BYTES) if is_archive(draft.head) else b""
    found = await asyncio.to_thread(sniff, kind, media.mime, draft.head, tail)
    if found is None:
        raise _NotKept("refused", "wrong_type")
    return found


def _digest(text: str) -> bytes | None:
    """A SHA-256 as webhooks (base64) or Graph (hex) write it; None when there is none."""
    try:
        found = bytes.fromhex(text) if len(text) == 64 else base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return None
    return found if len(found) == 32 else None


def _display_name(name: str) -> str:
    """A person's name for a file, for showing only."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable()).strip()[:_NAME_LIMIT]
