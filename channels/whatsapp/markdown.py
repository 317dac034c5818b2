"""A model's Markdown as WhatsApp's own marks, and long text in pieces.

WhatsApp knows `*bold*`, `_italic_`, `~strike~`, `` `code` ``, ```` ```mono``` ````, lists and `> ` quotes; a mark must
touch a word boundary and holds within one line (its help page "How to format your messages"). All else shows literally.
"""

import re
from collections.abc import Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from channels.whatsapp.limits import TEXT
from domain.i18n.cutting import best_cut

_OFF = ("code", "html_block", "html_inline", "lheading", "reference", "entity", "image")
_PAIR = re.compile(r"```[\s\S]+?```|(?<!\w)([*_~`])(?=\S)[^\n]*?(?<=\S)\1(?!\w)")


def to_whatsapp(markdown: str) -> str:
    """The text as WhatsApp shows it formatted. Text that is already WhatsApp's (`*x*`) stays as it is.

    Headings become bold lines, links "text: address", tables one line per row. What only looks like a mark (`3*4`,
    `snake_case`) is left alone. Blank lines are kept to one.
    """
    root = SyntaxTreeNode(_parser().parse(markdown))
    return _blocks(root.children, "\n\n").strip()


def split_text(text: str, limit: int = TEXT) -> list[str]:
    """The text in pieces of at most `limit` characters, none empty.

    Cut after a paragraph, else a line, a sentence, a word, never inside a grapheme, and never between the two marks
    of a pair: the cut moves before it. The marks of a pair longer than `limit` are dropped.
    """
    rest = _without_long_pairs(text, limit).strip()
    pieces: list[str] = []
    while rest:
        cut = best_cut(rest, limit)
        if cut < len(rest):
            cut = _outside_pairs(rest, cut)
        if piece := rest[:cut].strip():
            pieces.append(piece)
        rest = rest[cut:].strip()
    return pieces


@cache
def _parser() -> MarkdownIt:
    """The parser, made once; it holds no state between texts."""
    return MarkdownIt("commonmark").enable(["strikethrough", "table"]).disable(list(_OFF))


def _blocks(nodes: Sequence[SyntaxTreeNode], between: str) -> str:
    return between.join(shown for node in nodes if (shown := _block(node)))


def _block(node: SyntaxTreeNode) -> str:
    match node.type:
        case "heading":
            return _wrapped(_inline(node.children[0], "*"), "*")
        case "paragraph":
            return _inline(node.children[0])
        case "blockquote":
            return "\n".join(f"> {line}".rstrip() for line in _blocks(node.children, "\n").split("\n"))
        case "bullet_list" | "ordered_list":
            return _list(node)
        case "fence":
            return _mono(node.content.rstrip("\n"))
        case "table":
            return _table(node)
    return ""  # a rule between paragraphs: the blank line says it


def _list(node: SyntaxTreeNode) -> str:
    first = int(node.attrs.get("start", 1))
    lines: list[str] = []
    for number, item in enumerate(node.children, first):
        # "+ 5 USD" is a sum more often than a list: the sign stays
        mark = f"{number}." if node.type == "ordered_list" else "+" if item.markup == "+" else "-"
        head, *more = _blocks(item.children, "\n").split("\n")
        lines += [f"{mark} {head}".rstrip(), *(f"  {line}".rstrip() for line in more)]
    return "\n".join(lines)


def _table(node: SyntaxTreeNode) -> str:
    lines = []
    for row in (row for part in node.children for row in part.children):
        is_head = row.children[0].type == "th"
        cells = [_inline(cell.children[0], "*" if is_head else "") if cell.children else "" for cell in row.children]
        line = " | ".join(cells)
        lines.append(_wrapped(line, "*") if is_head else line)
    return "\n".join(lines)


def _inline(node: SyntaxTreeNode, inside: str = "") -> str:
    """The inline content; `inside` are the marks already open around it, which are not opened twice."""
    shown = ""
    parts = [_piece(child, inside) for child in node.children]
    for at, (plain, marked) in enumerate(parts):
        before = shown[-1:] if marked else ""
        after = next((p for p, _ in parts[at + 1 :] if p), "")[:1]
        sign = node.children[at].markup
        if before.isdigit() or after.isdigit():  # 3*4*5 is a product, not bold
            shown += f"{sign}{plain}{sign}" if sign and plain != marked else marked
        else:
            shown += plain if _is_word(before) or _is_word(after) else marked
    return shown


def _piece(node: SyntaxTreeNode, inside: str) -> tuple[str, str]:
    """The piece without its own marks, and with them."""
    match node.type:
        case "softbreak" | "hardbreak":
            return "\n", "\n"
        case "code_inline":
            return node.content, _mono(node.content) if len(node.markup) > 2 else _wrapped(node.content, "`")
        case "strong" | "em" | "s":
            mark = _mark(node, inside)
            plain = _inline(node, inside + mark)
            return plain, plain if mark in inside else _wrapped(plain, mark)
        case "link":
            shown = _link(node, inside)
            return shown, shown
    return node.content, node.content


def _mark(node: SyntaxTreeNode, inside: str) -> str:
    if node.type == "s":
        return "~"
    if node.type == "strong":
        return "*"
    # a single star is WhatsApp's own bold, kept as written; within bold it can only be italic
    nested = "*" in inside or any(child.type == "strong" for child in node.walk(include_self=False))
    return "_" if node.markup == "_" or nested else "*"


def _link(node: SyntaxTreeNode, inside: str) -> str:
    address = str(node.attrs.get("href", ""))
    text = _inline(node, inside).strip()
    bare = address.removeprefix("mailto:").removeprefix("tel:")
    return bare if not text or node.info == "auto" or text in (address, bare) else f"{text}: {bare}"


def _wrapped(text: str, mark: str) -> str:
    """Each line between marks that touch its words; as it is when it holds the mark itself."""
    if mark in text:
        return text
    return "\n".join(
        re.sub(r"\S(?:.*\S)?", lambda m: f"{mark}{m[0]}{mark}", line, count=1) for line in text.split("\n")
    )


def _mono(text: str) -> str:
    """Monospace: on one line when it is one line, else between marks on lines of their own."""
    if "```" in text or not text.strip():
        return text
    return f"```\n{text}\n```" if "\n" in text else f"```{text}```"


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def _outside_pairs(text: str, cut: int) -> int:
    """The cut moved before the pair it falls into; after it when the pair begins the text."""
    for pair in _PAIR.finditer(text):
        if pair.start() < cut < pair.end():
            return pair.start() if text[: pair.start()].strip() else pair.end()
    return cut


def _without_long_pairs(text: str, limit: int) -> str:
    def shortened(match: re.Match[str]) -> str:
        marks = 3 if match[0].startswith("```") else 1
        return match[0] if len(match[0]) <= limit else match[0][marks:-marks]

    while (shorter := _PAIR.sub(shortened, text)) != text:
        text = shorter
    return text
