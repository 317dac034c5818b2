"""What becomes of a message that was accepted: shown on the phone, and reported to the business."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sandbox.whatsapp.envelopes import Item
from sandbox.whatsapp.errors import webhook_error
from sandbox.whatsapp.state import Json, Message

if TYPE_CHECKING:
    from sandbox.whatsapp.world import World

RANK = {"accepted": 0, "sent": 1, "delivered": 2, "read": 3, "played": 4, "failed": 5}
FREE_SERVICE_COUNT = 1_000
_CHARGED_FROM = datetime(2026, 10, 1, tzinfo=UTC)


class Statuses:
    """Reports on messages.

    Attributes:
        plan: Which statuses are reported when a message reaches a phone that is on, in the order of reporting. Any
            order may be set; an empty plan reports nothing but failures.
        are_before_answer: Report before the call that sent the message is answered.
        gather_s: Collect statuses for so many real seconds and report them in one POST; 0 reports each at once.
    """

    def __init__(self, world: World) -> None:
        self.plan: tuple[str, ...] = ("sent", "delivered", "read")
        self.are_before_answer = False
        self.gather_s = 0.0
        self._world = world
        self._withheld: list[Item] | None = None
        self._gathered: list[Item] = []

    @property
    def gathered_count(self) -> int:
        """How many statuses wait to be reported together."""
        return len(self._gathered)

    def withhold(self) -> None:
        """Keep every status back until `release`."""
        self._withheld = self._withheld or []

    async def release(self, *, reverse: bool = False) -> None:
        """Report what was kept back, one POST each, and keep nothing more."""
        items, self._withheld = self._withheld or [], None
        for item in reversed(items) if reverse else items:
            await self._world.webhooks.send([item])

    async def follow(self, message: Message) -> None:
        """Report what becomes of an accepted message; returns after the first tries."""
        if message.is_dropped:
            return
        if message.error_code is not None:
            if message.fails_after_sent:
                await self.report(message, "sent")
            await self.report(message, "failed")
            return
        for status in self.plan:
            if self._applies(message, status):
                await self.report(message, status)

    def _applies(self, message: Message, status: str) -> bool:
        phone = message.phone
        if status in message.statuses:
            return False
        if status == "sent" or phone is None:
            return status == "sent"
        is_there = phone.is_online and message.number not in phone.blocked
        return is_there and (status == "delivered" or phone.reads_at_once)

    async def report(self, message: Message, status: str) -> None:
        """Report one status."""
        message.statuses.append(status)
        if RANK[status] > RANK[message.status]:
            message.status = status
        self._world.announce(message, "status", status, direction="to_business")
        item = self._item(message, status)
        if self._withheld is not None:
            self._withheld.append(item)
        elif self.gather_s:
            self._gather(item)
        else:
            await self._world.webhooks.send([item])

    def _gather(self, item: Item) -> None:
        self._gathered.append(item)
        if len(self._gathered) == 1:
            asyncio.get_running_loop().call_later(self.gather_s, self._flush)

    def _flush(self) -> None:
        items, self._gathered = self._gathered, []
        self._world.timers.spawn(self._world.webhooks.send(items))

    def _item(self, message: Message, status: str) -> Item:
        content: Json = {"id": message.id, "status": status, "timestamp": str(int(self._world.clock.now().timestamp()))}
        phone = message.phone
        if phone is None or not phone.hides_number:
            content["recipient_id"] = message.recipient if phone is None else phone.wa_id
        if phone is not None:
            content["recipient_user_id"] = phone.bsuid
        if message.tracker is not None:
            content["biz_opaque_callback_data"] = message.tracker
        if status == "failed":
            code = message.error_code or 131000
            content["errors"] = [webhook_error(code)]
        else:
            content |= self._billed(message, status)
        contact = phone.contact() if phone is not None else {"wa_id": message.recipient}
        return Item(
            account=message.number.account, key="statuses", content=content, number=message.number, contact=contact
        )

    def _billed(self, message: Message, status: str) -> Json:
        pricing = message.billing = message.billing or self._pricing(message)
        if self._world.pricing_model == "CBP":
            old = {"billable": True, "pricing_model": "CBP", "category": pricing["category"]}
            return {"conversation": self._conversation(message, status), "pricing": old}
        if pricing["type"] == "free_entry_point":
            return {"conversation": self._conversation(message, status), "pricing": pricing}
        return {"pricing": pricing} if status != "read" else {}

    def _conversation(self, message: Message, status: str) -> Json:
        message.conversation_id = message.conversation_id or self._world.ids.graph()
        origin = {"type": message.category}
        if status != "sent":
            return {"id": message.conversation_id, "origin": origin}
        ends = str(int(message.at.timestamp()) + 86_400)
        return {"id": message.conversation_id, "expiration_timestamp": ends, "origin": origin}

    def _pricing(self, message: Message) -> Json:
        def price(kind: str, category: str) -> Json:
            return {"billable": kind == "regular", "pricing_model": "PMP", "type": kind, "category": category}

        now, category = self._world.clock.now(), message.category
        chat = message.phone.chat(message.number) if message.phone is not None else None
        if chat is not None and chat.free_entry_until is not None and now < chat.free_entry_until:
            return price("free_entry_point", "referral_conversion")
        if category == "service":
            month = f"{now:%Y-%m}"
            count = message.number.service_counts[month] = message.number.service_counts.get(month, 0) + 1
            is_free = now < _CHARGED_FROM or count <= FREE_SERVICE_COUNT
            return price("free_customer_service" if is_free else "regular", "service")
        is_free = category == "utility" and now < _CHARGED_FROM and chat is not None and chat.is_open(now)
        return price("free_customer_service" if is_free else "regular", category)
