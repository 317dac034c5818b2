"""Graph's error codes and what follows from each: one table, as data.

Codes and remedies: Meta's "Cloud API error codes" (v26.0, November 2026). Only `code` and `error_data.details` count;
titles are deprecated. An answer that carries a Graph error was decided by Graph: nothing was accepted, whatever its
HTTP status. So code 131016 with HTTP 500 may be sent again, while a 500 without a Graph error is an unknown outcome.
For the same reason an outage has no number of tries: it cannot double a message, and what is still refused after a day
fails visibly, as everything in the outbox does. Six tries would be over after ten minutes.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from domain.kernel.errors import DeliveryError, PermanentFailure, TransientFailure

PROVIDER = "meta"
_LONGEST_WAIT_S = 300.0
_LONGEST_CHAT_WAIT_S = 256.0


class Retry(StrEnum):
    """Whether the same message may be sent again, and when."""

    NEVER = "never"
    ONCE = "once"
    STEADY = "steady"  # after `wait_s`
    GROWING = "growing"  # after `wait_s`, doubled with each attempt, at most five minutes
    CHAT = "chat"  # after 4^n seconds, and only this chat


class Then(StrEnum):
    """What else follows."""

    NOTHING = "nothing"
    STOP = "stop"  # the token is refused: the account stops, what waits stays
    ALERT = "alert"  # somebody of the shop has to act
    PAUSE_NUMBER = "pause_number"  # the number sends nothing for `wait_s`
    PAUSE_BUSINESS = "pause_business"  # nor do the others of its business account
    PAUSE_APP = "pause_app"  # nor do the others, of whatever shop, that call through the same app
    VARIANT = "variant"  # once to the number's other spelling (Brazil, Argentina, Mexico)
    TEMPLATES = "templates"  # alert, and read the templates again
    MARKETING_STOPPED = "marketing_stopped"  # remember that the person wants no advertising
    BUG = "bug"  # what we built is wrong: to the log


@dataclass(frozen=True, slots=True)
class Rule:
    """What follows from a code."""

    retry: Retry = Retry.NEVER
    then: Then = Then.NOTHING
    wait_s: float = 0.0


_TOKEN = Rule(Retry.STEADY, Then.STOP, 30.0)
_ALERT = Rule(then=Then.ALERT)
_AWAY = Rule(Retry.GROWING, wait_s=5.0)
_TEMPLATE = Rule(then=Then.TEMPLATES)
_BUG = Rule(then=Then.BUG)
_MEDIA = Rule(Retry.ONCE, wait_s=2.0)
RULES: dict[int, Rule] = {
    0: _TOKEN,
    190: _TOKEN,
    3: _ALERT,
    10: _ALERT,
    131005: _ALERT,
    4: Rule(Retry.STEADY, Then.PAUSE_APP, 120.0),
    80007: Rule(Retry.STEADY, Then.PAUSE_BUSINESS, 120.0),
    130429: Rule(Retry.STEADY, Then.PAUSE_NUMBER, 2.0),
    131056: Rule(Retry.CHAT),
    131048: _ALERT,
    131064: _ALERT,
    368: _ALERT,
    131031: _ALERT,
    130497: _ALERT,
    1: _AWAY,
    2: _AWAY,
    131000: _AWAY,
    131016: _AWAY,
    133004: _AWAY,
    131057: Rule(Retry.STEADY, wait_s=60.0),
    131026: Rule(then=Then.VARIANT),
    131030: Rule(then=Then.VARIANT),
    131047: Rule(),
    131049: Rule(),
    131050: Rule(then=Then.MARKETING_STOPPED),
    130472: Rule(),
    100: _BUG,
    131008: _BUG,
    131009: _BUG,
    131021: Rule(),
    131037: _ALERT,
    131045: _ALERT,
    133010: _ALERT,
    131042: _ALERT,
    131044: _ALERT,
    131051: _BUG,
    131052: _MEDIA,
    131053: _MEDIA,
    131062: Rule(),
    131063: _ALERT,
    132000: _TEMPLATE,
    132001: _TEMPLATE,
    132005: _TEMPLATE,
    132007: _TEMPLATE,
    132008: _TEMPLATE,
    132012: _TEMPLATE,
    132015: _TEMPLATE,
    132016: _TEMPLATE,
    132068: _TEMPLATE,
    132069: _TEMPLATE,
    133016: Rule(Retry.STEADY, Then.ALERT, 3600.0),
    134011: Rule(),
    135000: Rule(),
    137000: Rule(),
}
_PERMISSIONS = range(200, 300)  # "API permission", one code per permission


class Refused(Exception):
    """Graph answered with an error of its own; `details` is Graph's text, which never holds our token."""

    def __init__(self, code: int, details: str = "", *, subcode: int | None = None, is_transient: bool = False) -> None:
        super().__init__(f"Graph {code}")
        self.code, self.details, self.subcode, self.is_transient = code, details, subcode, is_transient

    @property
    def rule(self) -> Rule:
        """What follows from it; a code that is not in the table is final, unless Graph itself calls it transient."""
        known = RULES.get(self.code, _ALERT if self.code in _PERMISSIONS else None)
        return known or (_AWAY if self.is_transient else Rule())

    def failure(self, attempt_count: int) -> DeliveryError:
        """The same for the outbox: when to try again, or never. Attempts count from 1."""
        rule, code = self.rule, str(self.code)
        match rule.retry:
            case Retry.STEADY:
                return TransientFailure(PROVIDER, code, rule.wait_s)
            case Retry.GROWING:
                return TransientFailure(PROVIDER, code, min(rule.wait_s * 2 ** min(attempt_count, 10), _LONGEST_WAIT_S))
            case Retry.CHAT:
                return TransientFailure(PROVIDER, code, min(4.0 ** min(attempt_count, 9), _LONGEST_CHAT_WAIT_S))
            case Retry.ONCE if attempt_count == 1:
                return TransientFailure(PROVIDER, code, rule.wait_s)
        return PermanentFailure(PROVIDER, code)


def read_refusal(body: object) -> Refused | None:
    """The Graph error in an answer's body; None when there is none that can be read."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return None
    code = _number(error.get("code"))
    if code is None:
        return None
    data: Any = error.get("error_data")
    details = data.get("details") if isinstance(data, dict) else None
    shown = str(details or error.get("message") or "")[:300]
    return Refused(
        code, shown, subcode=_number(error.get("error_subcode")), is_transient=error.get("is_transient") is True
    )


def _number(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
