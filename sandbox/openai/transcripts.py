"""What the voice notes say: recordings known by their bytes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Transcript:
    """What is heard in a recording.

    Attributes:
        avg_logprob: How sure the model is, per token: about -0.2 is clear speech, below -1 is guessing.
        no_speech_prob: How likely it is that nobody speaks.
        language: Its English name, as the API answers it.
    """

    text: str
    language: str = "spanish"
    avg_logprob: float = -0.2
    no_speech_prob: float = 0.01
    duration_s: float = 3.0


class TranscriptBook:
    """Transcripts by recording; an unknown recording is heard as `unknown`, which is silence at first."""

    def __init__(self) -> None:
        self.unknown = Transcript("", avg_logprob=-1.6, no_speech_prob=0.95)
        self._by_digest: dict[bytes, Transcript] = {}

    def add(self, audio: bytes, transcript: Transcript | str) -> None:
        """Hear a recording as this from now on."""
        known = Transcript(transcript) if isinstance(transcript, str) else transcript
        self._by_digest[_digest(audio)] = known

    def find(self, audio: bytes) -> Transcript:
        """Return what is heard in a recording."""
        return self._by_digest.get(_digest(audio), self.unknown)


def _digest(audio: bytes) -> bytes:
    return hashlib.sha256(audio).digest()
