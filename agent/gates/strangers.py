"""What a reply must not say of anybody but its reader: other clients, numbers, addresses, other people's orders."""

import re
from collections.abc import Collection, Iterator

_MAIL = re.compile(
    r"[\w.+-]{1,64}@[\w-]{1,64}\.\w|\b\w{1,40} (?:at|arroba) \w{1,40} (?:dot|punto|ponto|point) \w", re.IGNORECASE
)
_PHONE = re.compile(r"(?<![\w#])\+?\d(?:[\s().-]{0,2}\d){8,}")
_ORDER = re.compile(
    r"#\s?(\d{1,9})\b|\b(?:orders?|pedidos?|[oó]rden(?:es)?|commandes?|encomendas?)\s(?:(?:n[uú]mero|number|num[ée]ro|n[º°o]\.?|no\.)\s?)?(\d{1,9})\b",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"\b(?:(?:an)?other|previous|last|different) (?:client|customer|buyer|player|person|people)s?\b"
    r"|\botr[oa]s? (?:cliente|jugador|persona|comprador)(?:es|a?s)?\b"
    r"|\bclientes? anterior(?:es)?\b|\bcliente que (?:vino|escribi[oó])"
    r"|\boutr[oa]s? (?:cliente|jogador|pessoa|comprador)(?:es|a?s)?\b"
    r"|\bautres? (?:client|joueur|personne|acheteur)(?:e?s)?\b|\b(?:client|joueur)s? pr[ée]c[ée]dents?\b"
    r"|\b(?:tambi[eé]n|tamb[eé]m|aussi) (?:est[aá]|est) (?:en|em) \w+ y\b",
    re.IGNORECASE,
)


def strangers(text: str, orders: Collection[int]) -> Iterator[str]:
    """What is wrong with it, in words for the model; `orders` are the numbers known to be the client's."""
    if _MAIL.search(text) or _PHONE.search(text):
        yield "no telephone numbers or mail addresses"
    if _OTHERS.search(text):
        yield "never speak of other clients"
    for code in orders_in(text):
        if code not in orders:
            yield f"order {code} comes from no tool of this turn"


def orders_in(text: str) -> list[int]:
    """The numbers of orders that are named, in their order: "#12", "pedido 12", "commande n° 12"."""
    return [int(match[1] or match[2]) for match in _ORDER.finditer(text)]
