"""Takes secrets and personal data out of log events, whatever part of the house or library wrote them."""

import re
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

HIDDEN = "[redacted]"
_PRIVATE_KEY = re.compile(
    r"token|secret|password|passwd|authorization|cookie|dsn|database_url|api_key|private|credential"
    r"|payout|iban|wallet|customer|account_name|e_?mail|phone|address",
    re.IGNORECASE,
)
_HARMLESS_KEYS = frozenset({"token_count", "address_family"})
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?i)\b(bearer|bot|basic)\s+[A-Za-z0-9._~+/=-]{16,}"), rf"\1 {HIDDEN}"),
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)([^\s/:@]*):([^\s/]*)@"), rf"\1\2:{HIDDEN}@"),
    (re.compile(r"(?i)\b(password|passwd|pwd|secret|token|api_?key)(['\"]?\s*[=:]\s*['\"]?)[^\s'\",;&)}]+"),
     rf"\1\2{HIDDEN}"),
    (re.compile(r"(?i)(['\"](?:customer|payout|account|wallet|e?mail|phone)[a-z_]*['\"]\s*[:=]\s*)(['\"])"
                r"(?:\\.|(?!\2).)*\2"), rf"\1{HIDDEN}"),
    (re.compile(r"\b[A-Za-z0-9_-]{18,40}\.[A-Za-z0-9_-]{5,8}\.[A-Za-z0-9_-]{20,80}\b"), HIDDEN),
    (re.compile(r"\bey[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\b"), HIDDEN),
    (re.compile(r"/(interactions|webhooks)/(\d+)/[A-Za-z0-9_-]{20,}"), rf"/\1/\2/{HIDDEN}"),
    (re.compile(r"(?<![A-Za-z0-9+/_-])(?=[A-Za-z0-9+_-]*[A-Z])(?=[A-Za-z0-9+_-]*[a-z])(?=[A-Za-z0-9+_-]*\d)"
                r"[A-Za-z0-9+_-]{40,}={0,2}"), HIDDEN),
    (re.compile(r"\b[A-Za-z0-9+/]{43}="), HIDDEN),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), HIDDEN),
    (re.compile(r"(?<![\w.:-])\+\d[\d ().-]{7,17}\d\b"), HIDDEN),
    (re.compile(r"(?<![\w.:/-])(?!\d{4}-\d\d-\d\d)\(?\d{2,4}\)?[ .-]\d{2,4}[ .-]\d{2,4}"
                r"(?:[ .-]\d{2,4}){0,2}(?![\w:-])(?!\.\d)"), HIDDEN),
)  # fmt: skip
_DEPTH_LIMIT = 6


class Redactor:
    """A structlog processor: hides values by the name of their key, by shape, and the process's own secrets.

    Args:
        secrets: Exact values to hide wherever they appear, e.g. the bot token and the database password.
    """

    def __init__(self, secrets: Sequence[str] = ()) -> None:
        self._secrets = sorted((secret for secret in secrets if len(secret) > 3), key=len, reverse=True)

    def __call__(self, logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """The event without what must not be read."""
        return {key: self._value(key, value, 0) for key, value in event.items()}

    def text(self, text: str) -> str:
        """A text without what must not be read; tracebacks pass through here too."""
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return text

    def _value(self, key: str, value: object, depth: int) -> object:
        if value is None or isinstance(value, bool):
            return value
        if _PRIVATE_KEY.search(key) and key not in _HARMLESS_KEYS:
            return HIDDEN
        if isinstance(value, str):
            return value if key in ("timestamp", "level", "tenant", "logger") else self.text(value)
        if isinstance(value, int | float):
            return value
        if depth >= _DEPTH_LIMIT:
            return HIDDEN
        if isinstance(value, Mapping):
            return {self.text(str(k)): self._value(str(k), v, depth + 1) for k, v in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._value(key, item, depth + 1) for item in value]
        return self.text(str(value))
