"""The gates a reply passes before anybody reads it."""

from agent.gates.hygiene import bubbles, clean_reply, has_leak
from agent.loop import Verdict
from agent.tools.port import Desk, Result
from domain.i18n.detect import LanguageDetector


class Gatekeeper:
    """Judges the replies of one turn.

    Args:
        desk: Whose turn it is.
        detector: Tells the language of a reply.
    """

    def __init__(self, desk: Desk, detector: LanguageDetector) -> None:
        self._desk = desk
        self._detector = detector

    def __call__(self, reply: str, results: list[Result]) -> Verdict:
        """What may be sent of a reply, or what is wrong with it; a reply is taken as a whole or not at all."""
        text = clean_reply(reply)
        objections = list(self._objections(text, results))
        return Verdict(objections=tuple(objections)) if objections else Verdict(tuple(bubbles(text)))
