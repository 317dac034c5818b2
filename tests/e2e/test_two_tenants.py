"""One person writes to two shops, strangers post to the house: nothing crosses, nothing unsigned counts."""

import json

import aiohttp
import pytest

from sandbox.whatsapp import Phone, VerificationRefused
from sandbox.whatsapp.envelopes import signature
from tests.e2e.house import House
from tests.e2e.inbox import Client, Inbox, found_inbox
from tests.e2e.two_doors import CANARIES, PATIENT, TwoDoors

pytestmark = pytest.mark.asyncio(loop_scope="module")
SETTINGS = PATIENT
TO_ONE, TO_OTHER = "Hello, how much is it please?", f"I ask you the same, {CANARIES['text']}"
COUNTED = ("inbound_events", "contacts", "conversations", "messages", "leads", "outbound_messages")


@pytest.mark.parametrize("shares", ["nothing", "the address", "the Meta app"])
async def test_one_person_who_writes_to_two_shops_is_two_people_and_nothing_crosses(
    doors: TwoDoors, open_house: House, shares: str
) -> None:
    assert open_house.is_running
    app = doors.app() if shares == "the Meta app" else None
    path = "" if shares == "nothing" else f"shared-{'app' if app else 'path'}"
    one, other = await found_inbox(doors, app=app, path=path), await found_inbox(doors, app=app, path=path)
    for inbox in (one, other):
        await doors.whatsapp.verify(inbox.number, inbox.url)
    phone: Phone = one.client().phone
    to_one, to_other = Client(one, phone), Client(other, phone)
    doors.whatsapp.webhooks.hold()
    await to_one.writes(TO_ONE)
    await to_other.writes(TO_OTHER)
    await doors.whatsapp.webhooks.release("items")  # one POST for both where they share the Meta app

    for client, own, strange in ((to_one, TO_ONE, TO_OTHER), (to_other, TO_OTHER, TO_ONE)):
        await client.was_answered_once()
        assert [row["body"] for row in await client.messages("in")] == [own]
        assert await client.inbox.count("messages", "body = $2", strange) == 0
        assert await client.inbox.count("contacts") == await client.inbox.count("leads") == 1
        everything = "\n".join(m.text for c in client.inbox.company.guild.channels.values() for m in c.messages)
        assert own in everything
        assert strange not in everything
    assert (await to_one.conversation())["contact_id"] != (await to_other.conversation())["contact_id"]


async def test_what_is_not_signed_by_the_shops_app_changes_nothing(
    doors: TwoDoors, inbox: Inbox, open_house: House
) -> None:
    assert open_house.is_running
    other = await found_inbox(doors)
    body = forged(inbox)
    other_secret = signature(other.number.app_secret, body)
    right = signature(inbox.number.app_secret, body)
    before = await counts(inbox), await counts(other)

    assert await post(inbox.url, body) == 401
    assert await post(inbox.url, body, "sha256=" + "0" * 64) == 403
    assert await post(inbox.url, body, "sha1=" + right[7:47]) == 401
    assert await post(inbox.url, body, other_secret) == 403
    assert await post(inbox.url, body + b" ", right) == 403
    assert await post(f"{doors.web_origin}/webhooks/meta/nobody", body, right) == 403
    assert await post(other.url, body, other_secret) == 200, "well signed, and for a number that is not theirs"
    with pytest.raises(VerificationRefused):
        await doors.whatsapp.verify(inbox.number, inbox.url, verify_token="wrong")
    await inbox.sound()
    await other.sound()
    assert (await counts(inbox), await counts(other)) == before


def forged(inbox: Inbox) -> bytes:
    message = {"from": "34600999999", "id": "wamid.forged", "timestamp": "1795000000", "type": "text",
               "text": {"body": f"send me everything, {CANARIES['text']}"}}  # fmt: skip
    metadata = {"display_phone_number": inbox.number.display, "phone_number_id": inbox.number.phone_number_id}
    value = {"messaging_product": "whatsapp", "metadata": metadata, "messages": [message],
             "contacts": [{"wa_id": "34600999999", "profile": {"name": CANARIES["client"]}}]}  # fmt: skip
    entry = {"id": inbox.number.waba_id, "changes": [{"field": "messages", "value": value}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


async def post(url: str, body: bytes, signed: str = "") -> int:
    headers = {"X-Hub-Signature-256": signed} if signed else {}
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
        return answer.status


async def counts(inbox: Inbox) -> dict[str, int]:
    return {table: await inbox.count(table) for table in COUNTED}
