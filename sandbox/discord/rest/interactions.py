"""Answering interactions: the callback, the original answer and followups."""

from __future__ import annotations

from typing import Any

from sandbox.discord.drafts import Draft, read_draft
from sandbox.discord.errors import ApiError, FormErrors, invalid_form, unknown
from sandbox.discord.interactions import Callback, Interaction, InteractionKind
from sandbox.discord.message_payloads import message_json
from sandbox.discord.messages import COMPONENTS_V2, EPHEMERAL, LOADING, Json, Message
from sandbox.discord.modals import read_modal
from sandbox.discord.rest.routing import Answer, Call, Routes

routes = Routes()

_LEGAL: dict[InteractionKind, frozenset[int]] = {
    InteractionKind.COMMAND: frozenset({4, 5, 9, 12}),
    InteractionKind.COMPONENT: frozenset({4, 5, 6, 7, 9, 12}),
    InteractionKind.AUTOCOMPLETE: frozenset({8}),
    InteractionKind.MODAL: frozenset({4, 5, 12}),
}


@routes.add("POST", "/interactions/{interaction_id}/{interaction_token}/callback", needs_token=False)
def answer_interaction(call: Call) -> Answer:
    """Take the one answer to an interaction."""
    interactions = call.world.interactions
    interaction = interactions.to_acknowledge(call.number("interaction_id"), call.params["interaction_token"])
    callback = _legal_callback(interaction, call.form.get("type"))
    data = call.form.get("data") or {}
    _ANSWERS[callback](call, interaction, data)
    interaction.acknowledge(callback)
    text = "" if interaction.modal is None else str(interaction.modal["title"])
    call.world.announcer.say_answer(
        interaction.channel, call.world.bot.username, callback.name.lower(), text, interaction.id
    )
    if call.query.get("with_response") in ("1", "true", "True"):
        return Answer(200, _callback_json(call, interaction))
    return Answer(204)


def _legal_callback(interaction: Interaction, raw: Any) -> Callback:
    legal = _LEGAL[interaction.kind]
    if interaction.kind == InteractionKind.MODAL and interaction.message is not None:
        legal |= {6, 7}
    if raw not in legal:
        choices = ", ".join(str(number) for number in sorted(legal))
        raise invalid_form("type", "BASE_TYPE_CHOICES", f"Value must be one of {{{choices}}}.")
    return Callback(raw)


def _reply(call: Call, interaction: Interaction, data: Json) -> None:
    draft = _draft(call, data)
    ephemeral = bool((draft.flags or 0) & EPHEMERAL)
    message = _blank(call, interaction, ephemeral=ephemeral)
    interaction.original = call.world.posting.create(interaction.channel, call.world.bot, draft, message)


def _draft(call: Call, data: Json, editing: Message | None = None) -> Draft:
    try:
        return read_draft(data, call.uploads, editing=editing)
    except ApiError as error:
        if "errors" in error.body:
            error.body["errors"] = {"data": error.body["errors"]}
        raise


def _defer_reply(call: Call, interaction: Interaction, data: Json) -> None:
    flags = data.get("flags") or 0
    message = _blank(call, interaction, ephemeral=bool(flags & EPHEMERAL))
    message.flags |= LOADING | flags & COMPONENTS_V2
    interaction.original = call.world.posting.publish(message)


def _defer_update(_: Call, interaction: Interaction, __: Json) -> None:
    interaction.original = interaction.message


def _update(call: Call, interaction: Interaction, data: Json) -> None:
    assert interaction.message is not None
    draft = _draft(call, data, editing=interaction.message)
    interaction.original = call.world.posting.edit(interaction.message, draft)


def _suggest(_: Call, interaction: Interaction, data: Json) -> None:
    choices = data.get("choices") or []
    if len(choices) > 25:
        raise invalid_form("data.choices", "BASE_TYPE_BAD_LENGTH", "Must be between 0 and 25 in length.")
    for index, choice in enumerate(choices):
        for key in ("name", "value"):
            text = choice.get(key)
            if isinstance(text, str) and not 1 <= len(text) <= 100:
                path = f"data.choices.{index}.{key}"
                raise invalid_form(path, "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
    interaction.choices = choices


def _ask(_: Call, interaction: Interaction, data: Json) -> None:
    form = FormErrors()
    interaction.modal = read_modal(data, form)
    form.raise_if_any()


def _launch(_: Call, __: Interaction, ___: Json) -> None:
    return


_ANSWERS = {
    Callback.MESSAGE: _reply,
    Callback.DEFERRED_MESSAGE: _defer_reply,
    Callback.DEFERRED_UPDATE: _defer_update,
    Callback.UPDATE: _update,
    Callback.AUTOCOMPLETE: _suggest,
    Callback.MODAL: _ask,
    Callback.ACTIVITY: _launch,
}


def _blank(call: Call, interaction: Interaction, *, ephemeral: bool) -> Message:
    seen_by = interaction.user.id if ephemeral else None
    message = call.world.posting.blank(interaction.channel, call.world.bot, ephemeral_for=seen_by)
    message.webhook_id = call.world.application_id
    message.interaction = interaction.metadata()
    message.kind = 20 if interaction.kind == InteractionKind.COMMAND else 0
    if message.kind == 0 and interaction.message is not None:
        message.kind, message.reference = 19, interaction.message
        message.reference_id = interaction.message.id
    return message


def _callback_json(call: Call, interaction: Interaction) -> Json:
    about: Json = {"id": str(interaction.id), "type": int(interaction.kind)}
    about["channel_id"] = str(interaction.channel.id)
    if interaction.channel.guild is not None:
        about["guild_id"] = str(interaction.channel.guild.id)
    payload: Json = {"interaction": about}
    original, callback = interaction.original, interaction.callback
    if original is not None:
        about["response_message_id"] = str(original.id)
        about["response_message_loading"] = original.loading
        about["response_message_ephemeral"] = original.ephemeral
    if callback == Callback.ACTIVITY:
        about["activity_instance_id"] = f"i-{interaction.id}"
        payload["resource"] = {"type": 12, "activity_instance": {"id": f"i-{interaction.id}"}}
    elif original is not None and callback in (Callback.MESSAGE, Callback.UPDATE):
        body = message_json(original, call.world.bot.id)
        payload["resource"] = {"type": int(callback), "message": body}
    return payload


def original_of(interaction: Interaction) -> Message:
    """Return the original answer, or raise 10008."""
    if interaction.original is None or interaction.original.deleted:
        raise unknown("Message")
    return interaction.original


def follow_up(call: Call, interaction: Interaction) -> Message:
    """Send a followup; the first after a deferral becomes the deferred answer itself."""
    draft = read_draft(call.form, call.uploads)
    original = interaction.original
    interaction.answered = True
    if original is not None and original.loading and not original.deleted:
        return call.world.posting.edit(original, draft)
    message = _blank(call, interaction, ephemeral=bool((draft.flags or 0) & EPHEMERAL))
    if original is not None:
        message.kind, message.reference, message.reference_id = 19, original, original.id
        assert message.interaction is not None
        message.interaction["original_response_message_id"] = str(original.id)
    posted = call.world.posting.create(interaction.channel, call.world.bot, draft, message)
    interaction.followups.append(posted)
    return posted


def find_answer(interaction: Interaction, message_id: int) -> Message:
    """Return one of the messages this interaction made, or raise 10008."""
    candidates = [*interaction.followups]
    if interaction.original is not None:
        candidates.append(interaction.original)
    for message in candidates:
        if message.id == message_id and not message.deleted:
            return message
    raise unknown("Message")
