"""Token counts, and the API's promises about what a model may answer."""

from __future__ import annotations

from dataclasses import replace

from sandbox.openai.turns import ModelRequest, Reply, ToolCall, Usage

_CHARACTERS_PER_TOKEN = 4


def count_tokens(text: str) -> int:
    """Roughly how many tokens a text is: one for every four characters, rounded up."""
    return -(-len(text) // _CHARACTERS_PER_TOKEN)


def prompt_tokens(request: ModelRequest) -> int:
    """Roughly how many tokens the request is, four more for each message and twenty for each tool."""
    texts = sum(
        count_tokens(m.text) + 4 + sum(count_tokens(c.arguments) + 8 for c in m.calls) for m in request.messages
    )
    return texts + sum(20 + count_tokens(tool.description) for tool in request.tools)


def usage_of(request: ModelRequest, reply: Reply) -> Usage:
    """Return the usage to report."""
    if reply.usage is not None:
        return reply.usage
    prompt, completion = prompt_tokens(request), completion_tokens(reply)
    return Usage(prompt, completion, prompt + completion)


def completion_tokens(reply: Reply) -> int:
    """Roughly how many tokens the reply is."""
    return count_tokens(reply.text or "") + sum(
        count_tokens(c.name) + count_tokens(c.arguments) + 8 for c in reply.calls
    )


def obey(request: ModelRequest, reply: Reply) -> Reply:
    """Hold a reply to what the API guarantees: tool_choice, one call at a time if asked, the token limit."""
    if reply.is_unruly:
        return reply
    calls = reply.calls
    if request.tool_choice == "none":
        calls = ()
    elif request.tool_choice not in ("auto", "required"):
        calls = tuple(c for c in calls if c.name == request.tool_choice) or (ToolCall(request.tool_choice),)
    elif request.tool_choice == "required" and not calls:
        calls = (ToolCall(request.tools[0].name),)
    if not request.is_parallel:
        calls = calls[:1]
    return _cut(request, replace(reply, calls=calls))


def _cut(request: ModelRequest, reply: Reply) -> Reply:
    if request.max_tokens is None or completion_tokens(reply) <= request.max_tokens:
        return reply
    room = request.max_tokens * _CHARACTERS_PER_TOKEN
    text = (reply.text or "")[:room]
    room -= len(text)
    calls = []
    for call in reply.calls:
        if room > 0:
            calls.append(replace(call, arguments=call.arguments[:room]))
        room -= len(call.arguments)
    return replace(reply, text=text, calls=tuple(calls), finish_reason="length")
