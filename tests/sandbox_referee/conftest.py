"""The published description of Discord, where it is present."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.discord.referee import OpenApiReferee
from sandbox.discord.referee_deviations import load_deviations
from tests.fixtures.discord_description import compiled
from tests.fixtures.discord_description import description_path as found_description


@pytest.fixture(scope="session")
def description_path() -> Path:
    """Where Discord's OpenAPI description is; the test is skipped where it is absent."""
    path = found_description()
    if path is None:
        pytest.skip("discord-openapi.json is absent: set GUILDHALL_TEST_DATA to the folder that holds it")
    return path


@pytest.fixture
def referee(description_path: Path) -> OpenApiReferee:
    """A referee that has seen nothing yet."""
    return OpenApiReferee(compiled(description_path), load_deviations())
