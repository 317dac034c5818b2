"""Voice notes put into words."""

import asyncio
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.gates.hygiene import clean_text
from agent.models.failures import unavailable
from agent.models.port import ModelUnavailable
from domain.kernel.errors import PermanentFailure, TransientFailure

if TYPE_CHECKING:
    from openai import AsyncOpenAI

_PROVIDER = "openai"
_SURE_FROM = 0.7
_LONGEST = 4_000
# The endpoint goes by the file's name and takes no aac and no amr, which WhatsApp may deliver (its media types).
_NAMES = {
    "audio/ogg": "voice.ogg", "audio/opus": "voice.ogg", "audio/mpeg": "voice.mp3", "audio/mp4": "voice.m4a",
    "audio/wav": "voice.wav", "audio/webm": "voice.webm", "audio/flac": "voice.flac",
}  # fmt: skip


class Transcriber:
    """Puts a recording into words through the transcription endpoint.

    Args:
        client: The SDK's client, without retries of its own.
        model: Its name at the provider; those that tell log probabilities tell how sure they are.
        timeout_s: For the whole call.
    """

    def __init__(self, client: "AsyncOpenAI", model: str, timeout_s: float = 15) -> None:
        self._client = client
        self._model = model
        self._timeout_s = timeout_s

    async def transcribe(self, path: Path, mime: str) -> tuple[str, bool]:
        """What was said, and whether the model is sure of it.

        Raises:
            PermanentFailure: Nobody speaks in it, or the endpoint does not take such a file.
            TransientFailure: It could not be put into words now; its `retry_after_s` is what the provider asks for.
        """
        kind = mime.partition(";")[0].strip().lower()
        name = _NAMES.get(kind)
        if name is None:
            raise PermanentFailure(_PROVIDER, "unknown_sound")
        try:
            heard = await self._heard(name, await asyncio.to_thread(path.read_bytes), kind)
        except ModelUnavailable as exc:
            if exc.reason.startswith("refused"):
                raise PermanentFailure(_PROVIDER, exc.reason) from None
            raise TransientFailure(_PROVIDER, exc.reason, exc.retry_after_s or 0.0) from None
        text = clean_text(heard.text).strip()[:_LONGEST]
        if not text:
            raise PermanentFailure(_PROVIDER, "silent")
        return text, _is_sure(heard)

    async def _heard(self, name: str, data: bytes, kind: str) -> Any:
        async with unavailable(self._timeout_s):
            heard: Any = await self._client.audio.transcriptions.create(
                file=(name, data, kind), model=self._model, timeout=self._timeout_s, **_asking_how_sure(self._model)
            )  # fmt: skip
            if not isinstance(heard.text, str):
                raise ModelUnavailable("garbled")
            return heard


def _asking_how_sure(model: str) -> dict[str, Any]:
    """The older model tells per segment, the newer ones per token."""
    if "whisper" in model:
        return {"response_format": "verbose_json"}
    return {"response_format": "json", "include": ["logprobs"]}


def _is_sure(heard: Any) -> bool:
    """Whether the words were likely on average; a provider that does not say leaves us unsure."""
    found = [getattr(entry, "logprob", None) for entry in getattr(heard, "logprobs", None) or ()]
    found += [getattr(entry, "avg_logprob", None) for entry in getattr(heard, "segments", None) or ()]
    values = [value for value in found if isinstance(value, float)]
    return bool(values) and math.exp(min(0.0, sum(values) / len(values))) >= _SURE_FROM
