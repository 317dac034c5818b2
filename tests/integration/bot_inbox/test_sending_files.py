"""Staff send a picture or a paper with `/conversation reply`."""

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import discord
import pytest

from bot.cogs.conversation_files import keep_file
from domain.kernel.errors import InvalidInput
from sandbox.discord.drafts import Upload
from tests.integration.bot_inbox.desk import Desk

PNG = b"\x89PNG\r\n\x1a\n" + bytes(60)
PICTURE = Upload("0", "a.png", "image/png", PNG)


async def _sent(desk: Desk) -> list[dict[str, Any]]:
    system = await desk.system()
    sql = """SELECT m.kind, m.body, m.content, a.mime, a.path, a.file_name FROM messages m JOIN media a
             ON a.message_id = m.id WHERE m.tenant_id = $1 AND m.direction = 'out' ORDER BY m.position"""
    async with desk.stage.db.tx(system) as tx:
        return [dict(row) for row in await tx.rows(sql, system.tenant_id)]


async def test_a_picture_is_kept_sent_with_its_caption_and_shown_in_the_thread(desk: Desk) -> None:
    _, thread = await desk.shown("hola")
    options = {"text": "Mira", "file": Upload("0", "rank_1.png", "image/png", PNG)}
    said = await desk.slash(desk.sole, thread, "conversation reply", options)
    assert "On its way to **Marta**." in said.text
    [message] = await _sent(desk)
    assert (message["kind"], message["body"], message["mime"]) == ("image", "Mira", "image/png")
    assert (desk.data_dir / message["path"]).read_bytes() == PNG
    assert (desk.data_dir / message["path"]).resolve().is_relative_to(desk.data_dir.resolve())
    assert message["content"]["media_path"] == message["path"]
    await desk.stage.deliver()
    assert any(post.attachments and "Mira" in post.text for post in thread.messages)


async def test_a_file_alone_is_sent_too(desk: Desk) -> None:
    _, thread = await desk.shown("hola")
    rules = Upload("0", "rules.pdf", "application/pdf", b"%PDF-1.7")
    await desk.slash(desk.sole, thread, "conversation reply", {"file": rules})
    [message] = await _sent(desk)
    assert (message["kind"], message["body"], message["file_name"]) == ("document", "", "rules.pdf")


async def test_outside_the_window_templates_are_offered_and_no_file_is_kept(desk: Desk) -> None:
    _, thread = await desk.shown("hola")
    desk.stage.clock.advance(timedelta(hours=25))
    answered = await desk.slash(desk.sole, thread, "conversation reply", {"text": "mira", "file": PICTURE})
    assert "approved templates" in answered.text
    assert "> mira" in answered.text
    assert await _nothing(desk)


async def test_a_file_for_a_person_who_wants_nothing_more_is_dropped(desk: Desk) -> None:
    _, thread = await desk.shown("hola", "STOP")
    answered = await desk.slash(desk.sole, thread, "conversation reply", {"file": PICTURE})
    assert "Code: conversation.opted_out" in answered.text
    assert await _nothing(desk)


async def test_a_booster_sends_no_file(desk: Desk) -> None:
    await desk.shown("hola")
    answered = await desk.slash(desk.ana, desk.stage.lobby, "conversation reply", {"file": PICTURE, "conversation": 1})
    assert "Code: permission.denied" in answered.text
    assert await _nothing(desk)


async def test_what_is_too_big_is_not_even_fetched() -> None:
    about: Any = {"id": 1, "filename": "film.mp4", "size": 17 * 2**20, "url": "http://127.0.0.1:1/x", "proxy_url": "x"}
    nobody: Any = SimpleNamespace(http=None)
    with pytest.raises(InvalidInput, match="file_too_big"):
        await keep_file(nobody, Path("nowhere"), discord.Attachment(data=about, state=nobody))


async def _nothing(desk: Desk) -> bool:
    return await _sent(desk) == [] and not any(path.is_file() for path in desk.data_dir.rglob("*out-*"))
