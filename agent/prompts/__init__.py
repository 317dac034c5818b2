"""The prompts: one file per purpose, filled with the shop's own words as data."""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template


def render(purpose: str, values: Mapping[str, object]) -> tuple[str, str]:
    """The prompt for a purpose, and its version: a hash of the file, so that a trace names what was said.

    Values are data: braces in them mean nothing.
    """
    template, version = _load(purpose)
    return template.render(values), version


@cache
def _load(purpose: str) -> tuple[Template, str]:
    name = f"{purpose}.md.jinja"
    folder = Path(__file__).parent
    # Text for a model, not for a browser: escaping would put &amp; into people's names.
    environment = Environment(  # noqa: S701 - see above
        loader=FileSystemLoader(folder), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    version = hashlib.sha256((folder / name).read_bytes()).hexdigest()[:12]
    return environment.get_template(name), f"{purpose}@{version}"
