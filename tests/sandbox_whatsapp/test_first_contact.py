"""The shortest way through both directions, and who is let in."""

from typing import Any

import pytest

from sandbox.whatsapp import Event, Number, Phone, VerificationRefused, WhatsAppEmulator
from tests.sandbox_whatsapp.harness import Business, Graph, error_of


async def test_a_text_comes_in_signed_and_the_answer_is_shown_and_reported(
    whatsapp: WhatsAppEmulator, number: Number, marta: Phone, business: Business, graph: Graph
) -> None:
    events: list[Event] = []
    whatsapp.on_event(events.append)
    asked = await marta.write(number, "¿Cuánto cuesta? a/b 😀")
    assert business.bad_signatures == 0
    assert b"\\u00bf" in business.bodies[0]
    assert b"a\\/b" in business.bodies[0]
    assert [m["text"]["body"] for m in business.items("messages")] == ["¿Cuánto cuesta? a/b 😀"]
    status, answer = await graph.text("+34 600 111 222", "30 €", context={"message_id": asked.id})
    assert status == 200
    assert answer["contacts"] == [{"input": "+34 600 111 222", "wa_id": "34600111222"}]
    shown = await marta.received("30")
    assert shown.quoted is asked
    assert answer["messages"] == [{"id": shown.id, "message_status": "accepted"}]
    await business.until(lambda: business.statuses(shown.id) == ["sent", "delivered", "read"])
    assert [(e.actor, e.kind, e.text) for e in events][:2] == [
        ("Marta", "text", "¿Cuánto cuesta? a/b 😀"),
        ("Boosting House", "text", "30 €"),
    ]
    assert whatsapp.sent_to(marta) == [shown]


async def test_the_handshake_is_kept_only_when_the_challenge_comes_back(
    whatsapp: WhatsAppEmulator, number: Number, business: Business
) -> None:
    number.app.callback_url = None
    with pytest.raises(VerificationRefused):
        await whatsapp.verify(number, business.url, verify_token="guessed")
    assert number.app.callback_url is None
    await whatsapp.verify(number, business.url)
    assert number.app.callback_url == business.url


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer no"}, {"Authorization": "Basic no"}])
async def test_a_call_without_a_valid_token_is_refused(graph: Graph, headers: dict[str, str]) -> None:
    url = f"{graph.origin}/v26.0/{graph.number.phone_number_id}/messages"
    async with graph.session.post(url, json={}, headers=headers) as answer:
        body: dict[str, Any] = await answer.json()
    assert (answer.status, body["error"]["code"], body["error"]["type"]) == (401, 190, "OAuthException")
    assert body["error"]["fbtrace_id"]


async def test_an_expired_token_says_why_and_a_new_one_works(graph: Graph, number: Number, marta: Phone) -> None:
    number.expire_token(460)
    status, answer = await graph.text(marta.wa_id)
    assert (status, answer["error"]["code"], answer["error"]["error_subcode"]) == (401, 190, 460)
    number.renew_token()
    assert (await graph.text(marta.wa_id))[0] == 200


async def test_a_token_opens_its_own_account_only(whatsapp: WhatsAppEmulator, graph: Graph, marta: Phone) -> None:
    other = whatsapp.add_number("34911000999", access_token="other")
    status, answer = await graph.call("GET", other.phone_number_id)
    assert (status, answer["error"]["code"], answer["error"]["error_subcode"]) == (400, 100, 33)


@pytest.mark.parametrize(("version", "code"), [("v20.0", 2635), ("v99.0", 2500), ("latest", 2500)])
async def test_a_version_that_ended_or_never_was_is_refused(graph: Graph, version: str, code: int) -> None:
    graph.version = version
    assert error_of(await graph.text("34600111222"))[1] == code


async def test_an_unknown_route_is_a_404_in_graphs_shape(graph: Graph, number: Number) -> None:
    assert error_of(await graph.call("GET", f"{number.phone_number_id}/nothing")) == (404, 2500)
