"""The transcription endpoint: a form with a file comes in, its scripted transcript goes out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web

from sandbox.openai import checks
from sandbox.openai.errors import ApiError, bad, missing
from sandbox.openai.fields import TRANSCRIPTION
from sandbox.openai.tokens import count_tokens
from sandbox.openai.transcripts import Transcript
from sandbox.openai.turns import Json

_MAX_BYTES = 25 * 1024 * 1024
_SUFFIXES = ("flac", "m4a", "mp3", "mp4", "mpeg", "mpga", "oga", "ogg", "wav", "webm")
_WORDS = re.compile(r"\s*\S+")


@dataclass
class AudioForm:
    """A transcription request."""

    fields: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    filename: str = ""
    content_type: str = ""
    audio: bytes | None = None

    @property
    def shown(self) -> Json:
        """What is kept in the record: no audio."""
        size = None if self.audio is None else len(self.audio)
        return {**self.fields, **self.lists, "file": self.filename, "type": self.content_type, "size_bytes": size}


async def read_form(request: web.Request) -> AudioForm:
    """Read a multipart form.

    Raises:
        ApiError: it is none, or its file is too large.
    """
    form = AudioForm()
    if not request.content_type.startswith("multipart/"):
        raise bad("Could not parse multipart form")
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            continue
        raw = bytes(await part.read(decode=True))
        if part.name == "file":
            form.audio, form.filename = raw, part.filename or ""
            form.content_type = part.headers.get("Content-Type", "")
        elif part.name.endswith("[]"):
            form.lists.setdefault(part.name[:-2], []).append(raw.decode(errors="replace"))
        else:
            form.fields[part.name] = raw.decode(errors="replace")
    return form


def check_form(form: AudioForm, *, is_whisper: bool) -> bytes:
    """Return the recording of a form that the API would take.

    Raises:
        ApiError: the API would refuse this.
    """
    checks.only({**form.fields, **form.lists}, TRANSCRIPTION, "")
    if form.audio is None:
        raise missing("file")
    if len(form.audio) > _MAX_BYTES:
        raise ApiError(413, f"Maximum content size limit ({_MAX_BYTES}) exceeded ({len(form.audio)} bytes read)")
    if form.filename.rpartition(".")[2].lower() not in _SUFFIXES:
        raise bad(f"Invalid file format. Supported formats: {list(_SUFFIXES)}", "file", "invalid_value")
    if not form.audio:
        raise bad("Audio file is too short. Minimum audio length is 0.1 seconds.", "file", "audio_too_short")
    if form.fields.get("stream", "false").lower() == "true":
        raise bad("Streaming is not offered by this emulator.", "stream", "unsupported_value")
    _check_format(form, is_whisper=is_whisper)
    return form.audio


def _check_format(form: AudioForm, *, is_whisper: bool) -> None:
    chosen = form.fields.get("response_format", "json")
    checks.one_of(chosen, ("json", "text", "verbose_json"), "response_format")
    if chosen == "verbose_json" and not is_whisper:
        name = form.fields["model"]
        text = f"response_format 'verbose_json' is not compatible with model '{name}'. Use 'json' or 'text' instead."
        raise bad(text, "response_format", "unsupported_value")
    if form.lists.get("timestamp_granularities") and chosen != "verbose_json":
        text = "timestamp_granularities is only supported when response_format is 'verbose_json'."
        raise bad(text, "timestamp_granularities")
    for wanted in form.lists.get("include", ()):
        checks.one_of(wanted, ("logprobs",), "include")
        if is_whisper or chosen != "json":
            text = "include 'logprobs' only works with response_format 'json' and the gpt-4o transcription models."
            raise bad(text, "include", "unsupported_value")


def transcription_answer(form: AudioForm, heard: Transcript, *, is_whisper: bool) -> Json | str:
    """Return the body of a transcription, plain text if that was asked."""
    chosen = form.fields.get("response_format", "json")
    if chosen == "text":
        return heard.text + "\n"
    if chosen == "verbose_json":
        return _verbose(heard)
    answer: Json = {"text": heard.text}
    if form.lists.get("include"):
        answer["logprobs"] = [_logprob(token, heard.avg_logprob) for token in _WORDS.findall(heard.text)]
    return answer | {"usage": _seconds(heard) if is_whisper else _tokens(heard)}


def _verbose(heard: Transcript) -> Json:
    segment = {
        "id": 0,
        "seek": 0,
        "start": 0.0,
        "end": heard.duration_s,
        "text": heard.text,
        "tokens": list(range(len(_WORDS.findall(heard.text)))),
        "temperature": 0.0,
        "avg_logprob": heard.avg_logprob,
        "compression_ratio": 1.0,
        "no_speech_prob": heard.no_speech_prob,
    }
    answer = {"task": "transcribe", "language": heard.language, "duration": heard.duration_s, "text": heard.text}
    return answer | {"segments": [segment] if heard.text else [], "usage": _seconds(heard)}


def _logprob(token: str, value: float) -> Json:
    return {"token": token, "logprob": value, "bytes": list(token.encode())}


def _seconds(heard: Transcript) -> Json:
    return {"type": "duration", "seconds": round(heard.duration_s)}


def _tokens(heard: Transcript) -> Json:
    audio, text = round(heard.duration_s * 10), count_tokens(heard.text)
    usage: dict[str, Any] = {
        "type": "tokens",
        "input_tokens": audio,
        "output_tokens": text,
        "total_tokens": audio + text,
    }
    return usage | {"input_token_details": {"audio_tokens": audio, "text_tokens": 0}}
