"""The endpoints: what each reads, asks the model, and answers."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.clock import Clock
from sandbox.openai import checks
from sandbox.openai.chat_answer import chat_answer
from sandbox.openai.chat_request import read_chat
from sandbox.openai.errors import bad, no_such_model
from sandbox.openai.ids import Ids
from sandbox.openai.responses_answer import responses_answer, said
from sandbox.openai.responses_request import read_responses, without_instructions
from sandbox.openai.server import Endpoint, Served, read_json
from sandbox.openai.tokens import obey, prompt_tokens
from sandbox.openai.transcription import check_form, read_form, transcription_answer
from sandbox.openai.transcripts import TranscriptBook
from sandbox.openai.turns import Json, Message, Model, ModelRequest

CONTEXT_MAX_TOKENS = 128_000
_STORED_MAX_COUNT = 1000


@dataclass(frozen=True)
class Catalogue:
    """The models that exist, by what they are for.

    Attributes:
        chat: Take every parameter.
        reasoning: Chat models that refuse `max_tokens`, and `temperature` and `top_p` other than 1.
        transcription: Those with "whisper" in the name give segments, the others token log-probabilities.
    """

    chat: Sequence[str]
    reasoning: Sequence[str]
    transcription: Sequence[str]

    def check_chat(self, name: Any) -> bool:
        """Refuse what is no chat model; return whether it is a reasoning one."""
        if name in self.transcription:
            text = "This is not a chat model and thus not supported in the v1/chat/completions endpoint."
            raise bad(text, "model")
        if name not in self.chat and name not in self.reasoning:
            raise no_such_model(name)
        return name in self.reasoning

    def all(self) -> list[str]:
        """Every name."""
        return [*self.chat, *self.reasoning, *self.transcription]


class Endpoints:
    """Chat completions, responses, transcriptions and the list of models. `model` may be exchanged at any time."""

    def __init__(self, model: Model, catalogue: Catalogue, clock: Clock, ids: Ids) -> None:
        self.model = model
        self.transcripts = TranscriptBook()
        self._stored: OrderedDict[str, tuple[Message, ...]] = OrderedDict()
        self._catalogue = catalogue
        self._clock = clock
        self._ids = ids

    def table(self) -> dict[tuple[str, str], Endpoint]:
        """The endpoints by method and path."""
        return {
            ("POST", "/chat/completions"): self._chat,
            ("POST", "/responses"): self._responses,
            ("POST", "/audio/transcriptions"): self._transcriptions,
            ("GET", "/models"): self._models,
            ("GET", "/models/{name}"): self._one_model,
        }

    async def _chat(self, request: web.Request, served: Served) -> None:
        body = served.body = await read_json(request)
        if "model" not in body:
            raise bad("you must provide a model parameter")
        is_reasoning = self._catalogue.check_chat(checks.required(body, "model", str))
        view = served.view = read_chat(body, is_reasoning=is_reasoning)
        self._ask(request, view, served)
        assert served.reply is not None
        served.answer = chat_answer(view, served.reply, self._ids, self._now_s())

    async def _responses(self, request: web.Request, served: Served) -> None:
        body = served.body = await read_json(request)
        is_reasoning = self._catalogue.check_chat(checks.required(body, "model", str))
        view = served.view = read_responses(body, self._earlier(body), is_reasoning=is_reasoning)
        self._ask(request, view, served)
        assert served.reply is not None
        served.answer = responses_answer(body, view, served.reply, self._ids, self._now_s())
        if body.get("store") is not False:
            self._store(served.answer["id"], (*without_instructions(view), said(served.answer)))

    def _earlier(self, body: Json) -> tuple[Message, ...]:
        name = checks.typed(body.get("previous_response_id"), str, "previous_response_id")
        if name is None:
            return ()
        if name not in self._stored:
            text = f"Previous response with id '{name}' not found."
            raise bad(text, "previous_response_id", "previous_response_not_found")
        return self._stored[name]

    def _store(self, name: str, messages: tuple[Message, ...]) -> None:
        self._stored[name] = messages
        if len(self._stored) > _STORED_MAX_COUNT:
            self._stored.popitem(last=False)

    async def _transcriptions(self, request: web.Request, served: Served) -> None:
        form = await read_form(request)
        served.body = form.shown
        name = form.fields.get("model")
        if name is None:
            raise bad("you must provide a model parameter")
        if name not in self._catalogue.transcription:
            raise no_such_model(name)
        is_whisper = "whisper" in name
        heard = self.transcripts.find(check_form(form, is_whisper=is_whisper))
        served.answer = transcription_answer(form, heard, is_whisper=is_whisper)

    def _ask(self, request: web.Request, view: ModelRequest, served: Served) -> None:
        # short bodies cannot be too many tokens: counting is left to the long ones
        if (request.content_length or 0) > CONTEXT_MAX_TOKENS and (count := prompt_tokens(view)) > CONTEXT_MAX_TOKENS:
            text = (
                f"This model's maximum context length is {CONTEXT_MAX_TOKENS} tokens. However, your messages resulted"
            )
            raise bad(f"{text} in {count} tokens.", "messages", "context_length_exceeded")
        served.reply = obey(view, self.model.answer(view))

    def _now_s(self) -> int:
        return int(self._clock.now().timestamp())

    async def _models(self, _: web.Request, served: Served) -> None:
        served.answer = {"object": "list", "data": [self._card(name) for name in self._catalogue.all()]}

    async def _one_model(self, request: web.Request, served: Served) -> None:
        name = request.match_info["name"]
        if name not in self._catalogue.all():
            raise no_such_model(name)
        served.answer = self._card(name)

    def _card(self, name: str) -> Json:
        return {"id": name, "object": "model", "created": self._now_s(), "owned_by": "sandbox"}
