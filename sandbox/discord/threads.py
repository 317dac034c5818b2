"""Opens threads and forum posts, archives and locks them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord.drafts import Draft
from sandbox.discord.errors import ApiError, FormErrors
from sandbox.discord.messages import HAS_THREAD, Json, Message
from sandbox.discord.state import Channel, ChannelKind, ThreadInfo, User

if TYPE_CHECKING:
    from sandbox.discord.world import World

ARCHIVE_MINUTES = (60, 1440, 4320, 10080)
MAX_NAME, MAX_TAGS, MAX_SLOWMODE_S = 100, 5, 21600
_STARTED_THREAD = 18


class Threads:
    """The life of threads."""

    def __init__(self, world: World) -> None:
        self._world = world

    def open(self, parent: Channel, kind: ChannelKind, owner: User, form: Json, number: int | None = None) -> Channel:
        """Create a thread; a thread of a message carries the message's id."""
        check_thread(form, parent)
        now = self._world.clock.now()
        info = ThreadInfo(owner.id, now)
        info.auto_archive_minutes = form.get("auto_archive_duration") or parent.auto_archive_minutes or 4320
        info.member_ids[owner.id] = now
        info.tag_ids = [int(tag) for tag in form.get("applied_tags") or ()]
        info.invitable = form.get("invitable", True) is not False
        thread = Channel(number or self._world.ids.next(), kind, form["name"], parent.guild, parent)
        thread.thread = info
        thread.slowmode_s = form.get("rate_limit_per_user") or 0
        assert parent.guild is not None
        return parent.guild.place(thread)

    def from_message(self, message: Message, owner: User, form: Json) -> Channel:
        """Create the thread of a message.

        Raises:
            ApiError: 160004 the message has one already.
        """
        if message.thread is not None:
            raise ApiError(400, 160004, "A thread has already been created for this message")
        parent = message.channel
        announcement = parent.kind == ChannelKind.ANNOUNCEMENT
        kind = ChannelKind.ANNOUNCEMENT_THREAD if announcement else ChannelKind.PUBLIC_THREAD
        thread = self.open(parent, kind, owner, form, message.id)
        message.thread = thread
        message.flags |= HAS_THREAD
        self._world.announcer.message_edited(message)
        return thread

    def standalone(self, parent: Channel, owner: User, form: Json) -> Channel:
        """Create a thread without a message; a public one is announced in its channel."""
        kind = ChannelKind(form.get("type") or ChannelKind.PRIVATE_THREAD)
        thread = self.open(parent, kind, owner, form)
        if kind == ChannelKind.PUBLIC_THREAD:
            note = self._world.posting.blank(parent, owner)
            note.kind, note.content = _STARTED_THREAD, thread.name
            self._world.posting.publish(note)
        return thread

    def post(self, forum: Channel, owner: User, form: Json, draft: Draft) -> tuple[Channel, Message]:
        """Create a forum post: a thread and its first message, which share an id."""
        thread = self.open(forum, ChannelKind.PUBLIC_THREAD, owner, form)
        message = self._world.posting.blank(thread, owner)
        message.id = thread.id
        self._world.posting.create(thread, owner, draft, message)
        assert thread.thread is not None
        thread.thread.message_count = 0
        return thread, message

    def change(self, thread: Channel, form: Json) -> None:
        """Rename, archive, lock, tag or slow down a thread."""
        check_thread({"name": thread.name} | form, thread.parent)
        info = thread.thread
        assert info is not None
        thread.name = form.get("name") or thread.name
        archived = form.get("archived")
        if archived is not None and archived != info.archived:
            info.archived, info.archived_at = archived, self._world.clock.now()
        info.locked = info.locked if form.get("locked") is None else form["locked"]
        info.auto_archive_minutes = form.get("auto_archive_duration") or info.auto_archive_minutes
        if form.get("applied_tags") is not None:
            info.tag_ids = [int(tag) for tag in form["applied_tags"]]
        if form.get("rate_limit_per_user") is not None:
            thread.slowmode_s = form["rate_limit_per_user"]
        if form.get("invitable") is not None:
            info.invitable = form["invitable"]
        thread.flags = form.get("flags", thread.flags)
        action = "archived" if info.archived else "changed"
        self._world.announcer.channel_changed("THREAD_UPDATE", thread, action)

    def add_member(self, thread: Channel, user: User) -> None:
        """Let a user into a thread and tell the bot."""
        assert thread.thread is not None
        if user.id not in thread.thread.member_ids:
            thread.thread.member_ids[user.id] = self._world.clock.now()
            self._world.announcer.thread_members(thread, added=user)

    def remove_member(self, thread: Channel, user: User) -> None:
        """Take a user out of a thread and tell the bot."""
        assert thread.thread is not None
        if thread.thread.member_ids.pop(user.id, None) is not None:
            self._world.announcer.thread_members(thread, removed=user)


def check_thread(form: Json, parent: Channel | None) -> None:
    """Refuse a name, duration, slowmode or tags that Discord would refuse (50035)."""
    errors = FormErrors()
    if not 1 <= len(form.get("name") or "") <= MAX_NAME:
        errors.bad_length("name", 1, MAX_NAME)
    duration = form.get("auto_archive_duration")
    if duration is not None and duration not in ARCHIVE_MINUTES:
        errors.choices("auto_archive_duration", str(ARCHIVE_MINUTES))
    if not 0 <= (form.get("rate_limit_per_user") or 0) <= MAX_SLOWMODE_S:
        errors.add("rate_limit_per_user", "NUMBER_TYPE_RANGE", "Must be between 0 and 21600.")
    tags = form.get("applied_tags") or []
    if len(tags) > MAX_TAGS:
        errors.bad_length("applied_tags", 0, MAX_TAGS)
    known = set() if parent is None else {tag.id for tag in parent.tags}
    if any(int(tag) not in known for tag in tags):
        errors.add("applied_tags", "INVALID_TAG", "Unknown tag.")
    errors.raise_if_any()
