"""The gates a reply passes before anybody reads it."""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from agent.gates.claims import Claim, Kind
from agent.gates.grounding import Facts, ungrounded
from agent.gates.hygiene import BUBBLE_LENGTH, BUBBLES_COUNT, bubbles, clean_reply, clean_text, has_leak, unfenced
from agent.gates.strangers import strangers
from agent.gates.wording import is_of_prompt, odd_signs, says_something, tool_names_in
from agent.loop import Verdict
from agent.models.port import Answer
from agent.tools.catalogue import TRUE_OF
from agent.tools.port import Desk, Result
from agent.tools.toolbox import by_name
from domain.conversations.profile import AgentProfile
from domain.i18n.detect import LanguageDetector
from domain.orders.dto import OrderState

_NEVER_FITS = BUBBLES_COUNT * BUBBLE_LENGTH + 200  # white space may go, words may not
_TOO_LONG = "it is too long: two paragraphs of 300 characters at most"
_CLEAR_FROM_WORDS = 6  # a reply that long is in some language
_NOT_LATIN = re.compile(r"[^\W\d_\u0041-\u024f\u1e00-\u1eff]")
_WORDS = re.compile(r"[^\W\d_]{2,}")
_SPACE = re.compile(r"\s+")
_NAMES = {"en": "English", "es": "Spanish", "fr": "French", "pt-BR": "Brazilian Portuguese"}
_MEANT = {
    Kind.MONEY: "the amount", Kind.PERCENT: "the discount or percentage", Kind.DAY: "the day", Kind.HOUR: "the hour",
    Kind.SPAN: "the duration", Kind.DEED: "saying that it is done or promised:", Kind.LINK: "the link",
}  # fmt: skip


class Gatekeeper:
    """Judges the replies of one turn.

    Args:
        desk: Whose turn it is.
        settings: The shop's, for the one address a reply may link to.
        detector: Tells the language of a reply.
        system: The instructions the model got, which no reply may repeat.
    """

    def __init__(self, desk: Desk, settings: AgentProfile, detector: LanguageDetector, system: str) -> None:
        self._desk = desk
        self._detector = detector
        self._system = unfenced(system)  # what it says of the client and their orders may be repeated
        host = urlsplit(settings.privacy_url).hostname if settings.privacy_url else None
        self._hosts = frozenset({host}) if host else frozenset()

    def __call__(self, answer: Answer, results: Sequence[Result]) -> Verdict:
        """What may be sent of a reply, or what is wrong with it; a reply is taken as a whole or not at all."""
        if len(answer.text) > _NEVER_FITS:  # not even looked at: it could not be sent, and looking costs time
            return Verdict(objections=(_TOO_LONG,))
        text = clean_reply(answer.text, self._hosts)
        found = tuple(dict.fromkeys(self._objections(answer, text, results)))
        return Verdict(objections=found) if found else Verdict(tuple(bubbles(text)))

    def _objections(self, answer: Answer, text: str, results: Sequence[Result]) -> Iterator[str]:
        if not says_something(text):
            yield "it says nothing"
            return
        if answer.is_cut:
            yield "it was cut off: write less"
        if not _is_same(answer.text, text):
            yield "links are not allowed"
        if has_leak(answer.text) or tool_names_in(text, by_name()) or is_of_prompt(text, self._system):
            yield "it shows instructions, tools or marks that the client must not see"
        if odd_signs(text):
            yield "only plain sentences: no markup, tables, code or headings"
        facts = self._facts(results)
        yield from strangers(text, facts.orders.keys() | facts.own_orders.keys())
        yield from (_named(claim) for claim in ungrounded(text, facts))
        yield from self._of_form(text)

    def _of_form(self, text: str) -> Iterator[str]:
        if not _is_same("".join(bubbles(text)), text):
            yield _TOO_LONG
        if not self._is_in_language(text):
            yield f"it is not in {_NAMES[self._desk.reader.locale]}"

    def _is_in_language(self, text: str) -> bool:
        letters = sum(map(str.isalpha, text))
        if len(_NOT_LATIN.findall(text)) * 5 > letters:
            return False
        locale = self._desk.reader.locale
        if len(_WORDS.findall(text)) >= _CLEAR_FROM_WORDS and not self._detector.may_be(text, locale):
            return False
        return self._detector.detect(text) in (None, locale)

    def _facts(self, results: Sequence[Result]) -> Facts:
        """What the tools of this turn returned, and the client's orders as the turn began with them.

        What was said earlier, by anyone, is no fact.
        """
        tenant, own = self._desk.tenant, self._desk.turn.orders
        today = self._desk.services.clock.now().astimezone(ZoneInfo(tenant.zone)).date()
        done = [result for result in results if not result.is_failure]
        return Facts(
            prices=frozenset(amount for result in done for amount in result.amounts),
            instants=frozenset(
                [*(instant for result in done for instant in result.instants),
                 *(order.deadline_at for order in own if order.deadline_at is not None)]
            ),
            deeds=frozenset(receipt for result in done for receipt in result.receipts),
            orders={code: actions for result in done for code, actions in result.orders.items()},
            own_orders={order.code: TRUE_OF[OrderState(order.state)] for order in own},
            own_prices={order.code: order.price for order in own}
            | {code: price for result in done for code, price in result.order_prices.items()},
            hosts=self._hosts, today=today, zone=tenant.zone,
        )  # fmt: skip


def _named(claim: Claim) -> str:
    return f"{_MEANT[claim.kind]} “{claim.text[:60]}” comes from no tool of this turn"


def _is_same(before: str, after: str) -> bool:
    """Whether nothing but white space is different."""
    return _SPACE.sub("", clean_text(before)) == _SPACE.sub("", after)
