"""A conversation as a text file."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from domain.contacts.dto import Contact
from domain.conversations.content import told
from domain.conversations.dto import Conversation, Direction
from domain.conversations.messages import media_of
from domain.i18n.reader import Reader
from domain.kernel.db import Row
from domain.tenancy.dto import Tenant

_QUOTE_LENGTH = 60


def write_transcript(conversation: Conversation, contact: Contact, rows: Sequence[Row], tenant: Tenant) -> str:
    """Every message on its own line, oldest first, with what it quotes, what it said before, its files and notes."""
    read, zone = Reader(tenant.locale, tenant.zone), ZoneInfo(tenant.zone)
    by_provider = {row["provider_id"]: row for row in rows if row["provider_id"]}
    name = contact.name or contact.phone
    head = read("transcript.title", conversation=conversation.number, shop=tenant.name, contact=name, zone=tenant.zone)
    lines = [head, ""]
    for row in rows:
        at = row["sent_at"].astimezone(zone).strftime("%Y-%m-%d %H:%M")
        lines.append(f"[{at}] {_who(read, row, name)}: {_what(read, row)}")
        lines += [f"    {extra}" for extra in _extras(read, row, by_provider.get(row["reply_to_provider_id"]), name)]
    return "\n".join(lines) + "\n"


def _who(read: Reader, row: Row, contact_name: str) -> str:
    if row["direction"] == Direction.IN:
        return contact_name
    key = "note" if row["direction"] == Direction.NOTE else row["author"]
    return read(f"transcript.{key}", name=row["author_label"])


def _what(read: Reader, row: Row) -> str:
    parts = [row["body"]] if row["body"] else []
    media = media_of(row)
    if media is not None:
        parts.append(read("transcript.file", name=media.file_name or _kind(read, row), kind=media.mime))
        if media.transcript:
            parts.append(read("transcript.heard", text=media.transcript))
    elif row["kind"] not in ("text", "choice", "interactive") or not parts:
        parts.append(f"({_kind(read, row)})")
    parts += filter(None, [told(row["kind"], row["content"], read)])
    parts += [f"[{title}]" for _, title, _ in row["content"].get("options", ())]
    return " ".join(parts).replace("\n", "\n    ")


def _kind(read: Reader, row: Row) -> str:
    key = f"conversation.kind.{row['kind']}"
    return read(key) if read.has(key) else str(row["kind"])


def _extras(read: Reader, row: Row, quoted: Row | None, name: str) -> list[str]:
    found = []
    if quoted is not None:
        found.append(read("transcript.quotes", text=quoted["body"][:_QUOTE_LENGTH].replace("\n", " ")))
    found += [read("transcript.earlier", text=entry["text"].replace("\n", " ")) for entry in row["earlier"]]
    found += [
        read("transcript.reaction_shop" if who == "shop" else "transcript.reaction_contact", emoji=emoji, name=name)
        for who, emoji in sorted(row["reactions"].items())
    ]
    if row["deleted_at"] is not None:
        found.append(read("transcript.deleted"))
    if row["state"] == "failed":
        found.append(read("transcript.failed", error=row["error"] or ""))
    return found
