"""Every kind of message, as Meta documents it and as it also comes."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.conversations.inbound import (
    IdentityChange,
    Ignored,
    MediaRef,
    MessageKind,
    ReceivedEdit,
    ReceivedReaction,
    ReceivedRevoke,
    Unknown,
)
from tests.fixtures.meta_bodies import message, of_type
from tests.unit.whatsapp_parse.helpers import ids, said, told


def test_a_text_keeps_who_what_and_when() -> None:
    found = told(message(context={"from": "34911222333", "id": "wamid.q", "frequently_forwarded": True}))
    assert ids(found.sender) == {"wa_id": "34600000001", "bsuid": "ES.1001", "username": "ana.r"}
    assert (found.sender.name, found.provider_id, found.kind, found.text) == (
        "Ana",
        "wamid.1",
        MessageKind.TEXT,
        "hola",
    )
    assert (found.reply_to, found.content) == ("wamid.q", {"forwarded": "often"})
    assert found.sent_at == datetime.fromtimestamp(1795000000, UTC)


ODD: tuple[Any, ...] = (None, "", "soon", "-5", "1e99", 0, 10**30, [], "99999999999999", True, "NaN")


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [(1795000000, 1795000000), ("1795000000", 1795000000), *[(odd, 1795000100) for odd in ODD]],
)  # fmt: skip
def test_a_time_that_makes_no_sense_is_when_it_was_received(stamp: Any, expected: int) -> None:
    assert told(message(timestamp=stamp)).sent_at == datetime.fromtimestamp(expected, UTC)


@pytest.mark.parametrize("body", [None, {}, {"body": None}, {"body": 5}, "text", [], {"body": {"a": 1}}])
def test_a_text_without_text_is_still_a_message(body: Any) -> None:
    found = told(message() | {"text": body})
    assert found.text == ("5" if body == {"body": 5} else "")


def test_a_text_without_end_is_cut() -> None:
    assert len(told(message(text="x" * 1_000_000)).text) == 10_000


@pytest.mark.parametrize("kind", ["image", "video", "document", "audio", "sticker"])
def test_media_keeps_its_file(kind: str) -> None:
    part = {"id": "M1", "mime_type": "Image/JPEG", "sha256": "abc=", "caption": "look", "filename": "a.pdf", "url": "u"}
    found = told(of_type(kind, part))
    assert (found.kind.value, found.text) == (kind, "look")
    assert found.media == MediaRef("M1", "image/jpeg", "abc=", "a.pdf", "u")


def test_a_voice_note_is_voice_and_an_animation_says_so() -> None:
    assert told(of_type("audio", {"id": "M", "voice": True})).kind is MessageKind.VOICE
    assert told(of_type("audio", {"id": "M", "voice": "yes"})).kind is MessageKind.AUDIO
    assert told(of_type("sticker", {"id": "M", "animated": True})).content == {"animated": True}
    assert told(of_type("image", {})).kind is MessageKind.UNSUPPORTED


def test_a_place_has_numbers_or_nothing() -> None:
    place = {"latitude": "40.4", "longitude": -3.7, "name": "Sol", "url": None}
    assert told(of_type("location", place)).content == {"place": {"latitude": 40.4, "longitude": -3.7, "name": "Sol"}}
    assert told(of_type("location", {"latitude": "north"})).content == {"place": {}}


def test_cards_may_lack_a_name() -> None:
    cards = [{"name": {"formatted_name": "Leo"}, "phones": [{"phone": "+1"}, None]}, {"phones": [{"wa_id": "2"}]}, None]
    assert told(of_type("contacts", cards)).content == {
        "cards": [{"name": "Leo", "phones": ["+1"]}, {"phones": ["2"]}, {}]
    }


def test_a_number_that_was_asked_for_is_the_senders_own() -> None:
    card = [{"vcard": "…", "phones": [{"phone": "+34 600 000 009"}]}]
    payload = {"from_user_id": "ES.1001", "id": "w", "timestamp": "1", "type": "contacts", "contacts": card}
    asked = told(payload | {"origin": "contact_request"}, contacts=[{"user_id": "ES.1001"}])
    assert ids(asked.sender) == {"bsuid": "ES.1001", "phone": "34600000009"}
    other = told(payload | {"origin": "other"}, contacts=[{"user_id": "ES.1001"}])
    assert ids(other.sender) == {"bsuid": "ES.1001"}


def test_buttons_and_lists_are_choices() -> None:
    button = told(of_type("button", {"text": "Sí", "payload": "yes"}))
    assert (button.kind, button.text, button.choice_id, button.reply_to) == (MessageKind.CHOICE, "Sí", "yes", "")
    assert told(of_type("button", {"text": "Sí"})).choice_id == "Sí"
    reply = told(of_type("interactive", {"type": "button_reply", "button_reply": {"id": "a", "title": "A"}}))
    assert (reply.kind, reply.text, reply.choice_id) == (MessageKind.CHOICE, "A", "a")
    row = {"type": "list_reply", "list_reply": {"id": "1", "title": "T", "description": "D"}}
    assert told(of_type("interactive", row)).content == {"description": "D"}


@pytest.mark.parametrize(
    ("response", "answers"),
    [
        ('{"a": "1", "b": [1, {"c": null}]}', {"a": "1", "b": [1, {"c": None}]}),
        ('["x"]', {"value": ["x"]}),
        ('"x"', {"value": "x"}),
        ("not json", {"value": "not json"}),
        (None, None),
        ({"a": 1}, {"a": 1}),
        ('{"a": "\\u0000\\u0041"}', {"a": "A"}),
        ("[" * 100_000, {"value": "[" * 1000}),
        ('{"a": 1e400}', None),
    ],
)
def test_a_flow_answers_whatever_it_answers(response: Any, answers: Any) -> None:
    part = {"type": "nfm_reply", "nfm_reply": {"response_json": response, "body": "Sent", "name": "flow"}}
    found = told(of_type("interactive", part))
    assert (found.kind, found.text, found.content["name"]) == (MessageKind.FLOW_ANSWER, "Sent", "flow")
    if answers is not None or response is None:
        assert found.content.get("answers") == answers


def test_an_order_counts_with_numbers_and_strings() -> None:
    lines = [{"product_retailer_id": "A", "quantity": 3, "item_price": 30, "currency": "EUR"},
             {"product_retailer_id": "B", "quantity": "2", "item_price": "3.5"}, {"quantity": "many"}]  # fmt: skip
    found = told(of_type("order", {"catalog_id": "C", "text": "soon", "product_items": lines}))
    assert (found.text, found.content["order"]) == ("soon", {"catalog_id": "C", "items": [
        {"id": "A", "quantity": 3, "price": "30", "currency": "EUR"}, {"id": "B", "quantity": 2, "price": "3.5"},
        {"quantity": 0}]})  # fmt: skip


def test_opening_the_chat_is_a_welcome() -> None:
    found = told({"from": "34600000001", "id": "w", "timestamp": "1795000000", "type": "request_welcome"})
    assert found.kind is MessageKind.WELCOME


@pytest.mark.parametrize("emoji", [{"emoji": ""}, {}, {"emoji": None}])
def test_a_reaction_is_taken_back_in_every_spelling(emoji: dict[str, Any]) -> None:
    found = said(of_type("reaction", {"message_id": "wamid.t"} | emoji))
    assert isinstance(found, ReceivedReaction)
    assert (found.target_id, found.emoji) == ("wamid.t", "")


def test_a_reaction_an_edit_and_a_deletion_name_their_message() -> None:
    reaction = said(of_type("reaction", {"message_id": "wamid.t", "emoji": "👍🏽"}))
    assert isinstance(reaction, ReceivedReaction)
    assert reaction.emoji == "👍🏽"
    edit = said(of_type("edit", {"original_message_id": "o", "message": {"type": "text", "text": {"body": "new"}}}))
    assert isinstance(edit, ReceivedEdit)
    assert (edit.provider_id, edit.target_id, edit.text) == ("wamid.1", "o", "new")
    revoke = said(of_type("revoke", {"original_message_id": "o"}))
    assert isinstance(revoke, ReceivedRevoke)
    assert revoke.target_id == "o"
    for kind in ("reaction", "edit", "revoke"):
        assert isinstance(said(of_type(kind, {})), Unknown)


@pytest.mark.parametrize("referral", [None, {"source_type": "ad", "source_id": "7", "ctwa_clid": "c"}])
def test_the_first_contact_from_an_ad_is_never_dropped(referral: Any) -> None:
    errors = [{"code": 131060, "title": "Unavailable", "error_data": {"details": "This message is unavailable"}}]
    payload = {"from": "34600000001", "id": "w", "timestamp": "1795000000", "type": "unsupported", "errors": errors}
    found = told(payload | ({"referral": referral} if referral else {}))
    assert (found.kind, found.referral) == (MessageKind.UNSUPPORTED, referral)
    assert found.content["errors"] == [
        {"code": 131060, "title": "Unavailable", "details": "This message is unavailable"}
    ]


@pytest.mark.parametrize("kind", ["poll", "", None, 5, ["x"], "text " * 100])
def test_a_type_nobody_knows_is_a_message_nonetheless(kind: Any) -> None:
    assert told({"from": "34600000001", "id": "w", "type": kind}).kind is MessageKind.UNSUPPORTED


def test_a_group_message_says_so() -> None:
    assert told(message(group_id="g1")).group_id == "g1"


def test_a_number_changes_without_contacts() -> None:
    system = {"body": "moved", "wa_id": "34600000002", "type": "user_changed_number"}
    found = said(of_type("system", system), contacts=[])
    assert isinstance(found, IdentityChange)
    assert (ids(found.before), ids(found.after)) == ({"wa_id": "34600000001"}, {"wa_id": "34600000002"})


def test_a_user_id_changes() -> None:
    system = {"type": "user_changed_user_id", "user_id": "ES.2", "previous_user_id": "ES.1"}
    found = said({"from_user_id": "ES.1", "id": "w", "timestamp": "1", "type": "system", "system": system}, contacts=[])
    assert isinstance(found, IdentityChange)
    assert (ids(found.before), ids(found.after)) == ({"bsuid": "ES.1"}, {"bsuid": "ES.2"})
    late = said({"from_user_id": "ES.2", "id": "w", "timestamp": "1", "type": "system", "system": system}, contacts=[])
    assert isinstance(late, IdentityChange)
    assert ids(late.before) == {"bsuid": "ES.1"}


def test_a_new_installation_changes_nobody() -> None:
    assert isinstance(said(of_type("system", {"type": "customer_identity_changed"})), Ignored)
    assert isinstance(said(of_type("system", {"type": "of next year"})), Unknown)


def test_a_call_permission_concerns_no_conversation() -> None:
    part = {"type": "call_permission_reply", "call_permission_reply": {"response": "accept"}}
    assert isinstance(said(of_type("interactive", part)), Ignored)
