"""The referee's rules, on a description small enough to read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from time import thread_time
from typing import Any

import pytest

from sandbox.discord.referee import Direction, OpenApiReferee, Violation
from sandbox.discord.referee_description import CompiledDescription
from sandbox.discord.referee_deviations import Deviation, load_deviations

_REF = "#/components/schemas/"


def _object(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": _REF + name}


_ID = _ref("SnowflakeType")
_WORD = {"type": "string", "maxLength": 5}
_SCHEMAS: dict[str, Any] = {
    "SnowflakeType": {"type": "string", "pattern": "^(0|[1-9][0-9]*)$", "format": "snowflake"},
    "Kind": {"type": "integer", "oneOf": [{"const": 1}, {"const": 2}], "format": "int32"},
    "Row": _object("type", type={"enum": [1], "allOf": [_ref("Kind")]}, parts={"type": "array", "items": _ref("Part")}),
    "Button": _object("type", type={"enum": [2], "allOf": [_ref("Kind")]}, label=_WORD),
    "Part": {"oneOf": [_ref("Row"), _ref("Button")]},
    "Note": _object(
        "id",
        id=_ID,
        text={"type": ["string", "null"]},
        kind=_ref("Kind"),
        parts={"type": "array", "items": _ref("Part")},
        owner={"oneOf": [{"type": "null"}, _object("name", name=_WORD)]},
        at={"type": "string", "format": "date-time"},
        names={"type": "object", "additionalProperties": _WORD},
    ),
    "Error": _object("code", code={"type": "integer"}),
    "ErrorResponse": {"type": "object", "allOf": [_ref("Error"), _object(errors={"type": "object"})]},
    # What the gateway's schemas build on; their contents do not matter here.
    **{
        name: _object(id=_ID, type={"type": "integer", "enum": [number]})
        for number, name in enumerate(
            [
                "UserResponse", "UserPIIResponse", "BasicGuildMemberResponse", "GuildMemberResponse",
                "GuildChannelResponse", "PrivateChannelResponse", "ThreadResponse", "ThreadMemberResponse",
                "MessageResponse", "GuildResponse", "GuildRoleResponse", "MessageReactionEmojiResponse",
                "MessageAttachmentResponse",
            ]
        )
    },
}  # fmt: skip


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


_DESCRIPTION: dict[str, Any] = {
    "components": {"schemas": _SCHEMAS, "responses": {"Failed": _json(_ref("ErrorResponse"))}},
    "paths": {
        "/notes/{note_id}": {
            "parameters": [{"name": "note_id", "in": "path", "schema": _ID}],
            "put": {
                "operationId": "put_note",
                "parameters": [
                    {"name": "wait", "in": "query", "schema": {"type": "boolean"}},
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 10}},
                ],
                "requestBody": _json(_ref("Note")),
                "responses": {"200": _json(_ref("Note")), "4XX": {"$ref": "#/components/responses/Failed"}},
            },
            "delete": {"operationId": "delete_note", "responses": {"204": {}}},
        },
        "/notes/@me": {"delete": {"operationId": "delete_mine", "responses": {"204": {}}}},
    },
}


def _referee(*deviations: Deviation) -> OpenApiReferee:
    return OpenApiReferee(CompiledDescription(_DESCRIPTION), deviations)


def _found(referee: OpenApiReferee) -> list[str]:
    return [found.pointer for found in referee.violations]


def _put(body: Any, query: dict[str, str] | None = None, deviations: Iterable[Deviation] = ()) -> OpenApiReferee:
    referee = _referee(*deviations)
    referee.request("PUT", "/api/v10/notes/7", query or {}, body)
    return referee


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"id": "7"}, []),
        ({"id": "7", "text": None, "kind": 2, "owner": None, "at": "2026-07-01T08:00:00+00:00"}, []),
        ({"id": "7", "owner": {"name": "ana"}, "names": {"fr": "sept"}}, []),
        ({"id": "7", "parts": [{"type": 1, "parts": [{"type": 2, "label": "ok"}]}]}, []),
        ({}, ["body/id"]),
        ({"id": "07"}, ["body/id", "body/id"]),
        ({"id": 7}, ["body/id"]),
        ({"id": str(2**64)}, ["body/id"]),
        ({"id": "7", "colour": 1}, ["body/colour"]),
        ({"id": "7", "kind": 3}, ["body/kind"]),
        ({"id": "7", "owner": {"name": "ana", "age": 9}}, ["body/owner/age"]),
        ({"id": "7", "owner": "ana"}, ["body/owner"]),
        ({"id": "7", "at": "2026-07-01T08:00:00"}, ["body/at"]),
        ({"id": "7", "names": {"fr": "trop long"}}, ["body/names/fr"]),
        ({"id": "7", "parts": [{"type": 1, "parts": [{"type": 2, "label": "too long"}]}]}, [
            "body/parts/0/parts/0/label",
        ]),
        ({"id": "7", "parts": [{"type": 9}]}, ["body/parts/0"]),
        ({"id": "7", "parts": [{"type": 2, "parts": []}]}, ["body/parts/0/parts"]),
        (None, ["body"]),
    ],
)  # fmt: skip
def test_a_body_is_held_to_every_word_of_its_schema(body: Any, pointers: list[str]) -> None:
    assert _found(_put(body)) == pointers


@pytest.mark.parametrize(
    ("query", "pointers"),
    [
        ({"wait": "true", "limit": "3"}, []),
        ({"wait": "1"}, ["query/wait"]),
        ({"limit": "11"}, ["query/limit"]),
        ({"limit": "many"}, ["query/limit"]),
        ({"page": "2"}, ["query/page"]),
    ],
)
def test_a_query_is_read_as_its_parameter_means_it(query: dict[str, str], pointers: list[str]) -> None:
    assert _found(_put({"id": "7"}, query)) == pointers


def test_the_path_is_checked_when_it_is_a_real_one() -> None:
    referee = _referee()
    referee.request("DELETE", "/notes/{note_id}", {}, None)
    referee.request("DELETE", "/notes/@me", {}, None)
    assert referee.violations == []
    referee.request("DELETE", "/notes/seven", {}, None)
    assert set(_found(referee)) == {"path/note_id"}


def test_an_operation_that_is_not_described_is_a_violation() -> None:
    referee = _referee()
    referee.request("POST", "/notes/7", {}, {})
    assert referee.violations == [Violation("POST /notes/7", "request", "path", "Discord has no such operation")]


def test_a_body_where_none_belongs_is_a_violation() -> None:
    referee = _referee()
    referee.request("DELETE", "/notes/7", {}, {})
    referee.response("DELETE", "/notes/7", 204, {})
    assert [(found.direction, found.pointer) for found in referee.violations] == [
        ("request", "body"),
        ("response", "body"),
    ]


@pytest.mark.parametrize(
    ("status", "body", "pointers"),
    [
        (200, {"id": "7"}, []),
        (200, {"id": "7", "extra": 1}, ["body/extra"]),
        (201, {"id": "7"}, ["status"]),
        (404, {"code": 10008, "errors": {"a": 1}}, []),
        (404, {"code": 10008, "hint": "x"}, ["body"]),
        (502, "bad gateway", []),
    ],
)
def test_an_answer_is_held_to_the_schema_of_its_status(status: int, body: Any, pointers: list[str]) -> None:
    referee = _referee()
    referee.response("PUT", "/notes/{note_id}", status, body)
    assert _found(referee) == pointers


def test_an_event_that_nobody_described_is_a_violation() -> None:
    referee = _referee()
    referee.event("RESUMED", {})
    referee.event("MESSAGE_DELETE", {"id": "1", "channel_id": "2"})
    assert referee.violations == []
    referee.event("MESSAGE_DELETE", {"id": 1, "channel_id": "2", "by": "ana"})
    referee.event("MESSAGE_LOST", {})
    assert _found(referee) == ["body/id", "body/by", "body"]


def test_the_same_violation_is_listed_once() -> None:
    referee = _referee()
    for _ in range(3):
        referee.request("PUT", "/notes/7", {}, {"id": "7", "parts": [{"type": 2, "a": 1}, {"type": 2, "a": 1}]})
    assert _found(referee) == ["body/parts/0/a"]


def test_what_was_judged_before_is_found_by_the_next_referee_too_and_a_changed_body_is_judged_anew() -> None:
    description, body = CompiledDescription(_DESCRIPTION), {"id": "7", "colour": 1}
    first, second = OpenApiReferee(description), OpenApiReferee(description)
    for referee in (first, second):
        referee.request("PUT", "/notes/7", {}, body)
        assert _found(referee) == ["body/colour"]
    del body["colour"]
    body["size"] = 1
    first.request("PUT", "/notes/7", {}, body)
    assert _found(first) == ["body/colour", "body/size"]


def test_an_allowed_deviation_is_passed_over_and_an_unneeded_one_reported() -> None:
    needed = Deviation("put_note :: body/parts/*/flags", "additionalProperties", "a habit")
    unneeded = Deviation("* :: query/wait", "type", "a habit")
    body = {"id": "7", "parts": [{"type": 2, "flags": 1}]}
    referee = _put(body, deviations=(needed, unneeded))
    referee.assert_clean()
    assert referee.unused_deviations == [unneeded]


@pytest.mark.parametrize(
    ("pattern", "keyword"),
    [
        ("delete_note :: body/id", "type"),
        ("put_note :: body/*/id", "type"),
        ("put_note :: body/id", "pattern"),
    ],
)
def test_a_deviation_covers_its_own_operation_field_and_rule_only(pattern: str, keyword: str) -> None:
    assert _found(_put({"id": 7}, deviations=[Deviation(pattern, keyword, "a habit")])) == ["body/id"]


def test_answers_are_never_excused_by_the_allow_list() -> None:
    referee = _referee(Deviation("* :: body/extra", "additionalProperties", "a habit"))
    referee.response("PUT", "/notes/{note_id}", 200, {"id": "7", "extra": 1})
    assert _found(referee) == ["body/extra"]


@pytest.mark.parametrize(
    ("directions", "is_clean"), [((), False), (("request",), False), (("response", "event"), True)]
)
def test_assert_clean_lists_what_is_wrong(directions: tuple[Direction, ...], is_clean: bool) -> None:
    referee = _put({"id": "7", "colour": 1})
    if is_clean:
        referee.assert_clean(*directions)
        return
    with pytest.raises(AssertionError, match="request put_note :: body/colour"):
        referee.assert_clean(*directions)


def test_every_committed_deviation_has_a_reason() -> None:
    listed = load_deviations()
    assert all(len(entry.reason) > 10 for entry in listed)
    assert len({(entry.pattern, entry.keyword) for entry in listed}) == len(listed)


def test_the_whole_description_compiles_and_a_large_body_is_judged_quickly(description_path: Path) -> None:
    referee = OpenApiReferee(CompiledDescription.load(description_path), load_deviations())
    buttons = [{"type": 2, "style": 1, "label": "x", "custom_id": str(n)} for n in range(5)]
    times_s = []
    for n in range(20):
        body = {"content": f"x{n}", "components": [{"type": 1, "components": buttons}] * 5}
        started = thread_time()
        referee.request("POST", "/channels/{channel_id}/messages", {}, body)
        times_s.append(thread_time() - started)
    referee.assert_clean()
    assert min(times_s) < 0.005
