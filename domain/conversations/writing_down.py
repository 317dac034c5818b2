"""How what came from the provider is written down."""

from datetime import datetime
from uuid import UUID

from domain.conversations import messages
from domain.conversations.changes import Held
from domain.conversations.dto import Author, Direction
from domain.conversations.inbound import MessageKind, ReceivedMessage
from domain.conversations.jobs import FETCH_MEDIA
from domain.conversations.messages import NewMessage
from domain.kernel.db import Tx
from domain.kernel.queue import enqueue


def written_down(
    held: Held, account_id: UUID, said: ReceivedMessage, sent_at: datetime, *, from_shop: bool = False
) -> NewMessage:
    """What is written of a message that came: its words, or what stands for them, and where it belongs."""
    extras = {"choice_id": said.choice_id, "group_id": said.group_id, "referral": said.referral}
    return NewMessage(
        conversation_id=held.id,
        account_id=account_id,
        direction=Direction.OUT if from_shop else Direction.IN,
        author=Author.PHONE if from_shop else Author.CONTACT,
        kind=said.kind.value,
        body=said.text,
        state="sent" if from_shop else "received",
        sent_at=sent_at,
        content={**said.content, **{name: value for name, value in extras.items() if value}},
        provider_id=said.provider_id,
        reply_to=said.reply_to,
        author_label="" if from_shop else said.sender.name[:80],
    )


async def keep_media(tx: Tx, account_id: UUID, message_id: UUID, inbound: ReceivedMessage, now: datetime) -> None:
    """Keep what file a message has, and have it fetched; a message without one has nothing to keep."""
    file = inbound.media
    if file is None:
        return
    await messages.insert_media(
        tx, message_id, account_id, now, mime=file.mime, provider_media_id=file.provider_id, sha256=file.sha256,
        file_name=file.file_name, is_voice=inbound.kind is MessageKind.VOICE,
    )  # fmt: skip
    await enqueue(tx, FETCH_MEDIA, {"message_id": str(message_id)})
