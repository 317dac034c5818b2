"""The sealing keys: from the settings, or a file of our own beside the embedded database."""

import base64
import os
import secrets
from pathlib import Path

from app.settings import Settings
from app.settings_reader import wrong
from domain.kernel.sealing import Sealer

KEY_FILE = "sealing.key"


def open_sealer(settings: Settings) -> Sealer:
    """The sealer for the configured keys; with embedded storage and no key, one is made and kept, mode 0600.

    Raises:
        SettingsError: `GUILDHALL_SECRET_KEYS` is missing though the database is not ours, or holds a wrong key.
    """
    if settings.secret_keys is not None:
        return _sealer(_split(settings.secret_keys.get_secret_value()))
    if not settings.is_embedded:
        raise wrong("GUILDHALL_SECRET_KEYS", "missing; with DATABASE_URL the sealing keys are yours to keep")
    path = settings.data_dir / KEY_FILE
    make_data_dir(settings.data_dir)
    return _sealer(_split(_read_or_make(path)))


def make_data_dir(folder: Path) -> None:
    """Make the data folder.

    Raises:
        SettingsError: It cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise wrong("GUILDHALL_DATA_DIR", f"cannot be made ({exc.strerror})") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise wrong("GUILDHALL_DATA_DIR", "cannot be written by this user")


def check_data_dir(folder: Path) -> None:
    """Say whether a data folder that is not there yet could be made, without making it.

    Raises:
        SettingsError: It could not.
    """
    above = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    if not above.is_dir():
        raise wrong("GUILDHALL_DATA_DIR", f"cannot be made ({above} is no folder)")
    if not os.access(above, os.W_OK | os.X_OK):
        raise wrong("GUILDHALL_DATA_DIR", f"cannot be made ({above} cannot be written by this user)")


def _read_or_make(path: Path) -> str:
    if not path.exists():
        made = base64.b64encode(secrets.token_bytes(32)).decode()
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(made + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)  # fails where another process was faster, whose key is then ours too
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii")


def _split(text: str) -> list[str]:
    return [key for part in text.split(",") if (key := part.strip())]


def _sealer(keys: list[str]) -> Sealer:
    try:
        return Sealer(keys)
    except ValueError as exc:
        raise wrong("GUILDHALL_SECRET_KEYS", str(exc)) from None
