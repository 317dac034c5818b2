"""What a client's words mean to a seller: divisions, wishes, languages."""

from __future__ import annotations

import re

from sandbox.openai.turns import ModelRequest
from sandbox.openai.words import folded

_FENCE = re.compile(r"^\s*(?:[⟦⟧]|<<<|>>>|```|</?[a-z_ ]+>\s*$).*$", re.MULTILINE)
_TIERS = {
    "diamante": "D",
    "diamond": "D",
    "diamant": "D",
    "dia": "D",
    "esmeralda": "E",
    "emerald": "E",
    "emeraude": "E",
    "platino": "P",
    "platinum": "P",
    "platine": "P",
    "platina": "P",
    "plat": "P",
}
_STEPS = {
    "iv": "4",
    "iii": "3",
    "ii": "2",
    "i": "1",
    "one": "1",
    "uno": "1",
    "un": "1",
    "um": "1",
    "two": "2",
    "dos": "2",
    "deux": "2",
    "dois": "2",
    "three": "3",
    "tres": "3",
    "trois": "3",
    "four": "4",
    "cuatro": "4",
    "quatre": "4",
    "quatro": "4",
}
_TIER = rf"(?P<tier>{'|'.join(_TIERS)})\s*(?P<step>[1-4]|{'|'.join(_STEPS)})"
# "platinum I want" is a wish, "platinum I to ..." a division
_DIVISION = re.compile(rf"\b(?:(?P<letter>[dep])(?P<digit>[1-4])|{_TIER})\b(?!'| want| need)")
_WISHES = {
    "person": (
        "person",
        "human",
        "agente",
        "humain",
        "conseiller",
        "alguien",
        "alguem",
        "quelqu'un",
        "somebody",
        "pessoa",
    ),
    "orders": ("my order", "mi pedido", "mis pedidos", "ma commande", "mes commandes", "meu pedido", "meus pedidos"),
    "prices": (
        "price",
        "cost",
        "how much",
        "precio",
        "cuanto",
        "prix",
        "combien",
        "tarif",
        "preco",
        "quanto",
        "service",
    ),
    "deal": (
        "deal",
        "go ahead",
        "let's do it",
        "i want it",
        "i'll take it",
        "lo quiero",
        "me interesa",
        "trato hecho",
        "adelante",
        "vamos",
        "d'accord",
        "je le veux",
        "on y va",
        "fechado",
        "quero sim",
        "pode ser",
    ),
}
_WISH_PATTERNS = {name: re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})") for name, words in _WISHES.items()}
_COMMON = {
    "en": "the i you want my is to from how hello hi please price order what can yes and",
    "es": "hola quiero de a mi el la cuanto cuesta por favor subir precio desde gracias si y los esta hasta buenas",
    "fr": "bonjour je veux de mon le la combien prix salut commande merci oui et est monter jusqu'a voudrais",
    "pt": "ola oi quero de meu minha o a quanto custa por favor subir preco obrigado sim e voce esta ate",
}
_COMMON_WORDS = {name: frozenset(words.split()) for name, words in _COMMON.items()}
_LANGUAGE_LINE = re.compile(
    r"(?:\b(?:language|idioma|langue)\b[^\n:=]*[:=]\s*[\"'`*]*"
    r"|\b(?:write|answer|reply) (?:only |always )?in (?:brazilian )?)([^\W\d_]+)",
    re.IGNORECASE,
)
_LANGUAGES = {
    "en": ("en", "english", "ingles", "anglais"),
    "es": ("es", "spanish", "espanol", "castellano", "espagnol"),
    "fr": ("fr", "french", "frances", "francais"),
    "pt": ("pt", "portuguese", "portugues", "portugais"),
}


def bare(text: str) -> str:
    """A client's text without the lines that fence it."""
    return _FENCE.sub("", text).strip()


def divisions(text: str) -> list[str]:
    """The divisions that a text mentions, in its order: "de esmeralda 4 a D1" gives E4, D1."""
    found = []
    for match in _DIVISION.finditer(folded(bare(text))):
        step = match["digit"] or match["step"]
        tier = (match["letter"] or _TIERS[match["tier"]]).upper()
        found.append(tier + _STEPS.get(step, step))
    return found


def wishes(text: str) -> set[str]:
    """What a text asks for: person, orders, prices, deal."""
    heard = folded(bare(text))
    return {name for name, pattern in _WISH_PATTERNS.items() if pattern.search(heard)}


def language_of(request: ModelRequest) -> str:
    """The language to answer in: what the instructions say ("Language: es", "Write in Spanish"), else the client's."""
    for match in _LANGUAGE_LINE.finditer(request.system):
        if found := _language_named(match[1]):
            return found
    heard = folded(bare(" ".join(request.client_texts[-5:]))).replace("?", " ").replace(",", " ").split()
    scores = {name: sum(word in common for word in heard) for name, common in _COMMON_WORDS.items()}
    return max(scores, key=lambda name: scores[name])


def _language_named(word: str) -> str | None:
    name = folded(word)
    return next((code for code, names in _LANGUAGES.items() if name in names), None)
