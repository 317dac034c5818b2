"""What a person sees after using something."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.discord.interactions import Callback, Interaction
from sandbox.discord.messages import Button, Json, Message, Select
from sandbox.discord.modals import ModalField, fields_of
from sandbox.discord.world import World

NO_ANSWER = "The application did not respond"
_KINDS = {
    Callback.MESSAGE: "message",
    Callback.DEFERRED_MESSAGE: "deferred",
    Callback.DEFERRED_UPDATE: "deferred_update",
    Callback.UPDATE: "update",
    Callback.AUTOCOMPLETE: "autocomplete",
    Callback.MODAL: "modal",
    Callback.ACTIVITY: "activity",
}


class ModalView:
    """An open modal as a person sees it."""

    def __init__(self, raw: Json) -> None:
        self.title: str = raw["title"]
        self.custom_id: str = raw["custom_id"]
        self.components: list[Json] = raw["components"]
        self.fields: tuple[ModalField, ...] = tuple(fields_of(raw))

    def field(self, name: str) -> ModalField:
        """Return the field with this label or custom id.

        Raises:
            LookupError: there is none.
        """
        for field in self.fields:
            if name in (field.label, field.custom_id):
                return field
        raise LookupError(f"no field {name!r} among {[field.label for field in self.fields]}")


class Reply:
    """The bot's answer to one interaction; it stays current when the bot edits its answer later."""

    def __init__(self, world: World, interaction: Interaction) -> None:
        self._world = world
        self.interaction = interaction

    @property
    def kind(self) -> str | None:
        """message, deferred, update, deferred_update, modal, autocomplete; None when nobody answered."""
        return None if self.interaction.callback is None else _KINDS[self.interaction.callback]

    @property
    def failed(self) -> bool:
        """Whether nobody acknowledged: the client shows that the application did not respond."""
        return self.interaction.callback is None

    @property
    def acknowledged_ms(self) -> float | None:
        """Real milliseconds until the first answer; None when there was none."""
        return self.interaction.acknowledged_ms

    @property
    def message(self) -> Message | None:
        """The answer as it stands now; for an update the message that was updated; None for a modal."""
        return self.interaction.original

    @property
    def text(self) -> str:
        """Everything a person reads in the answer."""
        if self.failed:
            return NO_ANSWER
        return "" if self.message is None else self.message.text

    @property
    def ephemeral(self) -> bool:
        """Whether only the person sees the answer."""
        return self.message is not None and self.message.ephemeral

    @property
    def modal(self) -> ModalView | None:
        """The modal that opened."""
        return None if self.interaction.modal is None else ModalView(self.interaction.modal)

    @property
    def choices(self) -> Sequence[Json]:
        """What an autocomplete suggested."""
        return self.interaction.choices

    @property
    def followups(self) -> list[Message]:
        """Further messages, oldest first; deleted ones are not listed."""
        return [message for message in self.interaction.followups if not message.deleted]

    async def finished(self, timeout_s: float = 30.0) -> Reply:
        """Wait until a deferred answer was given (edited, followed up or deleted) and return this reply.

        Raises:
            TimeoutError: the bot never came back to it.
        """
        await self._world.hub.wait_until(lambda: self.interaction.answered or self.failed, timeout_s)
        return self

    async def settled(self, timeout_s: float = 30.0) -> Reply:
        """Wait until the message can be used again: bots grey out every control while they work.

        Raises:
            TimeoutError: it stayed greyed out.
        """
        await self._world.hub.wait_until(lambda: not self._is_greyed_out(), timeout_s)
        return self

    def _is_greyed_out(self) -> bool:
        if self.message is None or self.kind != "update":
            return False
        controls: list[Button | Select] = [*self.message.buttons, *self.message.selects]
        return bool(controls) and all(control.disabled for control in controls)

    def __repr__(self) -> str:
        return f"<Reply {self.kind} {self.text!r}>"
