"""Replies without what no reply may hold, and untrusted text as data that cannot leave its fence."""

import re
import unicodedata
from collections.abc import Collection
from urllib.parse import urlsplit

from domain.i18n.cutting import best_cut, grapheme_cut, sentence_cut
from domain.i18n.fold import fold

BUBBLE_LENGTH = 300
BUBBLES_COUNT = 2
_EMOJI_JOINERS = frozenset("\u200d\ufe0f")
_LINK = re.compile(
    r"\[(?P<label>[^\]\n]{0,300})\]\((?P<target>[^)\s]{0,300}+)[^)]{0,100}+\)"
    r"|(?P<url>\b[a-z][a-z0-9+.-]{1,15}://[^\s<>\"')\]]+|\bwww\.[^\s<>\"')\]]+"
    r"|(?<![a-z0-9-])(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,12}/[^\s<>\"')\]]*"
    r"|(?<![a-z0-9-])(?:[a-z0-9-]{2,63}\.){1,8}(?:com|net|org|io|gg|app|link|info|shop|xyz|ly)\b"
    r"(?:\.[a-z]{2})?(?::\d+)?[^\s<>\"')\]]*)",
    re.IGNORECASE,
)
_LEAKS = re.compile(
    r"<\|[a-z_]+\|>|\[/?inst\]|<</?sys>>|</?(?:system|assistant|developer|tool_call|tool_result)\b[^>]{0,200}>|⟦|⟧"
    r"|^[^\S\n]*(?:system|assistant|developer|tool|user)\s*:|\{\{.{0,200}?\}\}|\{%|\"(?:tool_calls|function_call)\""
    r"|\b(?:system|my) (?:prompt|instructions)\b|\bas an ai (?:language )?model\b|\bprompt d[eou] systeme?\b"
    r"|\bmis instrucciones (?:del sistema|internas)|\bmes instructions (?:systeme|internes)"
    r"|\bminhas instrucoes (?:do sistema|internas)|\b(?:prompt d[eo] sistema|prompt del sistema)\b"
    r"|\bcomo (?:un |um )?modelo de (?:lenguaje|linguagem)\b|\ben tant que modele de langage\b",
    re.IGNORECASE | re.MULTILINE,
)
_OPEN, _CLOSE = "⟦", "⟧"
_FENCED = re.compile(rf"{_OPEN}data: [^{_CLOSE}]*{_CLOSE}[^{_OPEN}]*{_OPEN}end of data{_CLOSE}")


def clean_text(text: str) -> str:
    """Without control characters, lone surrogates, bidi overrides and zero-width characters; emoji stay whole."""
    if "\ufe0f" not in text and text.replace("\n", "").isprintable():
        return text  # nothing of the kind is printable
    kept = [char for at, char in enumerate(text) if _is_kept(text, at, char)]
    return "".join(kept).replace("\r\n", "\n").replace("\r", "\n")


def clean_reply(text: str, allowed_hosts: Collection[str] = ()) -> str:
    """A reply ready to be judged: visible characters only, no foreign links, no runs of blank lines.

    A link is kept when its host is one of `allowed_hosts` or below one; of a Markdown link elsewhere the label stays.
    """
    shown = _LINK.sub(lambda match: _link(match, allowed_hosts), clean_text(text))
    lines = (re.sub(r"[ \t]{2,}", " ", line).rstrip() for line in shown.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def bubbles(text: str) -> list[str]:
    """The reply as it is sent: at most 2 messages of at most 300 characters, cut between paragraphs or sentences.

    What does not fit is dropped, whole sentences at a time; only a single sentence over the limit is cut, visibly.
    """
    found: list[str] = []
    rest = text.strip()
    while rest and len(found) < BUBBLES_COUNT:
        end = sentence_cut(rest, BUBBLE_LENGTH)
        if end is None and not found:
            end = best_cut(rest, BUBBLE_LENGTH - 1)
            return [rest[:end].rstrip() + "…"]
        if end is None:
            break
        end = _paragraph_end(rest, end) if len(rest) > BUBBLE_LENGTH else end
        found.append(rest[:end].strip())
        rest = rest[end:].strip()
    return found


def has_leak(text: str) -> bool:
    """Whether the reply shows our prompt, its fences, a chat template's marks, or speaks as a model."""
    return _LEAKS.search(clean_text(text)) is not None or _LEAKS.search(fold(text)) is not None


def fence(text: str, label: str, cap: int = 1_000) -> str:
    """Untrusted text as data for the model: cleaned, capped at `cap` characters, inside marks it cannot write itself.

    `label` is our own word for what it is ("message", "tool list_services"). Cut text says so.
    """
    safe = clean_text(unicodedata.normalize("NFC", text)).replace(_OPEN, "[").replace(_CLOSE, "]")
    safe = re.sub(r"<\|", "< |", safe)
    if len(safe) > cap:
        safe = safe[: grapheme_cut(safe, cap)] + " …(cut)"
    name = re.sub(r"[^a-z0-9 _.#-]", "", label.lower())[:60]
    return f"{_OPEN}data: {name}{_CLOSE}\n{safe}\n{_OPEN}end of data{_CLOSE}"


def unfenced(text: str) -> str:
    """Our own words of a text: without what stands in fences."""
    return _FENCED.sub(" ", text)


def _is_kept(text: str, at: int, char: str) -> bool:
    if char in "\n\t\r":
        return True
    if char in _EMOJI_JOINERS:
        return at > 0 and (unicodedata.category(text[at - 1]) in ("So", "Sk", "Mn") or text[at - 1] in "#*0123456789")
    is_new_emoji = "\U0001f000" <= char <= "\U0001fbff"  # newer than this Python's Unicode
    return is_new_emoji or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def _link(match: re.Match[str], allowed: Collection[str]) -> str:
    url = match["url"] or match["target"]
    if match["url"] is None and not url:
        return match["label"]
    if is_allowed(url, allowed):
        return match[0]
    return match["label"] or ""


def is_allowed(url: str, allowed_hosts: Collection[str]) -> bool:
    """Whether a link goes over http(s) to one of the hosts, without a user part that hides the real host."""
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return False
    is_web = parts.scheme in ("http", "https") and "@" not in parts.netloc and "\\" not in url
    return is_web and any(host == h.lower() or host.endswith("." + h.lower()) for h in allowed_hosts)


def _paragraph_end(text: str, end: int) -> int:
    """A paragraph's end before `end`, when the rest still fits into one bubble."""
    at = text.rfind("\n\n", 0, end)
    return at if at > 0 and len(text[at:].strip()) <= BUBBLE_LENGTH else end
