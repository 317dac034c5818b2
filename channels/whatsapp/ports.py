"""What the WhatsApp door needs from inside the house; the domain's services fit these as they are."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol
from uuid import UUID

from domain.channels.dto import ChannelAccount, Credentials, Template
from domain.conversations.dto import MediaInfo
from domain.kernel.actor import Actor


class AccountKeeper(Protocol):
    """Keeps the shop's numbers and their tokens (`ChannelService`)."""

    async def credentials(self, actor: Actor, account_id: UUID) -> Credentials:
        """What a call needs."""
        ...

    async def stop(self, actor: Actor, account_id: UUID, reason: str) -> object:
        """The provider refuses the token: nothing more is sent until it is replaced. Again changes nothing."""
        ...


class AlertBoard(Protocol):
    """Tells the shop that a number needs somebody's attention (`ChannelAlerts`)."""

    async def alert(self, actor: Actor, account_id: UUID, code: int, detail: str, *, is_template: bool = False) -> None:
        """The provider refuses for a reason that people must clear up; `is_template`: one of the templates is it."""
        ...


class RecipientKeeper(Protocol):
    """Keeps what sending teaches about a person."""

    async def canonical_found(self, actor: Actor, conversation_id: UUID, wa_id: str) -> None:
        """The provider knows the conversation's contact under this number, which is not the one we sent to."""
        ...

    async def marketing_stopped(self, actor: Actor, conversation_id: UUID) -> None:
        """The contact told the provider to stop marketing messages."""
        ...


class MediaShelf(Protocol):
    """Notes what became of a message's file (`ConversationService`)."""

    async def media_of(self, actor: Actor, message_id: UUID) -> MediaInfo | None:
        """The message's file as far as it is known."""
        ...

    async def media_stored(self, actor: Actor, message_id: UUID, path: str, size: int, mime: str, name: str) -> object:
        """The file lies at `path` below the data folder."""
        ...

    async def media_failed(self, actor: Actor, message_id: UUID, state: str, error: str) -> object:
        """There is no file and never will be: `refused` by us, or `lost` at the provider."""
        ...

    async def media_heard(
        self, actor: Actor, message_id: UUID, transcript: str, is_sure: bool, locale: str | None = None
    ) -> object:
        """What a voice note says, and in which language, where that is certain."""
        ...


class Transcriber(Protocol):
    """Puts speech into words."""

    async def transcribe(self, path: Path, mime: str) -> tuple[str, bool]:
        """What is said in a file, and whether that is sure.

        Raises:
            TransientFailure: Not now; worth another try after its `retry_after_s`.
            DeliveryError: It cannot be heard.
        """
        ...


class Listener(Protocol):
    """Obeys what a voice note asks for before anything else (`IntakeService`)."""

    async def heard(self, actor: Actor, message_id: UUID, words: str, locale: str | None = None) -> object:
        """STOP and START count as if they were typed; whatever else is said is left alone. Again changes nothing."""
        ...


class Linguist(Protocol):
    """Tells languages apart (`LanguageDetector`)."""

    async def language_of(self, text: str) -> str | None:
        """The language of a text, or None when it does not tell; may be slow, and asked from any thread."""
        ...


class TemplateShelf(AccountKeeper, Protocol):
    """Keeps the provider's templates beside the numbers (`ChannelService`)."""

    async def accounts(self, actor: Actor) -> tuple[ChannelAccount, ...]:
        """The shop's numbers."""
        ...

    async def save_templates(self, actor: Actor, account_id: UUID, templates: Sequence[Template]) -> object:
        """These are all the templates the account has."""
        ...
