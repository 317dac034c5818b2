"""What the source says about catalog keys: literals, patterns of f-strings, and the codes of domain errors."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[3]
ERRORS = {"DomainError", "NotFound", "PermissionDenied", "InvalidInput", "Conflict", "LimitReached", "Unavailable",
          "OutcomeUnknown"}  # fmt: skip
READERS = {"reader", "read", "words", "text"}
_KEY = re.compile(r"[a-z][a-z0-9_]*(\.[A-Za-z0-9_-]+)+")


@dataclass
class Source:
    """Everything the code says about texts."""

    literals: set[str] = field(default_factory=set)
    asked: dict[str, set[str] | None] = field(default_factory=dict)
    patterns: set[str] = field(default_factory=set)
    codes: dict[str, set[str] | None] = field(default_factory=dict)


@cache
def scan() -> Source:
    """Read every module of the doors and the domain."""
    found = Source()
    for folder in ("app", "bot", "domain"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            _scan_module(ast.parse(path.read_text(encoding="utf-8")), found)
    return found


def _scan_module(tree: ast.Module, found: Source) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _KEY.fullmatch(node.value):
            found.literals.add(node.value)
        elif isinstance(node, ast.JoinedStr):
            pattern = "".join(_piece(part) for part in node.values)
            if "." in pattern.replace("[^ ]+", ""):
                found.patterns.add(pattern)
        elif isinstance(node, ast.Call):
            _scan_call(node, found)


def _piece(part: ast.expr) -> str:
    return re.escape(str(part.value)) if isinstance(part, ast.Constant) else "[^ ]+"


def _scan_call(node: ast.Call, found: Source) -> None:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    for first in _constants(node.args[0]) if node.args else ():
        names = None if any(k.arg is None for k in node.keywords) else {str(k.arg) for k in node.keywords}
        if name in ERRORS:
            found.codes[first] = _common(found.codes.get(first, names), names)
        elif name in READERS and _KEY.fullmatch(first):
            found.asked[first] = _common(found.asked.get(first, names), names)


def _common(known: set[str] | None, names: set[str] | None) -> set[str] | None:
    """The parameters that every use gives; None when one use gives more than can be seen here."""
    return None if known is None or names is None else known & names


def _constants(node: ast.expr) -> Iterator[str]:
    """The strings an argument may be: a constant, or either side of a conditional."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _constants(node.body)
        yield from _constants(node.orelse)
