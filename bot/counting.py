"""Times and counts what is answered at this door, and binds who acts to the log."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

import discord
import structlog
from discord import app_commands

from bot.answers import Press
from bot.errors import EXPECTED_CODES
from bot.ui.ids import OutOfDate, read_id
from domain.kernel.actor import Actor
from domain.kernel.errors import DomainError
from domain.kernel.metrics import Metrics

log = logging.getLogger("guildhall")


@contextmanager
def counted(interaction: Press, metrics: Metrics) -> Iterator[None]:
    """Count the block's outcome under the command's name; errors pass through."""
    started_s = time.perf_counter()
    command, outcome = name_of(interaction), "failed"
    try:
        yield
        command, outcome = name_of(interaction), "ok"
    except OutOfDate:
        command, outcome = "out of date", "refused"  # its name may be made up
        raise
    except app_commands.CommandInvokeError as error:
        command, outcome = name_of(interaction), _outcome(error.original)
        raise
    except (discord.DiscordException, DomainError) as error:
        outcome = _outcome(error)
        raise
    finally:
        took_s = time.perf_counter() - started_s
        metrics.interaction(command, outcome, took_s)
        log.info("interaction.answered", extra={"command": command, "outcome": outcome, "took_s": round(took_s, 4)})


def name_of(interaction: Press) -> str:
    """The registered name: `order new`, `button:order.claim`, `form:order.new`; never what a person typed."""
    command = interaction.command
    if command is not None:
        return command.qualified_name
    kind = "form" if interaction.type is discord.InteractionType.modal_submit else "button"
    try:
        return f"{kind}:{read_id(interaction.custom_id or '').action}"
    except DomainError:
        return f"{kind}:unknown"


def bind_actor(actor: Actor) -> None:
    """Let every log line of this interaction carry the tenant and the member; ids, not names."""
    member = str(actor.member_id) if actor.member_id else f"discord:{actor.discord_user_id}"
    structlog.contextvars.bind_contextvars(tenant=str(actor.tenant_id), actor=member)


def _outcome(error: BaseException) -> str:
    if isinstance(error, DomainError):
        return "refused"
    if isinstance(error, discord.InteractionResponded) or getattr(error, "code", None) in EXPECTED_CODES:
        return "late"
    return "failed"
