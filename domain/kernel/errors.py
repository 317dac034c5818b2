"""Errors that are expected, and told to a person in their language.

A `DomainError` carries a catalog key (`code`) and its parameters, never a sentence. Raising one inside a
transaction rolls it back: nothing changed.
"""

from datetime import datetime
from typing import Any


class DomainError(Exception):
    """Something a person asked for cannot be done.

    Args:
        code: Catalog key below `error.`, e.g. `order.already_claimed`.
        params: Values for the catalog text: str, int, Money, datetime, date; formatted at the door.
    """

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    def __str__(self) -> str:
        return f"{self.code} {self.params}" if self.params else self.code


class NotFound(DomainError):
    """What was named does not exist for this tenant."""


class PermissionDenied(DomainError):
    """The actor's roles do not allow this."""


class InvalidInput(DomainError):
    """A value cannot be understood or is out of range."""

    def __init__(self, code: str, *, field: str, **params: Any) -> None:
        super().__init__(code, **params)
        self.field = field


class Conflict(DomainError):
    """The state of the thing does not allow this, or somebody was faster."""


class LimitReached(DomainError):
    """A limit holds; `retry_at` says when it ends, where that is known."""

    def __init__(self, code: str, *, retry_at: datetime | None = None, **params: Any) -> None:
        super().__init__(code, **params)
        self.retry_at = retry_at


class Unavailable(DomainError):
    """The database could not be reached; nothing was changed."""


class OutcomeUnknown(DomainError):
    """The database was lost while committing; doing the same again is safe (command keys)."""


class DeliveryError(Exception):
    """A message could not be handed to a provider.

    Args:
        provider: `discord`, later `meta` and others.
        code: The provider's own code or a short word.
    """

    def __init__(self, provider: str, code: str) -> None:
        super().__init__(f"{provider}: {code}")
        self.provider = provider
        self.code = code


class TransientFailure(DeliveryError):
    """Not delivered; worth another try after `retry_after_s` seconds."""

    def __init__(self, provider: str, code: str, retry_after_s: float = 5.0) -> None:
        super().__init__(provider, code)
        self.retry_after_s = retry_after_s


class PermanentFailure(DeliveryError):
    """Not delivered, and never will be as it stands."""


class UnknownOutcome(DeliveryError):
    """Perhaps delivered: to be reconciled before anyone sends again."""
