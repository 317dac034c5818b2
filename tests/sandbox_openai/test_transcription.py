from typing import Any

import openai
import pytest
from openai import AsyncOpenAI
from openai.types.audio import TranscriptionVerbose

from sandbox.openai import OpenAIEmulator, Transcript

AUDIO = b"OggS a voice note"
FILE = ("note.ogg", AUDIO, "audio/ogg")

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a text file": ({"file": ("note.txt", AUDIO)}, "Invalid file format"),
    "nothing": ({"file": ("note.ogg", b"")}, "too short"),
    "segments of a model without": ({"response_format": "verbose_json"}, "not compatible with model"),
    "an unknown field": ({"extra_body": {"loudness": 3}}, "Unknown parameter: 'loudness'"),
    "granularity without segments": ({"timestamp_granularities": ["word"]}, "only supported when response_format"),
    "log-probabilities of whisper": ({"model": "whisper-1", "include": ["logprobs"]}, "only works with"),
}


@pytest.mark.parametrize("why", REFUSED)
async def test_a_bad_request_is_refused(client: AsyncOpenAI, emulator: OpenAIEmulator, why: str) -> None:
    options, text = REFUSED[why]
    request: dict[str, Any] = {"model": emulator.transcription_model_name, "file": FILE, **options}
    with pytest.raises(openai.BadRequestError) as caught:
        await client.audio.transcriptions.create(**request)
    assert text in caught.value.message


async def test_a_recording_is_heard_as_scripted(client: AsyncOpenAI, emulator: OpenAIEmulator) -> None:
    emulator.hear(AUDIO, Transcript("quiero subir a diamante uno", avg_logprob=-0.9))
    answer = await client.audio.transcriptions.create(
        file=FILE, model=emulator.transcription_model_name, include=["logprobs"], language="es"
    )
    assert answer.text == "quiero subir a diamante uno"
    assert answer.logprobs is not None
    assert [part.logprob for part in answer.logprobs] == [-0.9] * 5
    assert "".join(part.token or "" for part in answer.logprobs) == answer.text
    sent = emulator.requests[-1].body
    assert (sent["file"], sent["type"], sent["size_bytes"], sent["language"]) == ("note.ogg", "audio/ogg", 17, "es")


async def test_whisper_gives_segments(client: AsyncOpenAI, emulator: OpenAIEmulator) -> None:
    emulator.hear(AUDIO, Transcript("hola", avg_logprob=-1.2, no_speech_prob=0.4))
    answer = await client.audio.transcriptions.create(file=FILE, model="whisper-1", response_format="verbose_json")
    assert isinstance(answer, TranscriptionVerbose)
    assert answer.segments is not None
    assert (answer.segments[0].avg_logprob, answer.segments[0].no_speech_prob) == (-1.2, 0.4)
    assert answer.language == "spanish"


async def test_an_unknown_recording_is_silence(client: AsyncOpenAI, emulator: OpenAIEmulator) -> None:
    answer = await client.audio.transcriptions.create(file=FILE, model=emulator.transcription_model_name)
    assert answer.text == ""


async def test_a_chat_model_cannot_hear(client: AsyncOpenAI, emulator: OpenAIEmulator) -> None:
    with pytest.raises(openai.NotFoundError):
        await client.audio.transcriptions.create(file=FILE, model=emulator.model_name)


async def test_plain_text_is_given_when_asked(client: AsyncOpenAI, emulator: OpenAIEmulator) -> None:
    emulator.hear(AUDIO, "hola")
    answer: Any = await client.audio.transcriptions.create(
        file=FILE, model=emulator.transcription_model_name, response_format="text"
    )
    assert answer.strip() == "hola"
