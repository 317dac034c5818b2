"""Registering the commands with Discord, only when they changed."""

import hashlib
import logging
from typing import Any

import orjson
from discord import app_commands

from bot.config import CommandHashStore

log = logging.getLogger("guildhall")


async def payload_hash(tree: app_commands.CommandTree[Any]) -> str:
    """A hash over everything that would be uploaded, translations included."""
    assert tree.translator is not None, "the translator is set before commands are registered"
    payload = [await command.get_translated_payload(tree, tree.translator) for command in tree.get_commands()]
    ordered = sorted(payload, key=lambda command: (command.get("type", 1), command["name"]))
    return hashlib.sha256(orjson.dumps(ordered, option=orjson.OPT_SORT_KEYS)).hexdigest()


async def sync_if_changed(tree: app_commands.CommandTree[Any], hashes: CommandHashStore) -> bool:
    """Upload the commands when they differ from what was uploaded last; whether that was so.

    Two processes at once upload the same commands twice, which changes nothing.
    """
    wanted = f"{tree.client.application_id}:{await payload_hash(tree)}"
    if await hashes.load() == wanted:
        return False
    registered = await tree.sync()
    await hashes.save(wanted)
    log.info("commands.registered", extra={"command_count": len(registered)})
    return True
