"""What every card has in common: Cancel."""

from bot.router import DoorCog, pressed
from bot.ui.cards import card
from bot.visit import Visit


class CardsCog(DoorCog):
    """Presses that belong to no area."""

    @pressed("card.dismiss", needs_shop=False)
    async def dismissed(self, visit: Visit) -> None:
        """Close a question without doing anything."""
        await visit.show(card(visit.reader("card.dismissed")))
