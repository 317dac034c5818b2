"""A shop at work: who is there, and the presses that tests make over and over."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.kernel.roles import Role
from domain.orders.dto import Order
from sandbox.discord import Channel, Message, Person
from sandbox.discord.driver.reply import Reply
from tests.integration.bot.harness import Stage

NEW_ORDER = {"customer": "Marta", "start": "E4", "target": "D1", "deadline": "25/11/2026", "account": "marta01"}


@dataclass
class Floor:
    """The stage with its people and the orders channel."""

    stage: Stage
    orders: Channel
    log: Channel
    dani: Person
    ana: Person
    bruno: Person

    async def slash(self, who: Person, words: str, options: Mapping[str, Any] | None = None) -> Reply:
        """Use a command and wait until the bot is done with it."""
        return await self.stage.settled(await who.slash(self.orders, words, options))

    async def click(self, who: Person, target: Message | Reply, label: str) -> Reply:
        """Press a button and wait until the bot is done with it."""
        return await self.stage.settled(await who.click(target, label))

    async def submit(self, who: Person, opened: Reply, values: Mapping[str, Any]) -> Reply:
        """Send a form and wait until the bot is done with it."""
        return await self.stage.settled(await who.submit(opened, values))

    async def draft(self, **fields: str) -> Reply:
        """A draft, by Dani's form."""
        opened = await self.slash(self.dani, "order new")
        return await self.submit(self.dani, opened, {**NEW_ORDER, **fields})

    async def posted(self, **fields: str) -> Message:
        """A posted order's card in the channel."""
        await self.click(self.dani, await self.draft(**fields), "Post")
        await self.stage.deliver()
        return self.orders.messages[-1]

    async def claimed(self, who: Person | None = None, **fields: str) -> Message:
        """The card of an order that Ana, or somebody else, has claimed."""
        card = await self.posted(**fields)
        await self.click(who or self.ana, card, "Claim")
        await self.stage.deliver()
        return card

    async def change(self, who: Person, shown: Message | Reply, label: str, /, **fields: str) -> Reply:
        """Press a button that opens a form, and send the form."""
        return await self.submit(who, await self.click(who, shown, label), fields)

    async def press_forged(self, who: Person, target: Message, custom_id: str) -> str:
        """Press the first button of a message under another custom id; everything that is answered."""
        _forge(target.components, custom_id)
        reply = await self.stage.settled(await who.click(target, custom_id=custom_id))
        return "\n".join([*(message.text for message in reply.followups), reply.text])

    async def entry_count(self) -> int:
        """Journal entries in the books."""
        async with self.stage.db.tx(await self.stage.as_owner()) as tx:
            count: int = await tx.value("SELECT count(*) FROM journal_entries WHERE tenant_id = $1", tx.tenant_id)
        return count

    async def order(self, code: int = 1) -> Order:
        """The order as the service has it."""
        return (await self.stage.services.orders.get(await self.stage.as_owner(), code)).order


def answers(reply: Reply) -> str:
    """Everything the presser was told, errors included."""
    return "\n".join([*(message.text for message in reply.followups), reply.text])


def _forge(components: list[Any], custom_id: str) -> bool:
    for component in components:
        if component.get("type") == 2:
            component["custom_id"] = custom_id
            return True
        inner = [*component.get("components", []), *([component["accessory"]] if "accessory" in component else [])]
        if _forge(inner, custom_id):
            return True
    return False


async def open_floor(stage: Stage) -> Floor:
    """Let a dispatcher and two boosters join a shop that is open."""
    channels = {channel.name: channel for channel in stage.guild.channels.values()}
    return Floor(
        stage,
        channels["orders"],
        channels["log"],
        await stage.join("dani", Role.DISPATCHER),
        await stage.join("ana", Role.BOOSTER),
        await stage.join("bruno", Role.BOOSTER),
    )
