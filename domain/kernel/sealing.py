"""Secrets at rest: AES-256-GCM, the key's id with each value, any number of old keys."""

import base64
import binascii
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_FORMAT = b"\x01"
_KEY_ID_BYTES = 8
_NONCE_BYTES = 12
_HEAD_BYTES = len(_FORMAT) + _KEY_ID_BYTES + _NONCE_BYTES


class SealBroken(Exception):
    """A sealed value cannot be opened: its key is not configured, or it was moved or changed."""


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many values were sealed anew under the first key, and how many no configured key opens."""

    count: int = 0
    broken_count: int = 0

    def __add__(self, other: "Resealed") -> "Resealed":
        """Both together."""
        return Resealed(self.count + other.count, self.broken_count + other.broken_count)


class Sealer:
    """Seals with the first key and opens with any; what was sealed for one tenant and purpose opens only there."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Take the keys as they stand in the settings.

        Args:
            keys: Base64 (standard or URL-safe) of 32 random bytes each; the first seals.

        Raises:
            ValueError: There is none, or one is not 32 bytes; the message names its place, never the key.
        """
        if not keys:
            raise ValueError("at least one sealing key is needed")
        raw = [_decoded(key, place) for place, key in enumerate(keys, start=1)]
        self._ciphers = {hashlib.sha256(key).digest()[:_KEY_ID_BYTES]: AESGCM(key) for key in raw}
        self._first_id = next(iter(self._ciphers))

    def seal(self, text: str, tenant_id: UUID, purpose: str) -> bytes:
        """The text, sealed for a tenant and a purpose such as `payout:<member id>`."""
        nonce = os.urandom(_NONCE_BYTES)
        cipher = self._ciphers[self._first_id]
        body = cipher.encrypt(nonce, text.encode(), _bound_to(tenant_id, purpose))
        return _FORMAT + self._first_id + nonce + body

    def open(self, sealed: bytes, tenant_id: UUID, purpose: str) -> str:
        """The text of a sealed value.

        Raises:
            SealBroken: The key is unknown, or the value belongs elsewhere or was changed.
        """
        cipher = self._ciphers.get(_key_id(sealed))
        if cipher is None or not sealed.startswith(_FORMAT):
            raise SealBroken("no configured key opens this value")
        nonce = sealed[len(_FORMAT) + _KEY_ID_BYTES : _HEAD_BYTES]
        try:
            return cipher.decrypt(nonce, sealed[_HEAD_BYTES:], _bound_to(tenant_id, purpose)).decode()
        except InvalidTag as exc:
            raise SealBroken("the value was changed, or sealed for something else") from exc

    def is_current(self, sealed: bytes) -> bool:
        """Whether the first key sealed it; otherwise rotation seals it again."""
        return _key_id(sealed) == self._first_id

    def reseal(self, sealed: bytes, tenant_id: UUID, purpose: str) -> bytes:
        """The same text under the first key."""
        return self.seal(self.open(sealed, tenant_id, purpose), tenant_id, purpose)

    def renewed(
        self, values: Sequence[tuple[bytes | None, str]], tenant_id: UUID
    ) -> tuple[list[bytes | None], Resealed]:  # fmt: skip
        """Several values of a tenant, each with its purpose, under the first key; what no key opens stays as it is."""
        found: list[bytes | None] = []
        done = Resealed()
        for sealed, purpose in values:
            if sealed is None or self.is_current(sealed):
                found.append(sealed)
                continue
            try:
                found.append(self.reseal(sealed, tenant_id, purpose))
                done += Resealed(count=1)
            except SealBroken:
                found.append(sealed)
                done += Resealed(broken_count=1)
        return found, done


def _decoded(key: str, place: int) -> bytes:
    try:
        raw = base64.b64decode(key.strip().replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != 32:
        # `from None`: the cause would carry the key into a traceback.
        raise ValueError(f"sealing key {place} is not base64 of 32 bytes") from None
    return raw


def _key_id(sealed: bytes) -> bytes:
    return sealed[len(_FORMAT) : len(_FORMAT) + _KEY_ID_BYTES]


def _bound_to(tenant_id: UUID, purpose: str) -> bytes:
    return f"{tenant_id}:{purpose}".encode()
