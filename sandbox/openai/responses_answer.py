"""Responses answers."""

from __future__ import annotations

from typing import Any

from sandbox.openai.ids import Ids
from sandbox.openai.tokens import usage_of
from sandbox.openai.turns import Json, Message, ModelRequest, Reply, ToolCall


def responses_answer(body: Json, request: ModelRequest, reply: Reply, ids: Ids, created_s: int) -> Json:
    """Return the body of a response to a request body."""
    is_cut = reply.finish_reason in ("length", "content_filter")
    reason = "content_filter" if reply.finish_reason == "content_filter" else "max_output_tokens"
    status = "incomplete" if is_cut else "completed"
    return {
        "id": ids.next("resp"),
        "object": "response",
        "created_at": created_s,
        "completed_at": None if is_cut else created_s,
        "status": status,
        "background": False,
        "error": None,
        "incomplete_details": {"reason": reason} if is_cut else None,
        "instructions": body.get("instructions"),
        "max_output_tokens": request.max_tokens,
        "model": request.model,
        "output": _output(reply, ids, status),
        "usage": _usage(request, reply),
    } | _echo(body)


def said(answer: Json) -> Message:
    """What the model said in a response, as a message of the neutral view."""
    calls = tuple(
        ToolCall(item["name"], item["arguments"], item["call_id"])
        for item in answer["output"]
        if item["type"] == "function_call"
    )
    texts = [item["content"][0]["text"] for item in answer["output"] if item["type"] == "message"]
    return Message("assistant", "\n".join(texts), calls)


def _output(reply: Reply, ids: Ids, status: str) -> list[Json]:
    items: list[Json] = []
    if reply.text is not None:
        content = {"type": "output_text", "annotations": [], "logprobs": [], "text": reply.text}
        message: Json = {"type": "message", "id": ids.next("msg"), "status": status, "role": "assistant"}
        items.append(message | {"content": [content]})
    for call in reply.calls:
        item: Json = {"type": "function_call", "id": ids.next("fc"), "call_id": call.id or ids.next("call")}
        items.append(item | {"name": call.name, "arguments": call.arguments, "status": status})
    return items


def _echo(body: Json) -> Json:
    """What the API repeats from the request, with its defaults."""
    defaults: dict[str, Any] = {
        "metadata": {},
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "reasoning": {"effort": None, "summary": None},
        "service_tier": "default",
        "store": True,
        "temperature": 1.0,
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "truncation": "disabled",
        "user": None,
    }
    return {key: default if body.get(key) is None else body[key] for key, default in defaults.items()}


def _usage(request: ModelRequest, reply: Reply) -> Json:
    usage = usage_of(request, reply)
    return {
        "input_tokens": usage.prompt_tokens,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": usage.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": usage.total_tokens,
    }
