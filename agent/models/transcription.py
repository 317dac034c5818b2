"""Voice notes put into words."""

import asyncio
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.models.failures import unavailable
from agent.models.port import ModelUnavailable

if TYPE_CHECKING:
    from openai import AsyncOpenAI

_SURE_FROM = 0.7
_EXTENSIONS = {"audio/ogg": "ogg", "audio/mpeg": "mp3", "audio/mp4": "m4a", "audio/aac": "aac", "audio/amr": "amr"}


class Transcriber:
    """Puts a recording into words through the transcription endpoint.

    Args:
        client: The SDK's client.
        model: Its name at the provider; those that tell log probabilities tell how sure they are.
        timeout_s: For the whole call.
    """

    def __init__(self, client: "AsyncOpenAI", model: str, timeout_s: float = 30) -> None:
        self._client = client
        self._model = model
        self._timeout_s = timeout_s

    async def transcribe(self, path: Path, mime: str) -> tuple[str, bool]:
        """What was said, and whether the model is sure of it.

        Raises:
            ModelUnavailable: It could not be put into words now.
        """
        kind = mime.partition(";")[0].strip().lower()
        data = await asyncio.to_thread(path.read_bytes)
        name = f"voice.{_EXTENSIONS.get(kind, 'ogg')}"
        async with unavailable(self._timeout_s):
            heard: Any = await self._client.audio.transcriptions.create(
                file=(name, data, kind), model=self._model, timeout=self._timeout_s, **_asking_how_sure(self._model)
            )  # fmt: skip
            text = str(heard.text or "").strip()
        if not text:
            raise ModelUnavailable("silent")
        return text, _is_sure(heard)


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
    return bool(values) and math.exp(sum(values) / len(values)) >= _SURE_FROM
