"""Webhooks have the keys of the payloads that Meta publishes; those files are the referee, where they are present."""

import json
import os
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.whatsapp import Button, Message, Number, Phone, WhatsAppEmulator, ad
from tests.sandbox_whatsapp.harness import Business, Graph

_BESIDE = Path(__file__).parents[2].parent / "shared" / "data"
_FOLDER = Path(os.environ.get("GUILDHALL_TEST_DATA", _BESIDE)) / "whatsapp" / "meta"
# what deliveries carry since the business-scoped user ids of 2026, and the published files do not yet
_NEWER = {
    "from_user_id",
    "recipient_user_id",
    "to_user_id",
    "to_parent_user_id",
    "user_id",
    "parent_user_id",
    "previous_user_id",
    "previous_parent_user_id",
}
_PASSED_ON = ("account_update__", "call_connect__", "call_status__", "call_terminate__", "user_marketing_", "template_")
JPEG = b"\xff\xd8\xff\xe0 a picture"


class Scene:
    """A phone that has written to a number once, and what both can do."""

    def __init__(self, whatsapp: WhatsAppEmulator, number: Number, phone: Phone, graph: Graph) -> None:
        self.whatsapp, self.number, self.phone, self.graph = whatsapp, number, phone, graph
        whatsapp.statuses.plan = ()
        whatsapp.world.gives_media_urls = False

    async def sent(self, **content: Any) -> Message:
        wamid = await self.graph.accepted(self.phone.wa_id, **content)
        return self.whatsapp.world.messages[wamid]

    async def interactive(self, kind: str, action: dict[str, Any]) -> Message:
        content = {"type": kind, "body": {"text": "Choose"}, "action": action}
        return await self.sent(type="interactive", interactive=content)

    async def buttons(self) -> Message:
        return await self.interactive("button", {"buttons": [{"type": "reply", "reply": {"id": "a", "title": "Yes"}}]})

    async def rows(self, **more: str) -> Message:
        row = {"id": "a", "title": "Gold", **more}
        return await self.interactive("list", {"button": "Open", "sections": [{"title": "S", "rows": [row]}]})

    async def flow(self, **more: str) -> Message:
        return await self.interactive(
            "flow", {"name": "flow", "parameters": {"flow_id": "1", "flow_cta": "Go", **more}}
        )

    async def offer(self) -> Message:
        self.whatsapp.add_template(self.number, "offer", "en", "Hi", buttons=[Button("", "More", "quick_reply")])
        return await self.sent(type="template", template={"name": "offer", "language": {"code": "en"}})

    async def status(self, name: str, tracker: str | None = None) -> None:
        self.whatsapp.world.pricing_model = "CBP"
        self.whatsapp.statuses.plan = (name,)
        more = {} if tracker is None else {"biz_opaque_callback_data": tracker}
        await self.sent(type="text", text={"body": "Hi"}, **more)

    async def old(self, text: str = "before") -> Message:
        return next(message for message in self.phone.messages if message.is_from_phone)

    async def from_app(self) -> Message:
        self.number.is_coexistence = True
        return await self.number.write_from_phone_app(self.phone, "from the counter")


Act = Callable[[Scene], Awaitable[object]]


async def _unreaction(scene: Scene, *, leaves_empty: bool) -> None:
    message = await scene.old()
    await scene.phone.react(message, "😮")
    await scene.phone.unreact(message, leaves_empty=leaves_empty)


async def _edited_image(scene: Scene) -> None:
    scene.whatsapp.world.gives_media_urls = True
    image = await scene.phone.send_image(scene.number, JPEG, caption="before")
    await scene.phone.edit(image, "after")


async def _with_url(scene: Scene) -> None:
    scene.whatsapp.world.gives_media_urls = True
    await scene.phone.send_image(scene.number, JPEG)


async def _played(scene: Scene) -> None:
    scene.whatsapp.world.pricing_model = "CBP"
    voice = scene.whatsapp.add_media(scene.number, b"OggS", "audio/ogg")
    await scene.phone.play(await scene.sent(type="audio", audio={"id": voice.id}))


async def _failed(scene: Scene) -> None:
    scene.whatsapp.faults.fail_later(130472)
    await scene.sent(type="text", text={"body": "Hi"})


async def _call_permission(scene: Scene, *, accepts: bool) -> None:
    asked = await scene.interactive("call_permission_request", {"name": "call_permission_request"})
    await scene.phone.answer_call_permission(asked, accepts=accepts)


async def _template(scene: Scene, status: str) -> None:
    template = scene.whatsapp.add_template(scene.number, "offer", "en", "Hi", status="PENDING")
    await scene.whatsapp.set_template_status(scene.number, template, status)


_CARD = {
    "name": {"first_name": "Chandler", "last_name": "Bing", "formatted_name": "Chandler Bing"},
    "phones": [{"phone": "+1 555-555-5555", "wa_id": "972987654321", "type": "CELL"}],
}
_ITEM = {"product_retailer_id": "SODA", "quantity": 2, "item_price": 10, "currency": "ILS"}


async def _press(s: Scene) -> object:
    return await s.phone.press(await s.buttons(), "Yes")


async def _quick(s: Scene, *, has_context: bool = True) -> object:
    return await s.phone.press(await s.offer(), "More", has_context=has_context)


async def _choose(s: Scene, **more: str) -> object:
    return await s.phone.choose(await s.rows(**more), "Gold")


async def _flow(s: Scene, **more: str) -> object:
    fields = ("comment_text", "delivery_rating", "purchase_rating", "recommend_radio", "cs_rating")
    return await s.phone.answer_flow(await s.flow(**more), dict.fromkeys(fields, "1"))


async def _revoke(s: Scene) -> None:
    await s.phone.revoke(await s.old())


async def _unreadable(s: Scene) -> object:
    return await s.phone.answer_unreadably(await s.buttons())


async def _react(s: Scene) -> None:
    await s.phone.react(await s.old(), "😮")


async def _reply(s: Scene) -> object:
    return await s.phone.reply_to(await s.old(), "and?")


async def _app_edit(s: Scene) -> object:
    return await s.number.edit_from_phone_app(await s.from_app(), "edited")


async def _app_revoke(s: Scene) -> None:
    await s.number.revoke_from_phone_app(await s.from_app())


_REFERRAL = ad(video_url="https://v.example", thumbnail_url="https://t.example")
_PLACE = {"name": "HQ", "address": "1 Hacker Way", "url": "https://maps.example"}
ACTS: dict[str, Act] = {
    "callback_button__button": _press,
    "callback_button__quick_reply": _quick,
    "callback_button__quick_reply_without_context": lambda s: _quick(s, has_context=False),
    "callback_selection__callback": _choose,
    "callback_selection__description": lambda s: _choose(s, description="fast"),
    "call_permission_update__accept": lambda s: _call_permission(s, accepts=True),
    "call_permission_update__reject": lambda s: _call_permission(s, accepts=False),
    "deleted_message__revoke": _revoke,
    "edited_message__image": _edited_image,
    "flow_completion__completion": lambda s: _flow(s, flow_token="t"),
    "flow_completion__without_flow_token": _flow,
    "message__animated_sticker": lambda s: s.phone.send_sticker(s.number, b"RIFF....WEBPVP8X ANIM"),
    "message__static_sticker": lambda s: s.phone.send_sticker(s.number, b"RIFF....WEBPVP8 "),
    "message__audio": lambda s: s.phone.send_audio(s.number, b"ID3", is_forwarded=True),
    "message__voice": lambda s: s.phone.send_voice(s.number, b"OggS"),
    "message__chosen_location": lambda s: s.phone.send_location(s.number, 37.4, -122.2, is_forwarded=True, **_PLACE),
    "message__current_location": lambda s: s.phone.send_location(s.number, 12.2, 43.9, is_forwarded=True),
    "message__contacts": lambda s: s.phone.send_contacts(s.number, [_CARD]),
    "message__document": lambda s: s.phone.send_document(s.number, b"%PDF", "a.pdf", caption="c", is_forwarded=True),
    "message__forwarded": lambda s: s.phone.write(s.number, "hi", is_forwarded=True),
    "message__forwarded_many_times": lambda s: s.phone.write(s.number, "hi", is_forwarded_often=True),
    "message__image": lambda s: s.phone.send_image(s.number, JPEG),
    "message__video": lambda s: s.phone.send_video(s.number, b"....ftyp", caption="c", is_forwarded=True),
    "message__interactive_message_with_err": _unreadable,
    "message__media_with_url": _with_url,
    "message__order": lambda s: s.phone.order(s.number, [_ITEM]),
    "message__reaction": _react,
    "message__referral": lambda s: s.phone.write(s.number, "hi", referral=_REFERRAL),
    "message__reply": _reply,
    "message__text": lambda s: s.phone.write(s.number, "hi"),
    "message__unreaction_empty": lambda s: _unreaction(s, leaves_empty=True),
    "message__unreaction_no_emoji": lambda s: _unreaction(s, leaves_empty=False),
    "message__unsupported": lambda s: s.phone.send_unsupported(s.number, 131051),
    "message__unsupported_with_type": lambda s: s.phone.send_unsupported(s.number, 131051, kind="poll"),
    "message_status__delivered": lambda s: s.status("delivered"),
    "message_status__failed": _failed,
    "message_status__played": _played,
    "message_status__read": lambda s: s.status("read"),
    "message_status__sent": lambda s: s.status("sent"),
    "message_status__with_tracker": lambda s: s.status("sent", "some data"),
    "outgoing_message__delete": _app_revoke,
    "outgoing_message__edit": _app_edit,
    "outgoing_message__text": lambda s: s.from_app(),
    "system__identity_change": lambda s: s.phone.change_identity(),
    "system__phone_number_change": lambda s: s.phone.change_number("34600999888"),
    "template_status_update__approved": lambda s: _template(s, "APPROVED"),
    "template_status_update__rejected": lambda s: _template(s, "REJECTED"),
}
NOT_MADE = {"message_status__group": "the emulator has no groups"}


def _keys(value: object, where: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, inside in value.items():
            yield f"{where}/{key}"
            yield from _keys(inside, f"{where}/{key}")
    elif isinstance(value, list):
        for inside in value:
            yield from _keys(inside, f"{where}[]")


def _published(name: str) -> dict[str, Any]:
    path = _FOLDER / f"{name}.json"
    if not path.is_file():
        pytest.skip("Meta's payloads are absent: set GUILDHALL_TEST_DATA to the folder that holds whatsapp/meta")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return {key: found[key] for key in ("object", "entry")}


@pytest.mark.parametrize("name", ACTS)
async def test_a_webhook_has_the_keys_that_meta_publishes(
    name: str, whatsapp: WhatsAppEmulator, number: Number, marta: Phone, business: Business, graph: Graph
) -> None:
    published = set(_keys(_published(name)))
    scene = Scene(whatsapp, number, marta, graph)
    await marta.write(number, "before")
    await ACTS[name](scene)
    await whatsapp.settled()
    made = set(_keys(business.posts[-1]))
    assert {key for key in published - made if key.rsplit("/", 1)[1] not in _NEWER} == set()
    assert {key for key in made - published if key.rsplit("/", 1)[1] not in _NEWER} == set()


@pytest.mark.skipif(not _FOLDER.is_dir(), reason="Meta's payloads are absent: set GUILDHALL_TEST_DATA")
async def test_every_published_payload_is_made_or_passed_on(
    whatsapp: WhatsAppEmulator, number: Number, business: Business
) -> None:
    names = {path.stem for path in _FOLDER.glob("*.json")} - ACTS.keys() - NOT_MADE.keys()
    assert {name for name in names if not name.startswith(_PASSED_ON)} == set()
    for name in sorted(names):
        for change in _published(name)["entry"][0]["changes"]:
            await whatsapp.tell(number, change["field"], change["value"])
            assert list(business.changes())[-1] == change
