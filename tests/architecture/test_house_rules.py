"""Rules of the house that no linter knows: sizes, broad excepts, who starts tasks, what is left lying about."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {"agent", "app", "bot", "channels", "domain", "migrations", "sandbox", "tests", "benchmarks"}
SUPERVISORS = {"app/job_runner.py", "app/clock.py", "app/web.py"}  # worker, clock, web: each says why


def _sources() -> Iterator[tuple[str, str]]:
    tracked = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in tracked.stdout.split():
        path = ROOT / name
        if path.exists():
            yield name, path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def sources() -> dict[str, str]:
    """Every tracked file's text; read when asked for, because every test process imports this."""
    return dict(_sources())


@pytest.fixture(scope="module")
def trees(sources: dict[str, str]) -> dict[str, ast.Module]:
    """The same, parsed."""
    return {name: ast.parse(text) for name, text in sources.items()}


def test_every_package_at_the_top_is_placed() -> None:
    found = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert found == PACKAGES


def test_no_file_is_longer_than_400_lines(sources: dict[str, str]) -> None:
    assert {name: n for name, text in sources.items() if (n := len(text.splitlines())) > 400} == {}


def test_no_function_is_longer_than_50_lines(trees: dict[str, ast.Module]) -> None:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    long = [
        f"{name}:{node.lineno} {node.name}"
        for name, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, functions) and (node.end_lineno or 0) - node.lineno >= 50
    ]
    assert long == []


def test_broad_excepts_stand_in_the_three_supervisors_only(trees: dict[str, ast.Module]) -> None:
    def is_broad(node: ast.AST) -> bool:
        if not isinstance(node, ast.ExceptHandler):
            return False
        caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        return any(kind is None or (isinstance(kind, ast.Name) and kind.id == "Exception") for kind in caught)

    found = {name for name, tree in trees.items() for node in ast.walk(tree) if is_broad(node)}
    assert found <= SUPERVISORS


def test_nothing_is_left_for_later(sources: dict[str, str]) -> None:
    later = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedError")
    assert [name for name, text in sources.items() if later.search(text) and "architecture" not in name] == []


def test_every_ignore_has_a_reason(sources: dict[str, str]) -> None:
    bare = re.compile(r"#\s*(type: ignore|noqa)\s*(\[[^\]]*\]|:\s*[A-Z0-9, ]+)?\s*$", re.MULTILINE)
    assert [name for name, text in sources.items() if bare.search(text)] == []


@pytest.mark.parametrize("package", ["bot", "sandbox"])
def test_sql_stays_out_of_the_doors(sources: dict[str, str], package: str) -> None:
    sql = re.compile(r"\b(SELECT .+ FROM|INSERT INTO|UPDATE \w+ SET|DELETE FROM)\b")
    assert [name for name, text in sources.items() if name.startswith(package) and sql.search(text)] == []
