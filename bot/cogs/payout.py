"""Where a member wants to be paid: set from /me, sealed, used after a hold, told to the owners."""

from bot.answers import Answer
from bot.router import DoorCog, pressed, submitted
from bot.ui.cards import Card, Tone, card
from bot.ui.forms import form, text_field
from bot.visit import Visit
from domain.staff.dto import StaffMember
from domain.staff.payouts import ADDRESS_LIMIT
from domain.tenancy.policy import Permission, require


class PayoutCog(DoorCog):
    """The address is never shown again: somebody with the phone in hand could read it."""

    @pressed("me.payout", Answer.FORM)
    async def ask(self, visit: Visit) -> None:
        """Open the form."""
        require(visit.actor, Permission.OWN_EARNINGS)
        read = visit.reader
        field = text_field("address", read("payout.address"), hint=read("payout.hint"), max_length=ADDRESS_LIMIT)
        await visit.open(form(read("payout.title"), [field], "me.payout_set"))

    @submitted("me.payout_set")
    async def keep(self, visit: Visit) -> None:
        """Seal the address and say from when it is used."""
        member = await self.services.staff.set_payout(visit.actor, visit.text("address"))
        await visit.show(_kept(visit, member))


def _kept(visit: Visit, member: StaffMember) -> Card:
    read, lines = visit.reader, []
    if member.payout_pending_from is not None:
        lines.append(read("payout.from", when=member.payout_pending_from))
        lines.append(read("payout.until_then" if member.has_payout else "payout.none_before"))
    else:
        lines.append(read("payout.in_use"))
    return card(read("payout.kept"), lines, tone=Tone.GOOD)
