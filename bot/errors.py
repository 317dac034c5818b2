"""The one reporter: whatever goes wrong in a command, a button, a form or a search ends here."""

import logging
import secrets
from collections import Counter
from collections.abc import Mapping

import aiohttp
import discord
from discord import app_commands

from bot.answers import Press, switch_back_on
from bot.ui.cards import Card, Tone, button, card
from bot.ui.ids import OutOfDate
from bot.ui.text import plain, stamp, stamp_relative
from bot.words import locale_of
from domain.i18n.reader import MissingText, Reader
from domain.kernel.db import has_changed
from domain.kernel.errors import DomainError, LimitReached, OutcomeUnknown, Unavailable
from domain.kernel.roles import HUMAN_ROLES

log = logging.getLogger("guildhall")

EXPECTED_CODES = frozenset({10062, 40060})
"""Too late, or another copy was faster: Discord or the network's doing, and nobody is left to answer."""
_TRANSLATED = {"roles": "role", "role": "role", "permission": "permission", "purpose": "purpose",
               "rule": "rule"}  # fmt: skip
_LIBRARY_CODES: tuple[tuple[type[Exception], str], ...] = (
    (app_commands.CommandNotFound, "command.changed"),
    (app_commands.CommandSignatureMismatch, "command.changed"),
    (app_commands.TransformerError, "command.bad_option"),
    (app_commands.NoPrivateMessage, "command.only_in_server"),
    (discord.Forbidden, "discord.forbidden"),
)


class Reporter:
    """Tells the person what happened, what was not changed and what to do next; logs what is our fault.

    Attributes:
        outcomes: How often each outcome occurred, by error code; read by the metrics.
    """

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()

    async def report(self, interaction: Press, error: BaseException) -> None:
        """Report an error that ended an interaction."""
        error = _cause(error)
        if isinstance(error, discord.InteractionResponded) or _code(error) in EXPECTED_CODES:
            self.outcomes["too_late"] += 1
            log.info("interaction.too_late", extra={"interaction_id": interaction.id})
            return
        expected = _as_domain_error(error)
        if expected is None and _is_discord_away(error):
            self.outcomes["discord.away"] += 1
            log.warning("interaction.discord_away", extra={"interaction_id": interaction.id})
            return
        view = self._expected(interaction, expected) if expected else self._bug(interaction, error)
        await _tell(interaction, view)

    def _expected(self, interaction: Press, error: DomainError) -> Card:
        self.outcomes[error.code] += 1
        return error_card(Reader(locale_of(interaction), stamp=stamp), error)

    def _bug(self, interaction: Press, error: BaseException) -> Card:
        incident = secrets.token_hex(4)
        self.outcomes["unexpected"] += 1
        log.error("interaction.failed", exc_info=error,
                  extra={"incident": incident, "interaction_id": interaction.id})  # fmt: skip
        return _bug_card(Reader(locale_of(interaction)), incident)


def error_card(reader: Reader, error: DomainError) -> Card:
    """The card that explains an expected error; ends with its short code."""
    try:
        text = error_text(reader, error)
    except MissingText:
        incident = secrets.token_hex(4)
        log.exception("error.text_missing", extra={"incident": incident, "code": error.code})
        return _bug_card(reader, incident)
    lines = [text]
    if isinstance(error, LimitReached) and error.retry_at is not None:
        lines.append(reader("error.retry_at", when=stamp_relative(error.retry_at)))
    controls = []
    if isinstance(error, OutOfDate) and error.action:
        controls.append(button(reader("button.show_current"), "card.fresh", *_short(error)))
    title = reader("error.title_unknown" if isinstance(error, OutcomeUnknown) else "error.title")
    foot = reader("error.foot", code=error.code)
    return card(title, lines, tone=Tone.WARNING, controls=controls, foot=foot)


def error_text(reader: Reader, error: DomainError) -> str:
    """The sentence for an error, with people's words in it made harmless and our own words translated."""
    return reader(f"error.{error.code}", **_shown(reader, error.params))


def _shown(reader: Reader, params: Mapping[str, object]) -> dict[str, object]:
    shown: dict[str, object] = {}
    for name, value in params.items():
        area = _TRANSLATED.get(name)
        if area and isinstance(value, list | tuple):
            human = [word for word in value if word in HUMAN_ROLES] if area == "role" else []
            shown[name] = [reader(f"{area}.{word}") for word in human or value]
        elif area:
            shown[name] = reader(f"{area}.{value}")
        else:
            shown[name] = plain(value) if isinstance(value, str) else value
    return shown


def _short(error: OutOfDate) -> tuple[str, ...]:
    """The old card's action and arguments, if they still fit into an id."""
    fits = len(error.action) + sum(len(arg) + 1 for arg in error.args_given) <= 80
    return (error.action, *error.args_given) if fits else (error.action,)


def _bug_card(reader: Reader, incident: str) -> Card:
    return card(reader("error.title"), [reader("error.unexpected", incident=incident)], tone=Tone.DANGER,
                foot=reader("error.foot", code=incident))  # fmt: skip


def _cause(error: BaseException) -> BaseException:
    while isinstance(error, app_commands.CommandInvokeError):
        error = error.original
    return error


def _as_domain_error(error: BaseException) -> DomainError | None:
    if isinstance(error, Unavailable) and has_changed():
        return OutcomeUnknown("database.saved_unseen")
    if isinstance(error, DomainError):
        return error
    for kind, code in _LIBRARY_CODES:
        if isinstance(error, kind):
            return DomainError(code)
    return None


def _code(error: BaseException) -> int:
    return error.code if isinstance(error, discord.HTTPException) else 0


def _is_discord_away(error: BaseException) -> bool:
    return isinstance(error, discord.DiscordServerError | aiohttp.ClientError | TimeoutError | OSError)


async def _tell(interaction: Press, view: Card) -> None:
    kind = interaction.response.type
    try:
        if kind is None:
            await interaction.response.send_message(view=view, ephemeral=True)
        elif kind is discord.InteractionResponseType.deferred_channel_message:
            await interaction.edit_original_response(view=view)
        else:
            await switch_back_on(interaction)
            await interaction.followup.send(view=view, ephemeral=True)
    except (discord.HTTPException, discord.InteractionResponded, aiohttp.ClientError, OSError) as exc:
        log.warning("interaction.answer_lost", extra={"interaction_id": interaction.id, "why": str(exc)})
