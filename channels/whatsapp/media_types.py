"""Which files come into the house: types by their content, never by name or claim, and sizes."""

from dataclasses import dataclass

import puremagic

from channels.whatsapp.archives import is_archive, office_sign

_MIB = 1024 * 1024
LIMITS_BYTES = {
    "image": 5 * _MIB, "audio": 16 * _MIB, "video": 16 * _MIB, "document": 100 * _MIB, "sticker": _MIB // 2,
}  # fmt: skip  # Meta's own limits of what may be sent
CAPTIONED = frozenset({"image", "video", "document"})
_SENT_AS = {
    "image": {"image/jpeg", "image/png"},
    "audio": {"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"},
    "video": {"video/mp4", "video/3gpp"},
    "sticker": {"image/webp"},
}
HEAD_BYTES = 8192
_OFFICE = "application/vnd.openxmlformats-officedocument."


@dataclass(frozen=True, slots=True)
class FileType:
    """A type that is kept under `ext`; `signs` are the endings by which its content is recognised."""

    mime: str
    ext: str
    signs: frozenset[str]


def _type(mime: str, ext: str, *signs: str) -> FileType:
    return FileType(mime, ext, frozenset({ext, *signs}))


_IMAGES = (_type("image/jpeg", ".jpg", ".jpeg", ".jfif"), _type("image/png", ".png"), _type("image/webp", ".webp"))
_SOUNDS = (
    _type("audio/ogg", ".ogg", ".oga"), _type("audio/mpeg", ".mp3", ".mpga"), _type("audio/aac", ".aac"),
    _type("audio/amr", ".amr"), _type("audio/mp4", ".m4a", ".f4a", ".mp4"),
)  # fmt: skip
_FILMS = (_type("video/mp4", ".mp4", ".m4v"), _type("video/3gpp", ".3gp", ".3ga"))
_PAPERS = (
    _type("application/pdf", ".pdf"),
    _type(f"{_OFFICE}wordprocessingml.document", ".docx"),
    _type(f"{_OFFICE}spreadsheetml.sheet", ".xlsx"),
    _type(f"{_OFFICE}presentationml.presentation", ".pptx"),
    _type("application/msword", ".doc"),
    _type("application/vnd.ms-excel", ".xls"),
    _type("application/rtf", ".rtf"),
)
_TEXTS = (_type("text/plain", ".txt"), _type("text/csv", ".csv"))
_ALLOWED = {
    "image": _IMAGES,
    "sticker": _IMAGES[2:],
    "audio": _SOUNDS,
    "video": _FILMS,
    "document": (*_PAPERS, *_IMAGES, *_FILMS, *_SOUNDS),
}
_LIKE_CODE = (b"<html", b"<!doctype", b"<svg", b"<script", b"<?xml", b"<?php", b"<body", b"<iframe")


def sent_as(mime: str) -> str:
    """Which kind of message a file of ours is sent as; what is nothing else is a document."""
    return next((kind for kind, mimes in _SENT_AS.items() if _bare(mime) in mimes), "document")


def kind_of(mime: str, file_name: str) -> str:
    """What a message's file claims to be: only documents have a name."""
    if file_name:
        return "document"
    bare = _bare(mime)
    if bare == "image/webp":
        return "sticker"
    main = bare.partition("/")[0]
    return main if main in ("image", "audio", "video") else "document"


def sniff(kind: str, mime: str, head: bytes, tail: bytes = b"") -> FileType | None:
    """What the content is, among the types allowed for its kind; None when it is none of them.

    Args:
        kind: image, audio, video, sticker or document.
        mime: What the provider says; it decides between types whose content looks alike.
        head: The first `HEAD_BYTES` of the file.
        tail: The last `TAIL_BYTES` of an archive, which say what it holds: a document, or anything at all.
    """
    signs = _archive_signs(tail) if is_archive(head) else _signs(head)
    found = [one for one in _ALLOWED[kind] if one.signs & signs]
    claimed = [one for one in found if one.mime == _bare(mime)]
    if found:
        return (claimed or found)[0]
    if kind == "document" and not signs and _is_text(head):
        return next((one for one in _TEXTS if one.mime == _bare(mime)), None)
    return None


def _archive_signs(tail: bytes) -> set[str]:
    """One sign at most; a name that no type has stands for all other archives, so that none is taken for text."""
    return {office_sign(tail) or ".zip"}


def _signs(head: bytes) -> set[str]:
    try:
        return {match.extension.lower() for match in puremagic.magic_string(head)}
    except (puremagic.PureError, ValueError):
        return set()


def _is_text(head: bytes) -> bool:
    try:
        head.decode("utf-8", "strict")
    except UnicodeDecodeError as exc:
        if exc.start < len(head) - 3:  # a character cut at the end is no sign
            return False
    lowered = head.lower()
    return b"\0" not in head and not head.startswith(b"#!") and not any(mark in lowered for mark in _LIKE_CODE)


def _bare(mime: str) -> str:
    return mime.partition(";")[0].strip().lower()
