"""Makes, changes and removes messages: the one road for bots, people and webhooks alike."""

from __future__ import annotations

import re
from collections import OrderedDict
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from sandbox.discord.drafts import Draft, Upload
from sandbox.discord.messages import COMPONENTS_V2, EPHEMERAL, LOADING, Attachment, Json, Message, Reaction, walk
from sandbox.discord.normalise import normal_components, normal_embeds
from sandbox.discord.state import Channel, User

if TYPE_CHECKING:
    from sandbox.discord.world import World

_STORED_FILES = 500
_TEXT_DISPLAY = 10
_USER_MENTION = re.compile(r"<@!?(\d+)>")
_ROLE_MENTION = re.compile(r"<@&(\d+)>")


class Posting:
    """Owns the life of messages and the files behind the CDN."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.files: OrderedDict[int, Attachment] = OrderedDict()

    def store(self, channel_id: int, upload: Upload, *, ephemeral: bool = False) -> Attachment:
        """Keep a file and give it an address; the oldest files are forgotten after some hundreds."""
        number = self._world.ids.next()
        path = f"{channel_id}/{number}/{quote(upload.filename)}"
        prefix = "ephemeral-attachments" if ephemeral else "attachments"
        url = f"{self._world.origin}/cdn/{prefix}/{path}"
        file = Attachment(number, upload.filename, upload.content_type, upload.bytes, url, None, ephemeral)
        self.files[number] = file
        if len(self.files) > _STORED_FILES:
            self.files.popitem(last=False)
        return file

    def create(self, channel: Channel, author: User, draft: Draft, message: Message | None = None) -> Message:
        """Post a message; a prepared `message` brings what a draft cannot say (reference, interaction...)."""
        if message is None:
            message = self.blank(channel, author)
        message.flags |= (draft.flags or 0) & ~EPHEMERAL
        if message.ephemeral:
            message.flags |= EPHEMERAL
        self._fill(message, draft)
        message.tts = draft.tts
        message.poll = None if draft.poll is None else self._poll(draft.poll)
        return self.publish(message)

    def publish(self, message: Message) -> Message:
        """Put a finished message into its channel and tell everyone."""
        channel = message.channel
        self._wake_thread(channel)
        channel.remember(message)
        if channel.thread is not None and not message.ephemeral:
            channel.thread.message_count += 1
            channel.thread.total_message_sent += 1
        self._world.announcer.message_created(message)
        return message

    def blank(self, channel: Channel, author: User, *, ephemeral_for: int | None = None) -> Message:
        """Return an empty message that is nowhere yet."""
        number = self._world.ids.next()
        message = Message(number, channel, author, self._world.clock.now(), ephemeral_for=ephemeral_for)
        if ephemeral_for is not None:
            message.flags |= EPHEMERAL
        return message

    def edit(self, message: Message, draft: Draft) -> Message:
        """Change a message in place and tell everyone; a loading one stops loading."""
        was_loading = message.loading
        if draft.flags is not None:
            message.flags |= draft.flags & COMPONENTS_V2
            message.flags = message.flags & ~4 | draft.flags & 4
        message.flags &= ~LOADING
        if draft.v2:
            message.content, message.embeds = "", []
        self._fill(message, draft)
        if not was_loading:
            message.edited_at = self._world.clock.now()
        message.version += 1
        self._world.announcer.message_edited(message)
        return message

    def delete(self, message: Message) -> None:
        """Remove a message."""
        message.deleted = True
        message.channel.history.pop(message.id, None)
        message.channel.pins.pop(message.id, None)
        self._world.announcer.message_deleted(message)

    def react(self, message: Message, emoji: str, user: User) -> None:
        """Add a reaction; a second one of the same user changes nothing."""
        reaction = next((r for r in message.reactions if r.emoji == emoji), None)
        if reaction is None:
            reaction = Reaction(emoji, [])
            message.reactions.append(reaction)
        if user.id not in reaction.user_ids:
            reaction.user_ids.append(user.id)
            self._world.announcer.reaction_changed("MESSAGE_REACTION_ADD", message, emoji, user)

    def unreact(self, message: Message, emoji: str, user: User) -> None:
        """Take a reaction back, if it is there."""
        for reaction in tuple(message.reactions):
            if reaction.emoji == emoji and user.id in reaction.user_ids:
                reaction.user_ids.remove(user.id)
                if not reaction.user_ids:
                    message.reactions.remove(reaction)
                self._world.announcer.reaction_changed("MESSAGE_REACTION_REMOVE", message, emoji, user)

    def clear_reactions(self, message: Message, emoji: str | None = None) -> None:
        """Take away all reactions, or those with one emoji."""
        message.reactions = [r for r in message.reactions if emoji is not None and r.emoji != emoji]
        self._world.announcer.reactions_cleared(message, emoji)

    def _fill(self, message: Message, draft: Draft) -> None:
        if draft.attachments is not None or draft.uploads:
            message.attachments = self._attachments(message, draft)
        if draft.content is not None:
            message.content = draft.content
            self._mention(message, draft.allowed_mentions)
        if draft.embeds is not None:
            message.embeds = normal_embeds(draft.embeds, message.attachments)
        if draft.components is not None:
            message.components = normal_components(draft.components, message.attachments)
            if draft.v2:
                self._mention(message, draft.allowed_mentions)

    def _attachments(self, message: Message, draft: Draft) -> list[Attachment]:
        named = {str(entry["id"]): entry for entry in draft.attachments or ()}
        kept = [f for f in message.attachments if draft.attachments is None or str(f.id) in named]
        for upload in draft.uploads:
            file = self.store(message.channel.id, upload, ephemeral=message.ephemeral)
            entry = named.get(upload.slot, {})
            file.description = entry.get("description")
            kept.append(file)
        return kept

    def _mention(self, message: Message, allowed: Json | None) -> None:
        parse = ("users", "roles", "everyone") if allowed is None else allowed.get("parse") or ()
        rules = allowed or {}
        said = "\n".join([message.content, *_displayed(message.components)])
        users = _found(_USER_MENTION, said)
        roles = _found(_ROLE_MENTION, said)
        named_users = {int(i) for i in rules.get("users") or ()}
        named_roles = {int(i) for i in rules.get("roles") or ()}
        message.mention_ids = [i for i in users if "users" in parse or i in named_users]
        message.mention_role_ids = [i for i in roles if "roles" in parse or i in named_roles]
        everyone = "@everyone" in said or "@here" in said
        message.mention_everyone = everyone and "everyone" in parse
        replied = rules.get("replied_user", allowed is None)
        if message.reference is not None and replied and not message.reference.author.bot:
            message.mention_ids.append(message.reference.author.id)

    def _wake_thread(self, channel: Channel) -> None:
        if channel.thread is not None and channel.thread.archived and not channel.thread.locked:
            channel.thread.archived = False
            self._world.announcer.channel_changed("THREAD_UPDATE", channel, "unarchived")

    def _poll(self, raw: Json) -> Json:
        expiry = self._world.clock.now() + timedelta(hours=raw.get("duration") or 24)
        answers = [
            {"answer_id": index, "poll_media": answer["poll_media"]}
            for index, answer in enumerate(raw["answers"], start=1)
        ]
        return {
            "question": raw["question"],
            "answers": answers,
            "expiry": expiry.isoformat(),
            "allow_multiselect": bool(raw.get("allow_multiselect")),
            "layout_type": raw.get("layout_type") or 1,
            "results": {"answer_counts": [], "is_finalized": False},
        }


def _displayed(components: list[Json]) -> list[str]:
    """The texts of a Components V2 message, in which mentions count as they do in content."""
    return [str(component["content"]) for component in walk(components) if component.get("type") == _TEXT_DISPLAY]


def _found(pattern: re.Pattern[str], text: str) -> list[int]:
    return list(dict.fromkeys(int(number) for number in pattern.findall(text)))
