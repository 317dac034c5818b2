"""Forged, replayed, oversized, broken: what the webhook answers, and what it keeps."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.fixtures.channels import APP_SECRET
from tests.fixtures.meta_bodies import change, message, one_text, post
from tests.integration.whatsapp_inbound.conftest import Meta, signature

RAW = json.dumps(one_text()).encode()


async def test_a_signed_message_is_kept_before_the_answer(meta: Meta) -> None:
    assert await meta.post(one_text()) == 200
    (event,) = await meta.events()
    assert (event["kind"], event["lane"], event["dedup_key"]) == ("message", "34600000001", "message:wamid.1")
    assert event["item"]["payload"]["text"] == {"body": "hola"}


@pytest.mark.parametrize(
    "header",
    [None, "", "sha256=", "sha256=zz", f"sha1={'a' * 64}", "a" * 64, signature(RAW)[:-1], signature(RAW) + "0"],
)
async def test_without_a_signature_it_is_401(meta: Meta, header: str | None) -> None:
    assert await meta.post(RAW, headers={} if header is None else {"X-Hub-Signature-256": header}) == 401
    assert await meta.events() == []


async def test_a_forged_signature_and_an_unknown_address_look_the_same(meta: Meta) -> None:
    for secret, app in (("somebody else's", "nova"), (APP_SECRET, "elsewhere"), (APP_SECRET, "NOVA"), ("", "nova")):
        assert await meta.post(RAW, secret=secret, app=app) == 403
    assert await meta.events() == []


async def test_one_changed_byte_is_a_forgery(meta: Meta) -> None:
    changed = RAW.replace(b"hola", b"hole")
    assert await meta.post(changed, headers={"X-Hub-Signature-256": signature(RAW)}) == 403
    assert await meta.post(RAW, headers={"X-Hub-Signature-256": signature(RAW).upper().replace("SHA", "sha")}) == 200


async def test_the_signature_is_over_the_bytes_and_not_over_what_they_mean(meta: Meta) -> None:
    raw = json.dumps(one_text(text="café 😮 a/b"), ensure_ascii=True, indent=1).replace("/", "\\/").encode()
    assert await meta.post(raw) == 200
    (event,) = await meta.events()
    assert event["item"]["payload"]["text"] == {"body": "café 😮 a/b"}


async def test_an_old_body_sent_again_changes_nothing(meta: Meta) -> None:
    for _ in range(3):
        assert await meta.post(RAW) == 200
    assert len(await meta.events()) == 1


async def test_too_large_is_413_with_and_without_a_length(meta: Meta) -> None:
    large = b" " * (4 * 1024 * 1024 + 1)
    headers = {"X-Hub-Signature-256": signature(large)}
    assert await meta.post(large, headers=headers) == 413

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(large), 1 << 16):
            yield large[start : start + (1 << 16)]

    async with meta.session.post(f"{meta.url}/webhooks/meta/nova", data=pieces(), headers=headers) as answer:
        assert answer.status == 413


async def test_almost_too_large_is_taken(meta: Meta) -> None:
    raw = RAW + b" " * (4 * 1024 * 1024 - len(RAW))
    assert await meta.post(raw) == 200


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"{", b"hello", b"\xff\xfe", b"[]", b'"text"', b"null", b"5", b'{"entry": NaN}', b'{"entry": -Infinity}',
        b'{"entry": "\x00"}', b"[" * 100_000, b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"entry":' + b"[" * 900 + b"]" * 900 + b"}", b'{"entry":' + b"[" * 100 + b"]" * 100 + b"}",
    ],
    ids=range(15),
)  # fmt: skip
async def test_what_is_not_a_json_object_is_400(meta: Meta, raw: bytes) -> None:
    assert await meta.post(raw) == 400
    assert await meta.events() == []


async def test_nul_and_lone_surrogates_are_cleaned_and_kept(meta: Meta) -> None:
    text = r"a\u0000b \ud83d c \ude2e d \ud83d\ude2e"
    raw = json.dumps(one_text(text="TEXT")).replace("TEXT", text).encode()
    assert await meta.post(raw) == 200
    (event,) = await meta.events()
    assert event["item"]["payload"]["text"]["body"] == "ab ? c ? d 😮"


async def test_a_number_that_no_column_holds_hurts_nothing(meta: Meta) -> None:
    huge = json.dumps(one_text()).replace('"1795000000"', "9" * 5000)
    assert await meta.post(huge.encode()) == 200
    lone = huge.replace("hola", r"\ud83d")
    assert await meta.post(lone.replace("wamid.1", "wamid.2").encode()) == 200
    assert await meta.kinds() == ["message", "message"]


async def test_the_same_message_twice_in_one_post_is_one(meta: Meta) -> None:
    assert await meta.post(post(change(messages=[message(), message()]), change(messages=[message()]))) == 200
    assert len(await meta.events()) == 1


async def test_fifty_posts_at_once_are_one_event(meta: Meta) -> None:
    assert await asyncio.gather(*(meta.post(RAW) for _ in range(50))) == [200] * 50
    assert len(await meta.events()) == 1


@pytest.mark.parametrize("app", ["%00", "a%2Fb", "x" * 3000, "%F0%9F%98%AE", "nova%20", "..%2Fmetrics"])
async def test_strange_addresses_are_nobodys(meta: Meta, app: str) -> None:
    assert await meta.post(RAW, app=app) in (403, 404)


@pytest.mark.parametrize("raw", [b"junk", gzip.compress(b"0" * 50_000_000)], ids=["broken", "bomb"])
async def test_a_packed_body_is_not_unpacked(meta: Meta, raw: bytes) -> None:
    for packing in ("gzip", "deflate"):
        headers = {"X-Hub-Signature-256": "sha256=" + "0" * 64, "Content-Encoding": packing}
        assert await meta.post(raw, headers=headers) == 403


async def test_half_a_request_leaves_no_trace(meta: Meta) -> None:
    host, port = meta.url.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"POST /webhooks/meta/nova HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n" + RAW[:100])
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert await meta.post(RAW) == 200
    assert len(await meta.events()) == 1


async def _verify(meta: Meta, app: str = "nova", **query: str) -> tuple[int, str, str]:
    params = {f"hub.{name}": value for name, value in query.items()}
    async with meta.session.get(f"{meta.url}/webhooks/meta/{app}", params=params) as answer:
        return answer.status, await answer.text(), answer.content_type


async def test_the_address_proves_itself_with_the_challenge(meta: Meta) -> None:
    asked = {"mode": "subscribe", "challenge": "1158201444", "verify_token": "verify-me"}
    assert await _verify(meta, **asked) == (200, "1158201444", "text/plain")
    for wrong in ({"verify_token": "x"}, {"mode": "unsubscribe"}, {"verify_token": "ñ😮"}, {"verify_token": ""}):
        assert (await _verify(meta, **{**asked, **wrong}))[0] == 403
    assert (await _verify(meta, "elsewhere", **asked))[0] == 403
    assert (await _verify(meta))[0] == 403
    assert await _verify(meta, mode="subscribe", verify_token="verify-me", challenge="<b>") == (
        200,
        "<b>",
        "text/plain",
    )


async def test_a_wrong_method_is_405(meta: Meta) -> None:
    async with aiohttp.ClientSession() as session, session.put(f"{meta.url}/webhooks/meta/nova") as answer:
        assert answer.status == 405
