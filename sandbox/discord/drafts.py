"""Reads the body of a message request: what it says, checked, ready to become a message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.discord.components import check_components
from sandbox.discord.errors import ApiError, FormErrors
from sandbox.discord.messages import (
    COMPONENTS_V2,
    EPHEMERAL,
    SUPPRESS_EMBEDS,
    SUPPRESS_NOTIFICATIONS,
    Json,
    Message,
)

MAX_CONTENT, MAX_EMBEDS, MAX_EMBED_TEXT, MAX_FILES = 2000, 10, 6000, 10
FILE_LIMIT_BYTES = 10 * 1024 * 1024
_SETTABLE = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | COMPONENTS_V2 | EPHEMERAL
_EMBED_LIMITS = {"title": 256, "description": 4096}


@dataclass(frozen=True)
class Upload:
    """A file as it arrived; `slot` is the n of `files[n]`."""

    slot: str
    filename: str
    content_type: str
    bytes: bytes = field(repr=False)


@dataclass
class Draft:
    """A checked body. None means: not mentioned (on edit: stays as it is)."""

    content: str | None
    embeds: list[Json] | None
    components: list[Json] | None
    attachments: list[Json] | None
    flags: int | None
    allowed_mentions: Json | None
    poll: Json | None
    tts: bool
    uploads: Sequence[Upload] = ()

    @property
    def v2(self) -> bool:
        """Whether the body asks for Components V2."""
        return bool((self.flags or 0) & COMPONENTS_V2)


def read_draft(body: Json, uploads: Sequence[Upload], *, editing: Message | None = None) -> Draft:
    """Check a body and return what it says.

    Raises:
        ApiError: 50035 with every complaint, 50006 when there is nothing to send, 40005 for files too large.
    """
    draft = Draft(
        content=_text(body, editing),
        embeds=_list(body, "embeds"),
        components=_list(body, "components"),
        attachments=_list(body, "attachments"),
        flags=body.get("flags"),
        allowed_mentions=body.get("allowed_mentions"),
        poll=body.get("poll"),
        tts=bool(body.get("tts")),
        uploads=uploads,
    )
    form = FormErrors()
    _check(draft, form, editing)
    form.raise_if_any()
    if sum(len(upload.bytes) for upload in uploads) > FILE_LIMIT_BYTES:
        raise ApiError(413, 40005, "Request entity too large")
    _refuse_empty(draft, body, editing)
    return draft


def _text(body: Json, editing: Message | None) -> str | None:
    if "content" not in body:
        return None
    return body["content"] or ("" if editing is not None or body["content"] == "" else None)


def _list(body: Json, key: str) -> list[Json] | None:
    if key not in body:
        return None
    return list(body[key] or [])


def _check(draft: Draft, form: FormErrors, editing: Message | None) -> None:
    was_v2 = editing is not None and bool(editing.flags & COMPONENTS_V2)
    v2 = draft.v2 or was_v2
    if draft.content is not None and len(draft.content) > MAX_CONTENT:
        form.too_long("content", MAX_CONTENT)
    _check_embeds(draft.embeds or [], form)
    if len(draft.uploads) > MAX_FILES:
        form.bad_length("attachments", 0, MAX_FILES)
    if (draft.flags or 0) & ~_SETTABLE and editing is None:
        form.add("flags", "BITFIELD_FLAGS_INVALID", "Invalid flags.")
    if v2:
        _check_exclusive(draft, form)
    if draft.components is not None:
        check_components(draft.components, form, v2=v2)
    if draft.v2 and editing is None and not draft.components:
        form.required("components")


def _check_exclusive(draft: Draft, form: FormErrors) -> None:
    for name, value in (("content", draft.content), ("embeds", draft.embeds), ("poll", draft.poll)):
        if value:
            form.add(
                name,
                "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                "The 'content', 'embeds', 'stickers', and 'poll' fields cannot be used when using "
                "MessageFlags.IS_COMPONENTS_V2",
            )


def _check_embeds(embeds: list[Json], form: FormErrors) -> None:
    if len(embeds) > MAX_EMBEDS:
        form.bad_length("embeds", 0, MAX_EMBEDS)
    for index, embed in enumerate(embeds):
        for key, limit in _EMBED_LIMITS.items():
            if len(embed.get(key) or "") > limit:
                form.too_long(f"embeds.{index}.{key}", limit)
        _check_parts(embed, f"embeds.{index}", form)
    if sum(map(embed_size, embeds)) > MAX_EMBED_TEXT:
        text = "Embed size exceeds maximum size of 6000"
        form.add("embeds", "MAX_EMBED_SIZE_EXCEEDED", text)


def _check_parts(embed: Json, path: str, form: FormErrors) -> None:
    if len((embed.get("footer") or {}).get("text") or "") > 2048:
        form.too_long(f"{path}.footer.text", 2048)
    if len((embed.get("author") or {}).get("name") or "") > 256:
        form.too_long(f"{path}.author.name", 256)
    fields = embed.get("fields") or []
    if len(fields) > 25:
        form.bad_length(f"{path}.fields", 0, 25)
    for index, entry in enumerate(fields):
        for key, limit in (("name", 256), ("value", 1024)):
            text = entry.get(key) or ""
            if not text:
                form.required(f"{path}.fields.{index}.{key}")
            elif len(text) > limit:
                form.too_long(f"{path}.fields.{index}.{key}", limit)


def embed_size(embed: Json) -> int:
    """Return how many characters of an embed count towards the 6000."""
    texts: list[Any] = [embed.get("title"), embed.get("description")]
    texts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    for entry in embed.get("fields") or ():
        texts += [entry.get("name"), entry.get("value")]
    return sum(len(text) for text in texts if text)


def _refuse_empty(draft: Draft, body: Json, editing: Message | None) -> None:
    if editing is not None:
        said = {
            "content": editing.content if draft.content is None else draft.content,
            "embeds": editing.embeds if draft.embeds is None else draft.embeds,
            "components": editing.components if draft.components is None else draft.components,
            "files": draft.uploads or (editing.attachments if draft.attachments is None else draft.attachments),
        }
        empty = not any(said.values()) and editing.poll is None
    else:
        parts = (draft.content, draft.embeds, draft.components, draft.uploads, draft.poll)
        empty = not any(parts) and not body.get("sticker_ids")
    if empty:
        raise ApiError(400, 50006, "Cannot send an empty message")
