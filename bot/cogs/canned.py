"""/canned: answers that are said often."""

from discord import app_commands

from bot.answers import Answer, Press
from bot.router import DoorCog, submitted
from bot.suggest import suggest
from bot.ui.cards import Tone, card
from bot.ui.forms import form, text_field
from bot.ui.reply_cards import Canned
from bot.ui.text import bare, clip, plain
from bot.visit import Visit, enter
from bot.words import words
from domain.tenancy.policy import Permission, require

_NAME_LIMIT, _BODY_LIMIT = 32, 1000


class CannedCog(DoorCog):
    """Listing, writing and deleting canned answers."""

    canned = app_commands.Group(
        name=words("command.canned.name"), description=words("command.canned.description"), guild_only=True
    )

    @canned.command(name=words("command.canned.list.name"), description=words("command.canned.list.description"))
    async def list_answers(self, interaction: Press) -> None:
        """List them."""
        visit = await enter(interaction)
        answers = await self.services.conversations.canned(visit.actor)
        lines = [f"**{plain(a.name)}** {plain(a.body, 120)}" for a in answers]
        await visit.show(card(visit.reader("conversation.canned.title"), lines or [visit.reader(
            "conversation.canned.none")]))  # fmt: skip

    @canned.command(name=words("command.canned.save.name"), description=words("command.canned.save.description"))
    @app_commands.rename(name=words("option.canned_name.name"))
    @app_commands.describe(name=words("option.canned_name.description"))
    async def save(self, interaction: Press, name: app_commands.Range[str, 1, 32] | None = None) -> None:
        """Open the form, with the text of the one that is named."""
        visit = await enter(interaction, Answer.FORM)
        require(visit.actor, Permission.CONVERSATION_REPLY)
        known = [a for a in await self.services.conversations.canned(visit.actor) if a.name == (name or "").lower()]
        read = visit.reader
        fields = [
            text_field("name", read("conversation.canned.name_label"), max_length=_NAME_LIMIT, value=name),
            text_field("body", read("conversation.canned.body_label"), max_length=_BODY_LIMIT, is_long=True,
                       value=known[0].body if known else None),
        ]  # fmt: skip
        await visit.open(form(read("conversation.canned.form"), fields, "canned.save"))

    @submitted("canned.save", Answer.PRIVATE)
    async def saved(self, visit: Visit) -> None:
        """Keep it."""
        name = visit.text("name").lower()
        await self.services.conversations.save_canned(visit.actor, name, visit.text("body"))
        await visit.show(card(visit.reader("conversation.canned.saved", name=plain(name)), tone=Tone.GOOD))

    @canned.command(name=words("command.canned.delete.name"), description=words("command.canned.delete.description"))
    @app_commands.rename(name=words("option.canned_name.name"))
    @app_commands.describe(name=words("option.canned_name.description"))
    async def delete(self, interaction: Press, name: app_commands.Range[str, 1, 32]) -> None:
        """Delete one."""
        visit = await enter(interaction)
        await self.services.conversations.delete_canned(visit.actor, name.lower())
        await visit.show(card(visit.reader("conversation.canned.deleted", name=plain(name)), tone=Tone.GOOD))

    @save.autocomplete("name")
    @delete.autocomplete("name")
    async def suggest_name(self, interaction: Press, typed: str) -> list[app_commands.Choice[str]]:
        """Those whose name begins so."""
        wanted = typed.strip().casefold()

        async def search(visit: Visit) -> list[Canned]:
            return [a for a in await visit.services.conversations.canned(visit.actor) if a.name.startswith(wanted)]

        return await suggest(interaction, search, lambda _, a: (clip(f"{a.name} · {bare(a.body)}", 100), a.name), "-")
