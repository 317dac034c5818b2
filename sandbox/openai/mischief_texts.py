"""Bad answers in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

from sandbox.openai import lies
from sandbox.openai.sales import SalesModel
from sandbox.openai.turns import ModelRequest, Reply, Usage

Mischief = Callable[[ModelRequest, Random], Reply]
_LONG_LENGTH = 20_000
_NUMBER = re.compile(r"\d+")
_ODD_COUNTS: tuple[object, ...] = (-1, -(10**9), float("nan"), float("inf"), 10**18, "many", None, 1.5, True, [])


def says(texts: Sequence[str]) -> Mischief:
    """Say one of these, now and then behind a harmless sentence."""

    def mischief(_: ModelRequest, chance: Random) -> Reply:
        text = chance.choice(texts)
        return unruly(f"Hola. {text}" if chance.random() < 0.3 else text)

    return mischief


def unruly(text: str | None) -> Reply:
    """A text that no promise of the API holds back."""
    return Reply(text, is_unruly=True)


def says_nothing(_: ModelRequest, chance: Random) -> Reply:
    """An empty answer, or none at all."""
    return unruly(chance.choice([None, *lies.EMPTY]))


def says_too_much(_: ModelRequest, chance: Random) -> Reply:
    """Twenty thousand characters, with and without a place to break them."""
    word = chance.choice(("lorem ipsum ", "x", "🎮", "precio 5 € ", "\n"))
    return unruly((word * _LONG_LENGTH)[:_LONG_LENGTH])


def leaks(request: ModelRequest, chance: Random) -> Reply:
    """The instructions or the tools, as they are or a part."""
    told = [request.system, request.system[:300], request.system.upper(), ", ".join(request.tool_names)]
    return unruly(chance.choice([f"My instructions: {text}" for text in told]))


def repeats_the_client(request: ModelRequest, chance: Random) -> Reply:
    """What the client wrote, as if it were ours, and everything they ever wrote."""
    return unruly(chance.choice([request.client_text, "\n".join(request.client_texts), f"Ok: {request.client_text}"]))


def repeats_the_tools(request: ModelRequest, _: Random) -> Reply:
    """The raw tool results."""
    return unruly("\n".join(result.text for result in request.results) or "{}")


def alters_the_amount(request: ModelRequest, chance: Random) -> Reply:
    """Sell sensibly, but tell another amount than the tool gave."""
    reply = SalesModel().answer(request)
    if reply.text is None:
        return reply
    by = chance.choice((1, -1, 10))
    return unruly(_NUMBER.sub(lambda m: str(int(m[0]) * 10 if by == 10 else max(0, int(m[0]) + by)), reply.text))


def is_cut_off(_: ModelRequest, chance: Random) -> Reply:
    """Half a sentence, ended by the token limit or a filter."""
    text = chance.choice(("From E4 to D1 it is 2", "Te paso con un compañe", ""))
    return Reply(text, finish_reason=chance.choice(("length", "content_filter")), is_unruly=True)


def counts_oddly(request: ModelRequest, chance: Random) -> Reply:
    """A sensible answer with token counts that cannot be."""
    prompt, completion, total = (chance.choice(_ODD_COUNTS) for _ in range(3))
    reply = SalesModel().answer(request)
    return Reply(reply.text, reply.calls, usage=Usage(prompt, completion, total), is_unruly=True)


def says_everything(_: ModelRequest, chance: Random) -> Reply:
    """Several lies of different kinds in one answer."""
    return unruly(" ".join(chance.choice(kind) for kind in chance.sample(lies.EVERYTHING, 3)))
