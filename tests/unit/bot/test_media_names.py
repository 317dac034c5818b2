"""Files of messages get names that say what they are."""

from typing import Any

import pytest

from bot.ui.media_files import file_name
from domain.conversations.dto import MediaInfo


def _media(mime: str, name: str = "", **changes: Any) -> MediaInfo:
    values: dict[str, Any] = {
        "mime": mime, "file_name": name, "size_bytes": 10, "path": "x", "is_voice": False, "state": "stored",
        "error": None, "transcript": None, "is_transcript_sure": None, "provider_media_id": "1", "sha256": "",
    }  # fmt: skip
    return MediaInfo(**{**values, **changes})


@pytest.mark.parametrize(
    ("media", "name"),
    [
        (_media("audio/ogg; codecs=opus", is_voice=True), "voice.ogg"),
        (_media("audio/ogg"), "file.ogg"),
        (_media("image/jpeg"), "file.jpg"),
        (_media("audio/amr", is_voice=True), "voice.amr"),
        (_media("application/pdf", "My file.pdf"), "My_file.pdf"),
    ],
)
def test_a_file_has_a_name_and_the_ending_people_know(media: MediaInfo, name: str) -> None:
    assert file_name(media) == name
