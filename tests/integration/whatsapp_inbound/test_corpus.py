"""Every body of the corpus: signed, posted, 200, and what its items mean."""

import re
from pathlib import Path

import orjson
import pytest

from channels.whatsapp.meta.parse import MetaParser
from domain.channels.service import ChannelService
from domain.contacts.dto import IdentifierKind
from domain.conversations.inbound import AccountNews, Ignored, PhoneEcho, ReceivedMessage, StatusUpdate
from tests.fixtures.channels import APP_SECRET, new_number
from tests.fixtures.meta_corpus import corpus_files
from tests.integration.whatsapp_inbound.conftest import Meta

_FILES = {path.stem: path for path in corpus_files()}
_PHONE = re.compile(rb'"phone_number_id"\s*:\s*"([^"]*)"')
# File -> what each of its items means, in order; a message's kind stands behind the colon.
EXPECTED = {
    "account_update__account_offboarded": ["AccountNews:alert"],
    "account_update__account_reconnected": ["AccountNews"],
    "account_update__account_restriction": ["AccountNews:alert"],
    "account_update__account_violation": ["AccountNews:alert"],
    "account_update__partner_removed_wa_app_disconnection": ["AccountNews:alert"],
    "account_update__pricing_tiering_update": ["AccountNews"],
    "call_connect__business_initiated": ["Ignored"],
    "call_connect__user_initiated": ["Ignored"],
    "call_permission_update__accept": ["Ignored"],
    "call_permission_update__reject": ["Ignored"],
    "call_status__call_status": ["Ignored"],
    "call_terminate__call_terminate": ["Ignored", "Ignored"],
    "callback_button__button": ["ReceivedMessage:choice"],
    "callback_button__quick_reply": ["ReceivedMessage:choice"],
    "callback_button__quick_reply_without_context": ["ReceivedMessage:choice"],
    "callback_selection__callback": ["ReceivedMessage:choice"],
    "callback_selection__description": ["ReceivedMessage:choice"],
    "deleted_message__revoke": ["ReceivedRevoke"],
    "edited_message__image": ["ReceivedEdit"],
    "flow_completion__completion": ["ReceivedMessage:flow_answer"],
    "flow_completion__without_flow_token": ["ReceivedMessage:flow_answer"],
    "message__animated_sticker": ["ReceivedMessage:sticker"],
    "message__audio": ["ReceivedMessage:audio"],
    "message__chosen_location": ["ReceivedMessage:location"],
    "message__contacts": ["ReceivedMessage:contacts"],
    "message__current_location": ["ReceivedMessage:location"],
    "message__document": ["ReceivedMessage:document"],
    "message__forwarded": ["ReceivedMessage:text"],
    "message__forwarded_many_times": ["ReceivedMessage:text"],
    "message__image": ["ReceivedMessage:image"],
    "message__interactive_message_with_err": ["ReceivedMessage:unsupported", "AccountNews:alert"],
    "message__media_with_url": ["ReceivedMessage:image"],
    "message__order": ["ReceivedMessage:order"],
    "message__reaction": ["ReceivedReaction"],
    "message__referral": ["ReceivedMessage:text"],
    "message__reply": ["ReceivedMessage:text"],
    "message__static_sticker": ["ReceivedMessage:sticker"],
    "message__text": ["ReceivedMessage:text"],
    "message__unreaction_empty": ["ReceivedReaction"],
    "message__unreaction_no_emoji": ["ReceivedReaction"],
    "message__unsupported": ["ReceivedMessage:unsupported"],
    "message__unsupported_with_type": ["ReceivedMessage:unsupported"],
    "message__video": ["ReceivedMessage:video"],
    "message__voice": ["ReceivedMessage:voice"],
    "message_status__delivered": ["StatusUpdate:delivered"],
    "message_status__failed": ["StatusUpdate:failed"],
    "message_status__group": ["StatusUpdate:read"],
    "message_status__played": ["StatusUpdate:played"],
    "message_status__read": ["StatusUpdate:read"],
    "message_status__sent": ["StatusUpdate:sent"],
    "message_status__with_tracker": ["StatusUpdate:sent"],
    "outgoing_message__delete": ["PhoneEchoEdit"],
    "outgoing_message__edit": ["PhoneEchoEdit"],
    "outgoing_message__text": ["PhoneEcho"],
    "system__identity_change": ["Ignored"],
    "system__phone_number_change": ["IdentityChange"],
    "template_category_update__marketing": ["AccountNews"],
    "template_components_update__element": ["AccountNews"],
    "template_quality_update__yellow": ["AccountNews"],
    "template_status_update__approved": ["AccountNews"],
    "template_status_update__rejected": ["AccountNews:alert"],
    "user_marketing_preferences__resume": ["MarketingChoice"],
    "user_marketing_preferences__signup": ["MarketingChoice"],
}


def _named(found: object) -> str:
    if isinstance(found, ReceivedMessage):
        return f"ReceivedMessage:{found.kind}"
    if isinstance(found, StatusUpdate):
        return f"StatusUpdate:{found.status}"
    return "AccountNews:alert" if isinstance(found, AccountNews) and found.is_alert else type(found).__name__


def _body(path: Path) -> tuple[bytes, str]:
    """The file's bytes with a number where its author left a gap, and the number it is for."""
    raw = path.read_bytes().replace(b"<BUSINESS_PHONE_NUMBER_ID>", b"1122334455667")
    found = _PHONE.search(raw)
    return raw, found[1].decode() if found else ""


@pytest.mark.skipif(not _FILES, reason="the corpus of webhook bodies is not on this machine")
def test_every_file_of_the_corpus_is_expected() -> None:
    assert set(_FILES) == set(EXPECTED)


@pytest.mark.skipif(not _FILES, reason="the corpus of webhook bodies is not on this machine")
@pytest.mark.parametrize("name", EXPECTED)
async def test_a_body_of_the_corpus_is_taken_and_understood(meta: Meta, channels: ChannelService, name: str) -> None:
    raw, phone_number_id = _body(_FILES[name])
    if phone_number_id not in ("", "1122334455667"):
        await channels.add_meta(meta.shop.owner, new_number(phone_number_id, app_secret=APP_SECRET))
    assert await meta.post(raw) == 200
    events = await meta.events()
    parsed = [found for row in events for found in MetaParser().parse(row["kind"], row["item"])]
    assert [_named(found) for found in parsed] == EXPECTED[name]
    for found in parsed:
        if isinstance(found, PhoneEcho | ReceivedMessage):
            message = found.message if isinstance(found, PhoneEcho) else found
            assert IdentifierKind.WA_ID in message.sender.identifiers
            assert message.provider_id
        assert not isinstance(found, Ignored) or found.why
    assert orjson.dumps([str(found) for found in parsed])
