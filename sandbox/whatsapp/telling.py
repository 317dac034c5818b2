"""Webhooks that nobody's act leads to: news of templates and accounts, and the handshake."""

from __future__ import annotations

import secrets

from sandbox.whatsapp.envelopes import Item
from sandbox.whatsapp.numbers import Number
from sandbox.whatsapp.phone import Phone
from sandbox.whatsapp.state import Account, Json
from sandbox.whatsapp.templates import Template
from sandbox.whatsapp.world import World


class Telling:
    """Tells a business's server what Meta itself has to say."""

    world: World

    async def set_template_status(self, account: Number | Account, template: Template, status: str) -> None:
        """Approve, reject, pause or disable a template, and tell the business."""
        template.status = status
        value: Json = {
            "event": status,
            "message_template_id": int(template.id),
            "message_template_name": template.name,
            "message_template_language": template.language,
            "reason": "INVALID_FORMAT" if status == "REJECTED" else "NONE",
            "message_template_category": template.category,
        }
        if status == "REJECTED":
            reason = "The template does not follow the format."
            value["rejection_info"] = {"reason": reason, "recommendation": "Correct the format and submit it again."}
        await self.tell(account, "message_template_status_update", value)

    async def tell_number(
        self, number: Number, field: str, key: str, content: Json, phone: Phone | None = None
    ) -> None:
        """Send any other webhook of a number: `content` in the list `key` of a value of `field` ("calls", ...)."""
        contact = None if phone is None else phone.contact()
        item = Item(account=number.account, field=field, key=key, content=content, number=number, contact=contact)
        await self.world.webhooks.send([item])

    async def tell(self, account: Number | Account, field: str, value: Json) -> None:
        """Send any other webhook of an account, `value` as it is."""
        owner = account.account if isinstance(account, Number) else account
        at_s = int(self.world.clock.now().timestamp())
        await self.world.webhooks.send([Item(account=owner, field=field, content=value, at_s=at_s)])

    def connect(self, number: Number, callback_url: str) -> None:
        """Send a number's webhooks to `callback_url` without the handshake."""
        number.app.callback_url = callback_url

    async def verify(self, number: Number, callback_url: str, *, verify_token: str | None = None) -> None:
        """Do the verification handshake and send the app's webhooks there from now on.

        Raises:
            VerificationRefused: the address did not echo the challenge.
        """
        token = number.verify_token if verify_token is None else verify_token
        await self.world.webhooks.verify(number.app, callback_url, token, str(secrets.randbelow(10**10)))
