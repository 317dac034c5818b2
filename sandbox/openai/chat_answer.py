"""Chat Completions answers."""

from __future__ import annotations

from dataclasses import asdict

from sandbox.openai.ids import Ids
from sandbox.openai.tokens import usage_of
from sandbox.openai.turns import Json, ModelRequest, Reply


def chat_answer(request: ModelRequest, reply: Reply, ids: Ids, created_s: int) -> Json:
    """Return the body of a chat completion."""
    message: Json = {"role": "assistant", "content": reply.text, "refusal": None, "annotations": []}
    if reply.calls:
        message["tool_calls"] = [
            {"id": c.id or ids.next("call"), "type": "function", "function": {"name": c.name, "arguments": c.arguments}}
            for c in reply.calls
        ]
    fitting = "tool_calls" if reply.calls else "stop"
    choice = {
        "index": 0,
        "message": message,
        "logprobs": None,
        "finish_reason": reply.finish_reason or fitting,
    }
    return {
        "id": ids.next("chatcmpl", "-"),
        "object": "chat.completion",
        "created": created_s,
        "model": request.model,
        "choices": [choice],
        "usage": asdict(usage_of(request, reply)) | _DETAILS,
        "service_tier": "default",
        "system_fingerprint": None,
    }


_DETAILS: Json = {
    "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
    "completion_tokens_details": {
        "reasoning_tokens": 0,
        "audio_tokens": 0,
        "accepted_prediction_tokens": 0,
        "rejected_prediction_tokens": 0,
    },
}
