"""A template with a picture and a coupon, from the form in Discord to the person's phone, and back into the thread."""

import pytest

from channels.whatsapp.meta.templates import read_template
from sandbox.company.clients import letters
from sandbox.discord.drafts import Upload
from sandbox.whatsapp import Button
from tests.e2e.company import done
from tests.e2e.house import House
from tests.e2e.inbox import Inbox
from tests.e2e.two_doors import PATIENT, TwoDoors
from tests.e2e.world import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")
SETTINGS = PATIENT
PNG = b"\x89PNG\r\n\x1a\n" + bytes(60)
LATE = "UPDATE guildhall.conversations SET last_inbound_at = last_inbound_at - interval '2 days' WHERE tenant_id = $1"


async def test_a_template_with_a_picture_and_a_coupon_reaches_the_phone_and_stands_in_the_thread(
    doors: TwoDoors, inbox: Inbox, open_house: House
) -> None:
    assert open_house.is_running
    client, olivia = inbox.client(), inbox.company.olivia
    coupon = [Button("", "Copy code", "copy_code")]
    promo = doors.whatsapp.add_template(
        inbox.number, "promo", "en", "Hi {{1}}", category="MARKETING", header_format="IMAGE", buttons=coupon
    )
    template = read_template(inbox.account.id, promo.described())
    assert template is not None
    owner = await inbox.company.actor(olivia)
    await doors.services.channels.save_templates(owner, inbox.account.id, [template])
    await client.writes("Hello, how much is it please?")
    await client.was_answered_once()
    await doors.run(LATE, inbox.tenant_id)

    [thread] = client.threads()
    form = await olivia.slash(thread, "conversation template", {"template": "promo"})
    answered = await done(
        await olivia.submit(form, {"file": Upload("0", "winter.png", "image/png", PNG), "p0": "Ana", "p1": "WINTER20"})
    )
    assert "On its way to" in answered.text
    said = (await client.hears(3))[-1]
    assert said == "Hi Ana"
    shown = client.chat()[-1]
    assert (shown.media.data, shown.buttons[0].id) == (PNG, "WINTER20")
    await inbox.sound()
    card = client.mirrored()[-1]
    assert letters(card.text).endswith(letters("Hi Ana [WINTER20] winter.png"))
    await eventually(lambda: [file.filename for file in client.mirrored()[-1].attachments] == ["winter.png"])
