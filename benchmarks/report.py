"""Figures with their goals, as a table and as JSON."""

import json
import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Figure:
    """One measured value; `goal` says in words what it should be, `is_met` whether it was."""

    bench: str
    name: str
    value: float
    unit: str = ""
    goal: str = ""
    is_met: bool | None = None


def show(figures: list[Figure], folder: Path) -> None:
    """Print the table and write `bench.json`."""
    table = Table("benchmark", "figure", "value", "unit", "goal", "met")
    for figure in figures:
        met = "" if figure.is_met is None else ("yes" if figure.is_met else "NO")
        table.add_row(figure.bench, figure.name, f"{figure.value:,.2f}", figure.unit, figure.goal, met)
    Console(width=120).print(table)
    folder.mkdir(parents=True, exist_ok=True)
    machine = {"python": platform.python_version(), "cores": os.cpu_count(), "load_1min": os.getloadavg()[0]}
    body = {"machine": machine, "figures": [asdict(figure) for figure in figures]}
    (folder / "bench.json").write_text(json.dumps(body, indent=1) + "\n", encoding="utf-8")


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
