"""The commands that a bot registered: checked at upload, looked up when a person types one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sandbox.discord.errors import ApiError, FormErrors, unknown
from sandbox.discord.messages import Json

if TYPE_CHECKING:
    from sandbox.discord.world import World

CHAT, USER, MESSAGE = 1, 2, 3
SUBCOMMAND, GROUP = 1, 2
_NAME = re.compile(r"^[-_'\w]{1,32}$", re.UNICODE)
_LIMITS = {CHAT: 100, USER: 15, MESSAGE: 15}
_DROPPED = ("id", "application_id", "guild_id", "version", "default_permission")
_EMPTY: tuple[Any, ...] = (None, [], {})


class CommandRegistry:
    """Global commands under the key None, guild commands under the guild's id."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._scopes: dict[int | None, dict[int, Json]] = {}

    def listed(self, guild_id: int | None) -> list[Json]:
        """Return the commands of one scope, as Discord answers them."""
        return list(self._scopes.get(guild_id, {}).values())

    def get(self, guild_id: int | None, command_id: int) -> Json:
        """Return one command or raise 10063."""
        command = self._scopes.get(guild_id, {}).get(command_id)
        if command is None:
            raise unknown("application command")
        return command

    def replace(self, guild_id: int | None, commands: list[Json]) -> list[Json]:
        """Replace a whole scope; a command keeps its id when its type and name stay."""
        check_commands(commands)
        known = {(c["type"], c["name"]): c for c in self.listed(guild_id)}
        scope: dict[int, Json] = {}
        for raw in commands:
            old = known.get((raw.get("type") or CHAT, raw["name"]))
            stored = self._stored(raw, guild_id, old)
            scope[int(stored["id"])] = stored
        self._scopes[guild_id] = scope
        return self.listed(guild_id)

    def upsert(self, guild_id: int | None, raw: Json) -> tuple[Json, bool]:
        """Create a command or replace the one of its name; the flag tells whether it is new."""
        scope = self._scopes.setdefault(guild_id, {})
        same = [c for c in scope.values() if (c["type"], c["name"]) == (raw.get("type") or CHAT, raw["name"])]
        others = [c for c in scope.values() if c not in same]
        check_commands([*others, raw])
        stored = self._stored(raw, guild_id, same[0] if same else None)
        scope[int(stored["id"])] = stored
        return stored, not same

    def change(self, guild_id: int | None, command_id: int, changes: Json) -> Json:
        """Change parts of a command."""
        old = self.get(guild_id, command_id)
        raw = old | changes
        check_commands([raw])
        self._scopes[guild_id][command_id] = stored = self._stored(raw, guild_id, old)
        return stored

    def remove(self, guild_id: int | None, command_id: int) -> None:
        """Forget a command."""
        self.get(guild_id, command_id)
        del self._scopes[guild_id][command_id]

    def _stored(self, raw: Json, guild_id: int | None, old: Json | None) -> Json:
        kind = raw.get("type") or CHAT
        bits = raw.get("default_member_permissions")
        command: Json = {
            "id": old["id"] if old is not None else str(self._world.ids.next()),
            "application_id": str(self._world.application_id),
            "version": str(self._world.ids.next()),
            "default_member_permissions": None if bits is None else str(bits),
            "type": kind,
            "name": raw["name"],
            "name_localizations": raw.get("name_localizations") or None,
            "description": raw.get("description") or "",
            "description_localizations": raw.get("description_localizations") or None,
            "nsfw": bool(raw.get("nsfw")),
            "integration_types": raw.get("integration_types") or [0],
        }
        if raw.get("options"):
            command["options"] = [_clean(option) for option in raw["options"]]
        if guild_id is not None:
            command["guild_id"] = str(guild_id)
        else:
            contexts = raw.get("contexts")
            dm = raw.get("dm_permission", True) is not False
            command["contexts"] = contexts or ([0, 1, 2] if dm else [0])
            command["dm_permission"] = 1 in command["contexts"]
        return command


def _clean(raw: Any) -> Any:
    if isinstance(raw, dict):
        return {key: _clean(value) for key, value in raw.items() if value not in _EMPTY}
    if isinstance(raw, list):
        return [_clean(item) for item in raw]
    return raw


def check_commands(commands: list[Json]) -> None:
    """Refuse a set of commands that Discord would refuse.

    Raises:
        ApiError: 50035 with every complaint, 30032 too many.
    """
    form = FormErrors()
    counts: dict[int, int] = {}
    seen: set[tuple[int, str]] = set()
    for index, command in enumerate(commands):
        kind = command.get("type") or CHAT
        counts[kind] = counts.get(kind, 0) + 1
        key = (kind, str(command.get("name")))
        if key in seen:
            form.add(str(index), "APPLICATION_COMMANDS_DUPLICATE_NAME", "Names must be unique")
        seen.add(key)
        _check_command(command, kind, str(index), form)
    if any(count > _LIMITS.get(kind, 0) for kind, count in counts.items()):
        raise ApiError(400, 30032, "Maximum number of application commands reached (100).")
    form.raise_if_any()


def _check_command(command: Json, kind: int, path: str, form: FormErrors) -> None:
    name = command.get("name") or ""
    if kind == CHAT:
        _check_named(command, path, form)
        _check_options(command.get("options") or [], path, form, depth=0)
    elif not 1 <= len(name) <= 32:
        form.bad_length(f"{path}.name", 1, 32)


def _check_named(node: Json, path: str, form: FormErrors) -> None:
    names = {"": node.get("name") or "", **(node.get("name_localizations") or {})}
    for locale, name in names.items():
        if not _NAME.match(name) or name != name.lower():
            where = f"{path}.name_localizations.{locale}" if locale else f"{path}.name"
            form.add(where, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
    texts = {"": node.get("description") or "", **(node.get("description_localizations") or {})}
    for locale, text in texts.items():
        if not 1 <= len(text) <= 100:
            where = f"{path}.description_localizations.{locale}" if locale else f"{path}.description"
            form.bad_length(where, 1, 100)


def _check_options(options: list[Json], path: str, form: FormErrors, *, depth: int) -> None:
    if len(options) > 25:
        form.bad_length(f"{path}.options", 0, 25)
    optional_seen = False
    names: set[str] = set()
    for index, option in enumerate(options):
        where = f"{path}.options.{index}"
        _check_named(option, where, form)
        if option.get("name") in names:
            form.add(where, "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option name already exists")
        names.add(str(option.get("name")))
        if option.get("type") in (SUBCOMMAND, GROUP):
            if (option["type"] == GROUP and depth > 0) or depth > 1:
                form.add(where, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Sub-command group is too deep")
            _check_options(option.get("options") or [], where, form, depth=depth + 1)
            continue
        if option.get("required") and optional_seen:
            text = "Required options must be placed before non-required options"
            form.add(where, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", text)
        optional_seen = optional_seen or not option.get("required")
        _check_choices(option, where, form)


def _check_choices(option: Json, path: str, form: FormErrors) -> None:
    choices = option.get("choices") or []
    if len(choices) > 25:
        form.bad_length(f"{path}.choices", 0, 25)
    if choices and option.get("autocomplete"):
        text = "Autocomplete and choices are mutually exclusive"
        form.add(path, "APPLICATION_COMMAND_AUTOCOMPLETE_CHOICES", text)
    for index, choice in enumerate(choices):
        if not 1 <= len(str(choice.get("name") or "")) <= 100:
            form.bad_length(f"{path}.choices.{index}.name", 1, 100)
