"""Money, percentages and discounts in a reply."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cache

from agent.gates.claims import Claim, Kind, Price, Share
from agent.gates.folded import Covered, Folded, any_of, words

NUMBER = (
    r"(?:(?<=usd|eur|brl|mxn|ars|cop|clp|uyu|pen|cad|aud|gbp|jpy|chf)|(?<![\w#]))(?<!\d[.,])"
    r"(?:\d{1,3}(?:[.,' ]\d{3})+(?:[.,]\d{1,2})?(?![\d])|\d+(?:[.,]\d{1,2})?(?!\d))"
)
_NEAR = 30  # characters looked at on either side of a number
_DENIED_WITHIN = 60  # before "free" or a discount: the word that denies it, and 30 characters
_RANGE = r"\s?(?:-|–|—|to|a|y|e|et|and|ou|o|or|ate)\s?"
_PERCENT = re.compile(r"(\d+(?:[.,]\d+)?)\s?(?:%|percent\b|per cent\b|por ?ciento\b|por cento\b|pour ?cent\b)")
_DISCOUNT = re.compile(
    r"\b(?:discount\w*|descuent\w*|descont\w*|desconto\w*|rebaj\w+|rabais|reduction|remise|promo(?:s|cion|cao|tion|code)?"
    r"|cashback|coupon|cupon|cupom)\b"
)
_HALF = re.compile(r"\b(?:half (?:the )?price|half off|mitad del? precio|metade do preco|moitie prix|2x1)\b")
_FREE = re.compile(
    r"(?<!feel )\bfree\b(?! (?:to|slot|time)\b)|\bgratis\b|\bde graca\b|\bgratuit\w*|\bsin (?:costo|cargo|coste)\b"
    r"|\bsem custo\b|\bsans frais\b|\bno charge\b|\bon the house\b|\bcortesia\b|\boffert\w*"
)
_DENIED = re.compile(
    r"\b(?:no|not|nao|ne|n|pas|sin|sem|sans|can'?t|cannot|don'?t|aucun\w*|ningun\w*|nenhum\w*|without|tampoco)\b"
    r"[^,.;:!?\n]{0,30}$"
)
_WORDED = (
    "(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|veinte|treinta|cuarenta|cincuenta|sesenta|"
    "setenta|ochenta|noventa|cien|ciento|mil|vinte|trinta|quarenta|cinquenta|sessenta|oitenta|cem|vingt|trente|quarante|cinquante|"
    "soixante|cent|mille|quince|quinze|fifteen|ten|diez|dez|dix|five|cinco|cinq)"
)


def find_money(reply: Folded, explained: Sequence[Claim]) -> Iterator[Claim]:
    """Amounts with a sign, code or word of a currency; bare numbers where a price is spoken of; "free".

    `explained` are claims of other kinds: the numbers in them (dates, hours, durations) are no bare prices.
    """
    numbers = _Numbers(reply, explained)
    for match in re.finditer(NUMBER, reply.text):
        start, end = match.span()
        sign = _before().search(reply.text[max(0, start - 20) : start])
        word = _after().match(reply.text, end)
        if sign or word:
            first = start - len(sign[0]) if sign else start
            last = word.end() if word and not sign else end
            currencies = _currencies(sign["sign"] if sign else word["sign"] if word else "")
            yield reply.claim(Kind.MONEY, first, last, *_prices(match[0], currencies))
        elif numbers.is_bare_price(start, end):
            yield reply.claim(Kind.MONEY, start, end, *_prices(match[0], frozenset()))
    for match in _worded().finditer(reply.text):
        yield reply.claim(Kind.MONEY, *match.span(), Price(None))
    for match in _FREE.finditer(reply.text):
        if not _is_denied(reply, match.start()):
            yield reply.claim(Kind.MONEY, *match.span(), Price(Decimal(0)))


def find_shares(reply: Folded) -> Iterator[Claim]:
    """Percentages, and discounts without a figure unless the sentence denies them."""
    found = list(_PERCENT.finditer(reply.text))
    for match in found:
        yield reply.claim(Kind.PERCENT, *match.span(), Share(Decimal(match[1].replace(",", "."))))
    for match in re.finditer(rf"\b{_WORDED} (?:percent|per cent|por ?ciento|por cento|pour ?cent)\b", reply.text):
        yield reply.claim(Kind.PERCENT, *match.span(), Share(Decimal(-1)))  # figures in words are never facts
    for match in _HALF.finditer(reply.text):
        yield reply.claim(Kind.PERCENT, *match.span(), Share(Decimal(50)))
    figured = {reply.sentence_number(match.start()) for match in found}
    for match in _DISCOUNT.finditer(reply.text):
        if reply.sentence_number(match.start()) not in figured and not _is_denied(reply, match.start()):
            yield reply.claim(Kind.PERCENT, *match.span(), Share(None))


def _is_denied(reply: Folded, at: int) -> bool:
    return _DENIED.search(reply.text, max(0, at - _DENIED_WITHIN), at) is not None


class _Numbers:
    """The numbers of one reply; a sentence is asked once whether it speaks of a price."""

    def __init__(self, reply: Folded, explained: Sequence[Claim]) -> None:
        self._reply = reply
        self._explained = Covered(len(reply.original), explained)
        self._speaking: dict[int, bool] = {}

    def is_bare_price(self, start: int, end: int) -> bool:
        """Whether a number without a currency can only be a price by where it stands."""
        text = self._reply.text
        before, after = text[max(0, start - _NEAR) : start], text[end : end + _NEAR]
        is_explained = self._reply.place(start) in self._explained
        if is_explained or _explained().search(before) or _counted().match(after):
            return False
        if re.search(r"(?:^|\n)[*_>\s-]*$", before) and re.match(r"[.)] ", after):
            return False  # the number of a list's line
        return (
            re.fullmatch(r"\d+[.,]\d{2}", text[start:end]) is not None
            or end - start > 1  # a loose number of two digits: "a 40 te lo dejo"
            or re.fullmatch(r"\W*", _line(before, after)) is not None
            or _leads_to_price().search(before) is not None
            or self._speaks_of_price(self._reply.sentence_number(start))
        )

    def _speaks_of_price(self, number: int) -> bool:
        if number not in self._speaking:
            self._speaking[number] = _speaks_of_price().search(self._reply.sentences[number]) is not None
        return self._speaking[number]


def _line(before: str, after: str) -> str:
    return before.rsplit("\n", 1)[-1] + after.split("\n", 1)[0]


def _prices(text: str, currencies: frozenset[str]) -> list[Price]:
    """Every amount the digits may mean: `1.234` is 1234, or 1.234 in a currency with three decimals."""
    plain = re.sub(r"[' ]", "", text)
    readings = (
        {Decimal(re.sub(r"[.,]", "", plain))}
        if re.fullmatch(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*|\d+", plain)
        else set()
    )
    if match := re.fullmatch(r"([\d.,]*\d)[.,](\d{1,2})", plain):
        readings.add(Decimal(re.sub(r"[.,]", "", match[1]) + "." + match[2]))
    return [Price(amount, currencies) for amount in sorted(readings)] or [Price(None, currencies)]


def _currencies(sign: str) -> frozenset[str]:
    return next(
        (frozenset(codes) for pattern, codes in words()["currencies"].items() if re.fullmatch(pattern, sign)),
        frozenset(),
    )


def _signs() -> str:
    return "(?P<sign>" + "|".join(sorted(words()["currencies"], key=len, reverse=True)) + ")"


@cache
def _before() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){_signs()}[\s*_]*$")


@cache
def _after() -> re.Pattern[str]:
    return re.compile(rf"(?:{_RANGE}{NUMBER})?[\s*_]*{_signs()}(?!\w)")


@cache
def _worded() -> re.Pattern[str]:
    signs = "|".join(pattern for pattern in words()["currencies"])
    return re.compile(rf"\b{_WORDED}(?:[ -](?:y|e|et|and)?[ -]?\w+)?(?:\s(?:de\s)?)(?:{signs})(?!\w)")


@cache
def _explained() -> re.Pattern[str]:
    return re.compile(rf"(?:#|\b{any_of('order_words')}\s?[#:]?\s?)$")


@cache
def _counted() -> re.Pattern[str]:
    other = r"%|[/:]\d|h\d*\b|(?:st|nd|rd|th)\b|[ap]\.?m\b"
    noun = rf"(?:more |new |mas |mais |nuevas? |novas? )?(?:{any_of('count_nouns')}\b|{other})"
    return re.compile(rf"(?:{_RANGE}\d+)?\s?{noun}")


@cache
def _leads_to_price() -> re.Pattern[str]:
    return re.compile(rf"(?:(?<![\w']){any_of('price_words')}\s?[:=]?|:)\s?[*_~]*$")


@cache
def _speaks_of_price() -> re.Pattern[str]:
    return re.compile(rf"\b{any_of('strong_price_words')}\b")
