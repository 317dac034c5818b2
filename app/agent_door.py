"""Builds the assistant from the settings: the SDK's client, the model's adapter, transcription, the turns."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.limits import TurnLimits
from agent.models.chat import ChatCompletions
from agent.models.opening import open_client
from agent.models.port import ChatModel
from agent.models.responses import Responses
from agent.models.transcription import Transcriber
from agent.turn import AgentTurns, Presence
from app.errors import SettingsError
from app.settings import OpenAISettings, Settings
from domain.i18n.detect import LanguageDetector
from domain.services import Services

if TYPE_CHECKING:
    from openai import AsyncOpenAI

_FOR_THE_MODEL = 0.8  # of a turn's time; the rest is for the hand-off, so that it is within the whole
HEARING_WAIT_S = 27.0  # a person hears of a hand-off within 30 s
_TRANSCRIBING_S = 16.0  # for one try; one that hangs leaves time for a second


@dataclass(frozen=True, slots=True)
class AgentDoor:
    """The assistant of this process.

    Attributes:
        turns: Takes the turns that are due.
        transcriber: Puts voice notes into words; None where no transcription model is configured.
    """

    turns: AgentTurns
    transcriber: Transcriber | None


def hearing_wait_s(settings: Settings) -> float:
    """How long a turn waits for a voice note's words, for `TurnTiming`; 0 where nobody puts them into words."""
    return HEARING_WAIT_S if settings.openai.api_key is not None and settings.openai.transcription_model else 0.0


async def open_agent(
    settings: Settings, services: Services, detector: LanguageDetector, presence: Presence | None, stack: AsyncExitStack
) -> AgentDoor:
    """Build the assistant; the client is closed with the stack. Without a key the guided menu answers.

    Raises:
        SettingsError: There is a key and no model.
    """
    limits = _limits(settings)
    options = settings.openai
    if options.api_key is None:
        return AgentDoor(AgentTurns(services, None, limits, detector, presence), None)
    if not options.model:
        raise SettingsError("GUILDHALL_OPENAI__MODEL", "missing, although there is a key", "gpt-5-mini")
    client = open_client(options.api_key.get_secret_value(), options.base_url, options.timeout_s)
    stack.push_async_callback(client.close)
    transcriber = None
    if options.transcription_model:
        transcriber = Transcriber(client, options.transcription_model, min(options.timeout_s, _TRANSCRIBING_S))
    return AgentDoor(AgentTurns(services, _model(client, options), limits, detector, presence), transcriber)


def _limits(settings: Settings) -> TurnLimits:
    return TurnLimits(
        step_count=settings.agent.step_limit, turn_s=settings.agent.turn_s * _FOR_THE_MODEL,
        call_s=settings.openai.timeout_s, input_price_micros=settings.openai.input_price_micros,
        output_price_micros=settings.openai.output_price_micros,
    )  # fmt: skip


def _model(client: "AsyncOpenAI", options: OpenAISettings) -> ChatModel:
    return ChatCompletions(client, options.model) if options.api == "chat" else Responses(client, options.model)
