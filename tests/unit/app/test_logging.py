"""Nothing secret or personal reaches the log, whoever wrote the line and however it got there."""

import io
import logging
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import structlog

from app.logging import configure_logging
from app.redaction import HIDDEN, Redactor
from app.settings import LogFormat, LogLevel, LogSettings
from tests.fixtures.logs import logging_restored

TOKEN = "MTE5ODYyMjQ4MzQ3MTkyNTI0OA.Gx9k2a.Zq3v1Rk9sTn4uYwB7cXeLm0pQdHfJgVaKi5o8E"
KEY = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA="
PASSWORD = "correct horse"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """A redacted log in JSON; what the process had before comes back."""
    stream = io.StringIO()
    with logging_restored():
        configure_logging(LogSettings(format=LogFormat.JSON, level=LogLevel.DEBUG), ["s3cr3t-canary"], stream)
        yield stream


def _events(stream: io.StringIO) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in stream.getvalue().splitlines()]


CANARIES = {
    "bot token": TOKEN,
    "authorization header": f"Authorization: Bot {TOKEN}",
    "bearer": "Bearer abcdefghijklmnopqrstuvwxyz",
    "sealing key": KEY,
    "json web token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlLWNhbmFyeQ",
    "dsn": "connecting to postgresql://shop:hunter2canary@db.example.com:5432/shop",
    "assignment": "password=hunter2canary host=db",
    "e-mail": "write to maria.perez@example.com",
    "phone": "call +34 612 345 678",
    "local phone": "call (612) 345-6789",
    "webhook": "POST /api/v10/webhooks/123456789012345678/aW50ZXJhY3Rpb246MTIzNDU2Nzg5MDEyMzQ1Njc4/messages",
    "parameters of an error": "order.not_open {'customer_name': \"Mario O'Canary\", 'code': 4821}",
    "known secret": "it is s3cr3t-canary indeed",
}
LEAKS = (TOKEN, KEY, "abcdefghijklmnop", "c2lnbmF0dXJl", "hunter2canary", "maria.perez", "612 345", "345-6789",
         "aW50ZXJhY3R", "Canary", "s3cr3t-canary")  # fmt: skip


@pytest.mark.parametrize("text", CANARIES.values(), ids=CANARIES.keys())
def test_a_secret_in_a_text_is_hidden(lines: io.StringIO, text: str) -> None:
    structlog.get_logger("guildhall").info(text, detail=text, deep={"list": [text, {"x": (text,)}]})
    logging.getLogger("some.library").warning("it says %s", text)
    logging.getLogger("some.library").warning("extra", extra={"detail": text})
    written = lines.getvalue()
    assert written.count("\n") == 3
    assert HIDDEN in written
    assert [leak for leak in LEAKS if leak in written] == []


@pytest.mark.parametrize(
    "key",
    ["token", "discord_token", "client_secret", "password", "Authorization", "dsn", "payout", "payout_address",
     "customer_name", "customer", "email", "phone_number", "database_url"],
)  # fmt: skip
def test_a_value_is_hidden_by_the_name_of_its_key(lines: io.StringIO, key: str) -> None:
    structlog.get_logger("guildhall").info("event", **{key: PASSWORD}, deep={key: [PASSWORD]})
    assert PASSWORD not in lines.getvalue()
    assert _events(lines)[0][key] == HIDDEN


@pytest.mark.logs_errors("an exception is logged to see what is left of it")
@pytest.mark.parametrize("text", CANARIES.values(), ids=CANARIES.keys())
def test_a_traceback_is_redacted_with_its_causes(lines: io.StringIO, text: str) -> None:
    def fail() -> None:
        try:
            raise ValueError(text)
        except ValueError as exc:
            raise RuntimeError("could not " + text) from exc

    try:
        fail()
    except RuntimeError:
        structlog.get_logger("guildhall").exception("failed")
        logging.getLogger("some.library").exception("failed")
    written = lines.getvalue()
    assert written.count("RuntimeError: could not") == 2
    assert [leak for leak in LEAKS if leak in written] == []


def test_events_carry_the_tenant_and_the_actor_that_are_bound(lines: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(tenant="t-1", actor="Ana"):
        structlog.get_logger("guildhall").info("order claimed", code=4821)
        logging.getLogger("some.library").info("reconnecting")
    first, second = _events(lines)
    assert (first["event"], first["tenant"], first["actor"], first["code"]) == ("order claimed", "t-1", "Ana", 4821)
    assert (second["event"], second["tenant"], second["actor"]) == ("reconnecting", "t-1", "Ana")
    assert second["logger"] == "some.library"


def test_what_is_needed_to_understand_a_line_stays(lines: io.StringIO) -> None:
    text = ("order 4821 of 2026-11-20 at 2026-11-20T18:00:00+00:00 by 123456789012345678 in "
            "0199f1b2-77aa-7bcd-8ef0-123456789abc from 127.0.0.1:8080 took 12.345 s, 45.00 USD")  # fmt: skip
    structlog.get_logger("guildhall").info(text, order_code=4821, token_count=7, took_s=1.5, is_new=True, none=None)
    event = _events(lines)[0]
    assert event["event"] == text
    assert (event["order_code"], event["token_count"], event["took_s"]) == (4821, 7, 1.5)
    assert event["is_new"] is True
    assert event["none"] is None


def test_a_structure_without_end_is_cut() -> None:
    endless: list[object] = []
    endless.append(endless)
    assert HIDDEN in str(Redactor()(None, "info", {"x": endless}))


def test_the_level_is_obeyed_and_people_get_a_console() -> None:
    stream = io.StringIO()
    with logging_restored():
        configure_logging(LogSettings(format=LogFormat.CONSOLE, level=LogLevel.WARNING), [], stream)
        structlog.get_logger("guildhall").info("not shown")
        structlog.get_logger("guildhall").warning("shown", count=3)
    assert "not shown" not in stream.getvalue()
    assert "shown" in stream.getvalue()
    assert "count=3" in stream.getvalue()
