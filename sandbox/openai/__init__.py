"""An emulator of OpenAI's API: chat completions, responses, transcriptions, and models with a character.

    async with OpenAIEmulator(SalesModel()) as openai:
        client = AsyncOpenAI(base_url=openai.base_url, api_key=openai.api_key, max_retries=0)

`openai.model` may be exchanged while it runs, `openai.faults` makes it misbehave as a service, and
`openai.requests` tells what was sent and answered.
"""

from sandbox.openai.adversarial import MISCHIEF, AdversarialModel
from sandbox.openai.emulator import OpenAIEmulator
from sandbox.openai.faults import Fault, Faults
from sandbox.openai.sales import SalesModel
from sandbox.openai.scripted import ScriptedModel
from sandbox.openai.seeded import SeededModel
from sandbox.openai.server import RequestRecord
from sandbox.openai.transcripts import Transcript, TranscriptBook
from sandbox.openai.turns import (
    Message,
    Model,
    ModelRequest,
    Reply,
    Tool,
    ToolCall,
    ToolResult,
    Usage,
    call,
    loose_json,
)

__all__ = [
    "MISCHIEF",
    "AdversarialModel",
    "Fault",
    "Faults",
    "Message",
    "Model",
    "ModelRequest",
    "OpenAIEmulator",
    "Reply",
    "RequestRecord",
    "SalesModel",
    "ScriptedModel",
    "SeededModel",
    "Tool",
    "ToolCall",
    "ToolResult",
    "Transcript",
    "TranscriptBook",
    "Usage",
    "call",
    "loose_json",
]
