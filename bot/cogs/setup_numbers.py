"""/setup's way to a WhatsApp number. Secrets go from the form under seal; they are shown and logged nowhere."""

from uuid import UUID

from bot.answers import Answer
from bot.router import DoorCog, pressed, submitted
from bot.ui.ids import OutOfDate
from bot.ui.number_cards import number_form, numbers_card, token_form
from bot.visit import Visit
from domain.channels.dto import NewMetaAccount
from domain.tenancy.policy import Permission, require


class SetupNumbersCog(DoorCog):
    """Connecting numbers, in the set-up's private message."""

    @pressed("setup.whatsapp")
    async def numbers(self, visit: Visit) -> None:
        """Show the shop's numbers and what is left to do at Meta."""
        await self._show(visit)

    @pressed("setup.whatsapp_add", Answer.FORM)
    async def add(self, visit: Visit) -> None:
        """Open the form for a number."""
        require(visit.actor, Permission.CHANNEL_CHANGE)
        await visit.open(number_form(visit.reader))

    @submitted("setup.whatsapp_added")
    async def added(self, visit: Visit) -> None:
        """Connect the number."""
        new = NewMetaAccount(
            phone_number_id=visit.text("phone_number_id"), access_token=visit.text("access_token"),
            app_secret=visit.text("app_secret"), verify_token=visit.text("verify_token"),
            display_phone=visit.text("phone"),
        )  # fmt: skip
        await self.services.channels.add_meta(visit.actor, new)
        await self._show(visit, visit.reader("setup.whatsapp.added"))

    @pressed("setup.whatsapp_renew", Answer.FORM)
    async def renew(self, visit: Visit, account_id: UUID) -> None:
        """Open the form for a new access token."""
        for account in await self.services.channels.accounts(visit.actor):
            if account.id == account_id:
                await visit.open(token_form(visit.reader, account))
                return
        raise OutOfDate("setup")

    @submitted("setup.whatsapp_renewed")
    async def renewed(self, visit: Visit, account_id: UUID) -> None:
        """Take the new token, and start the number again."""
        await self.services.channels.replace_token(visit.actor, account_id, visit.text("access_token"))
        await self._show(visit, visit.reader("setup.whatsapp.renewed"))

    async def _show(self, visit: Visit, note: str = "") -> None:
        accounts = await self.services.channels.accounts(visit.actor)
        await visit.show(numbers_card(visit.reader, accounts, self.bot.config.webhook_origin, note))
