"""Webhooks: those of channels, and the one that every interaction token is."""

from __future__ import annotations

import secrets

from sandbox.discord import permissions as perm
from sandbox.discord.drafts import read_draft
from sandbox.discord.errors import ApiError, unknown
from sandbox.discord.interactions import Interaction
from sandbox.discord.message_payloads import message_json
from sandbox.discord.messages import Json, Message
from sandbox.discord.payloads import user_json
from sandbox.discord.rest.interactions import find_answer, follow_up, original_of
from sandbox.discord.rest.routing import Answer, Call, Routes
from sandbox.discord.state import User, Webhook

routes = Routes()
_CHANNEL = "/channels/{channel_id}/webhooks"
_PLAIN = "/webhooks/{webhook_id}"
_BY_TOKEN = _PLAIN + "/{webhook_token}"
_ORIGINAL = _BY_TOKEN + "/messages/@original"
_MESSAGE = _BY_TOKEN + "/messages/{message_id}"
_PER_CHANNEL = 15


def _interaction(call: Call) -> Interaction | None:
    if call.number("webhook_id") != call.world.application_id:
        return None
    return call.world.interactions.by_token(call.params["webhook_token"])


def _webhook(call: Call) -> Webhook:
    webhook = call.world.webhooks.get(call.number("webhook_id"))
    if webhook is None:
        raise unknown("Webhook")
    if call.params.get("webhook_token", webhook.token) != webhook.token:
        raise ApiError(401, 50027, "Invalid Webhook Token")
    return webhook


@routes.add("POST", _BY_TOKEN, needs_token=False)
def execute(call: Call) -> Answer:
    """Post a followup, or a message of a channel's webhook (204 unless `wait`)."""
    interaction = _interaction(call)
    if interaction is not None:
        return Answer(200, message_json(follow_up(call, interaction), call.world.bot.id))
    webhook = _webhook(call)
    draft = read_draft(call.form, call.uploads)
    name = call.form.get("username") or webhook.name
    mask = User(webhook.id, name, name, bot=True)
    channel = webhook.channel
    if "thread_id" in call.query:
        thread = call.world.channels.get(int(call.query["thread_id"]))
        if thread is None or thread.parent is not channel:
            raise unknown("Channel")
        channel = thread
    message = call.world.posting.blank(channel, mask)
    message.webhook_id = webhook.id
    call.world.posting.create(channel, mask, draft, message)
    waits = call.query.get("wait") in ("1", "true", "True")
    return Answer(200, message_json(message, call.world.bot.id)) if waits else Answer(204)


def _target(call: Call) -> Message:
    interaction = _interaction(call)
    if interaction is not None:
        if "message_id" in call.params:
            return find_answer(interaction, call.number("message_id"))
        return original_of(interaction)
    webhook = _webhook(call)
    home = call.world.channels.get(int(call.query.get("thread_id", webhook.channel.id)))
    message = None if home is None else call.world.message(home, int(call.params.get("message_id", 0)))
    if message is None or message.webhook_id != webhook.id:
        raise unknown("Message")
    return message


@routes.add("GET", _ORIGINAL, needs_token=False)
@routes.add("GET", _MESSAGE, needs_token=False)
def get_answer(call: Call) -> Answer:
    """Return a message that this webhook made."""
    return Answer(200, message_json(_target(call), call.world.bot.id))


@routes.add("PATCH", _ORIGINAL, needs_token=False)
@routes.add("PATCH", _MESSAGE, needs_token=False)
def edit_answer(call: Call) -> Answer:
    """Change a message that this webhook made."""
    message = _target(call)
    draft = read_draft(call.form, call.uploads, editing=message)
    interaction = _interaction(call)
    if interaction is not None and message is interaction.original:
        interaction.answered = True
    call.world.posting.edit(message, draft)
    return Answer(200, message_json(message, call.world.bot.id))


@routes.add("DELETE", _ORIGINAL, needs_token=False)
@routes.add("DELETE", _MESSAGE, needs_token=False)
def delete_answer(call: Call) -> Answer:
    """Delete a message that this webhook made."""
    message = _target(call)
    interaction = _interaction(call)
    if interaction is not None and message is interaction.original:
        interaction.answered = True
    call.world.posting.delete(message)
    return Answer(204)


def _webhook_json(call: Call, webhook: Webhook, *, with_user: bool = True) -> Json:
    guild = webhook.channel.guild
    payload: Json = {
        "application_id": str(call.world.application_id),
        "avatar": None,
        "channel_id": str(webhook.channel.id),
        "guild_id": None if guild is None else str(guild.id),
        "id": str(webhook.id),
        "name": webhook.name,
        "type": 1,
        "token": webhook.token,
        "url": f"{call.world.origin}/api/webhooks/{webhook.id}/{webhook.token}",
    }
    return payload | {"user": user_json(call.world.bot)} if with_user else payload


@routes.add("POST", _CHANNEL)
def create_webhook(call: Call) -> Answer:
    """Create a webhook; a channel holds at most fifteen."""
    channel = call.channel(perm.MANAGE_WEBHOOKS)
    if sum(hook.channel is channel for hook in call.world.webhooks.values()) >= _PER_CHANNEL:
        raise ApiError(400, 30007, "Maximum number of webhooks reached (15)")
    name = str(call.form.get("name") or "webhook")
    webhook = Webhook(call.world.ids.next(), secrets.token_urlsafe(32), name, channel)
    call.world.webhooks[webhook.id] = webhook
    return Answer(200, _webhook_json(call, webhook))


@routes.add("GET", _CHANNEL)
def list_webhooks(call: Call) -> Answer:
    """List the webhooks of a channel."""
    channel = call.channel(perm.MANAGE_WEBHOOKS)
    found = [hook for hook in call.world.webhooks.values() if hook.channel is channel]
    return Answer(200, [_webhook_json(call, hook) for hook in found])


@routes.add("GET", _PLAIN)
def get_webhook(call: Call) -> Answer:
    """Return a webhook."""
    return Answer(200, _webhook_json(call, _webhook(call)))


@routes.add("GET", _BY_TOKEN, needs_token=False)
def get_webhook_by_token(call: Call) -> Answer:
    """Return a webhook to whoever knows its token."""
    return Answer(200, _webhook_json(call, _webhook(call), with_user=False))


@routes.add("DELETE", _PLAIN)
@routes.add("DELETE", _BY_TOKEN, needs_token=False)
def delete_webhook(call: Call) -> Answer:
    """Delete a webhook."""
    del call.world.webhooks[_webhook(call).id]
    return Answer(204)
