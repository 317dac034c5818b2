"""/setup's page of bonuses, fines and limits."""

from bot.answers import Answer
from bot.router import DoorCog, pressed, submitted
from bot.ui.ids import OutOfDate, hash_of_shown
from bot.ui.rule_cards import PAGES, read_rules, rules_card, rules_form
from bot.visit import Visit
from domain.tenancy.policy import Permission, require


class SetupRulesCog(DoorCog):
    """What counts for money and limits from now on, in the set-up's private message."""

    @pressed("setup.rules")
    async def rules(self, visit: Visit) -> None:
        """Show what holds."""
        require(visit.actor, Permission.SETTINGS_CHANGE)
        await visit.show(rules_card(visit.reader, await visit.tenant()))

    @pressed("setup.rules_form", Answer.FORM)
    async def ask(self, visit: Visit, page: str) -> None:
        """Open the form of bonuses and fines, or of limits."""
        require(visit.actor, Permission.SETTINGS_CHANGE)
        _check_page(page)
        await visit.open(rules_form(visit.reader, await visit.tenant(), page))

    @submitted("setup.rules_set")
    async def changed(self, visit: Visit, page: str, shown: str) -> None:
        """Keep what was typed; where somebody else was faster, show what holds instead."""
        require(visit.actor, Permission.SETTINGS_CHANGE)
        _check_page(page)
        before = await visit.tenant()
        if hash_of_shown(*before.rules) != shown:
            await visit.show(rules_card(visit.reader, before, is_changed=True))
            return
        change = read_rules(visit.text, before, page)
        after = await self.services.tenancy.change_settings(visit.actor, change, before)
        await visit.show(rules_card(visit.reader, after, saved=page))


def _check_page(page: str) -> None:
    if page not in PAGES:
        raise OutOfDate("setup")
