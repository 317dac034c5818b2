"""Which files WhatsApp takes: types and sizes."""

from __future__ import annotations

from sandbox.whatsapp.errors import GraphError

MAX_CAPTION = 1024
KINDS = ("image", "audio", "video", "document", "sticker")
_MIB = 1024 * 1024
MAX_STICKER_BYTES = {False: 100 * 1024, True: 500 * 1024}
MAX_BYTES = {
    "image": 5 * _MIB,
    "audio": 16 * _MIB,
    "video": 16 * _MIB,
    "document": 100 * _MIB,
    "sticker": 500 * 1024,
}
CLIENT_MAX_BYTES = MAX_BYTES | {"image": 16 * _MIB, "video": 64 * _MIB, "document": 2048 * _MIB}
_TYPES = {
    "image": {"image/jpeg", "image/png"},
    "audio": {"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"},
    "video": {"video/mp4", "video/3gpp"},
    "sticker": {"image/webp"},
}


def kind_of(mime_type: str) -> str:
    """Return which kind of message a type fits best; whatever else there is can be a document."""
    bare = mime_type.partition(";")[0].strip().lower()
    return next((kind for kind, types in _TYPES.items() if bare in types), "document")


def check(kind: str, mime_type: str, size_bytes: int, *, is_animated: bool = False) -> None:
    """Refuse a file that does not fit its kind.

    Raises:
        GraphError: 131053.
    """
    bare = mime_type.partition(";")[0].strip().lower()
    if kind in _TYPES and bare not in _TYPES[kind]:
        raise GraphError(131053, f"{kind}: {mime_type} is not one of {', '.join(sorted(_TYPES[kind]))}")
    if kind == "audio" and bare == "audio/ogg" and "codecs" in mime_type and "opus" not in mime_type:
        raise GraphError(131053, "audio: ogg is taken with the opus codec only")
    limit = MAX_STICKER_BYTES[is_animated] if kind == "sticker" else MAX_BYTES[kind]
    if size_bytes > limit:
        raise GraphError(131053, f"{kind}: {size_bytes} bytes, at most {limit}")
