"""Fills in the options of a command, refusing what the client's form would not accept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.discord.drafts import Upload
from sandbox.discord.driver.lookup import goes_by
from sandbox.discord.driver.resolved import Resolved
from sandbox.discord.errors import ClientRefusal
from sandbox.discord.messages import Json
from sandbox.discord.state import Channel, Role, User
from sandbox.discord.world import World

STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = range(3, 12)
_EXACT_INTEGER = 2**53


class OptionFiller:
    """Turns what a person typed into the options of an interaction."""

    def __init__(self, world: World, user: User, channel: Channel) -> None:
        self._world = world
        self._user = user
        self._channel = channel
        self.resolved = Resolved(channel.guild, user)

    def fill(self, options: list[Json], values: Mapping[str, Any]) -> list[Json]:
        """Return the filled options, in the order of the registered ones.

        Raises:
            ClientRefusal: an unknown option, a missing required one, or a value that does not fit.
        """
        left = dict(values)
        filled = []
        for option in options:
            name = next((given for given in left if goes_by(option, given, self._user.locale)), None)
            if name is None:
                if option.get("required"):
                    raise ClientRefusal(f"option {option['name']!r} is required")
                continue
            value = self._fit(option, left.pop(name))
            filled.append({"name": option["name"], "type": option["type"], "value": value})
        if left:
            known = [option["name"] for option in options]
            raise ClientRefusal(f"no such options {sorted(left)}; there are {known}")
        return filled

    def _fit(self, option: Json, value: Any) -> Any:
        if option.get("choices"):
            return self._choice(option, value)
        fits: dict[int, Callable[[Json, Any], Any]] = {
            STRING: _fit_string,
            INTEGER: _fit_integer,
            NUMBER: _fit_number,
            BOOLEAN: _fit_boolean,
            USER: self._fit_user,
            CHANNEL: self._fit_channel,
            ROLE: self._fit_role,
            MENTIONABLE: self._fit_mentionable,
            ATTACHMENT: self._fit_file,
        }
        return fits[option["type"]](option, value)

    def _choice(self, option: Json, value: Any) -> Any:
        for choice in option["choices"]:
            if value == choice["value"] or (isinstance(value, str) and goes_by(choice, value, self._user.locale)):
                return choice["value"]
        names = [choice["name"] for choice in option["choices"]]
        raise ClientRefusal(f"{option['name']}: {value!r} is not one of {names}")

    def _fit_user(self, option: Json, value: Any) -> str:
        if not isinstance(value, User):
            raise ClientRefusal(f"{option['name']}: pick a user, not {value!r}")
        return self.resolved.add(value)

    def _fit_role(self, option: Json, value: Any) -> str:
        guild = self._channel.guild
        if not isinstance(value, Role) or guild is None or value.id not in guild.roles:
            raise ClientRefusal(f"{option['name']}: pick a role of this server, not {value!r}")
        return self.resolved.add(value)

    def _fit_mentionable(self, option: Json, value: Any) -> str:
        return self._fit_role(option, value) if isinstance(value, Role) else self._fit_user(option, value)

    def _fit_channel(self, option: Json, value: Any) -> str:
        if not isinstance(value, Channel) or not value.permissions_of(self._user):
            raise ClientRefusal(f"{option['name']}: pick a channel you can see, not {value!r}")
        kinds = option.get("channel_types")
        if kinds and int(value.kind) not in kinds:
            raise ClientRefusal(f"{option['name']}: #{value.name} is not of the types {kinds}")
        return self.resolved.add(value)

    def _fit_file(self, option: Json, value: Any) -> str:
        upload = as_upload(value)
        return self.resolved.add(self._world.posting.store(self._channel.id, upload, ephemeral=True))


def _fit_string(option: Json, value: Any) -> str:
    if not isinstance(value, str):
        raise ClientRefusal(f"{option['name']}: type a text, not {value!r}")
    least, most = option.get("min_length", 0), option.get("max_length", 6000)
    if not least <= len(value) <= most:
        raise ClientRefusal(f"{option['name']}: {len(value)} characters are not within {least} to {most}")
    return value


def _fit_integer(option: Json, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _EXACT_INTEGER:
        raise ClientRefusal(f"{option['name']}: type a whole number, not {value!r}")
    _within(option, value)
    return value


def _fit_number(option: Json, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ClientRefusal(f"{option['name']}: type a number, not {value!r}")
    _within(option, value)
    return value


def _within(option: Json, value: float) -> None:
    least, most = option.get("min_value"), option.get("max_value")
    if (least is not None and value < least) or (most is not None and value > most):
        raise ClientRefusal(f"{option['name']}: {value} is not within {least} to {most}")


def _fit_boolean(option: Json, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ClientRefusal(f"{option['name']}: pick true or false, not {value!r}")
    return value


def as_upload(value: Any) -> Upload:
    """Read a file from an `Upload` or a pair of name and bytes.

    Raises:
        ClientRefusal: it is neither.
    """
    if isinstance(value, Upload):
        return value
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], bytes):
        return Upload("0", value[0], _content_type(value[0]), value[1])
    raise ClientRefusal(f"attach a file as (name, bytes), not {value!r}")


def _content_type(filename: str) -> str:
    import mimetypes

    return mimetypes.guess_type(filename)[0] or "application/octet-stream"
