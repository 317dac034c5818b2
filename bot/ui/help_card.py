"""The help card: the commands somebody may use, in groups, with what the channel is for."""

from collections.abc import Iterable, Mapping, Sequence

from bot.ui.cards import Card, card
from domain.i18n.reader import Reader
from domain.kernel.actor import Actor
from domain.tenancy.dto import Purpose
from domain.tenancy.policy import Permission, allows

# What a command needs, by its English name; the service checks it again.
NEEDS: Mapping[str, Permission | None] = {
    "claim": Permission.ORDER_CLAIM,
    "me": Permission.OWN_EARNINGS,
    "order new": Permission.ORDER_CREATE,
    "order show": Permission.ORDER_LIST,
    "order list": Permission.ORDER_LIST,
    "order progress": Permission.ORDER_WORK,
    "order complete": Permission.ORDER_WORK,
    "order release": Permission.ORDER_WORK,
    "order abandon": Permission.ORDER_WORK,
    "order pause": Permission.ORDER_RUN,
    "order resume": Permission.ORDER_RUN,
    "order extend": Permission.ORDER_RUN,
    "order cancel": Permission.ORDER_RUN,
    "order ban": Permission.ORDER_RUN,
    "order adjust": Permission.ORDER_ADJUST,
    "order reopen": Permission.ORDER_REOPEN,
    "close": Permission.DAY_CLOSE,
    "payroll": Permission.PAYROLL_SEE,
    "payroll-runs list": Permission.PAYROLL_SEE,
    "payroll-runs show": Permission.PAYROLL_SEE,
    "conversation list": Permission.CONVERSATION_SEE,
    "conversation show": Permission.CONVERSATION_SEE,
    "conversation reply": Permission.CONVERSATION_REPLY,
    "conversation template": Permission.CONVERSATION_REPLY,
    "conversation react": Permission.CONVERSATION_REPLY,
    "conversation note": Permission.CONVERSATION_SEE,
    "conversation takeover": Permission.CONVERSATION_REPLY,
    "conversation giveback": Permission.CONVERSATION_REPLY,
    "conversation assign": Permission.CONVERSATION_REPLY,
    "conversation snooze": Permission.CONVERSATION_REPLY,
    "conversation close": Permission.CONVERSATION_REPLY,
    "conversation reopen": Permission.CONVERSATION_REPLY,
    "conversation transcript": Permission.CONVERSATION_SEE,
    "conversation block": Permission.CONTACT_CHANGE,
    "conversation unblock": Permission.CONTACT_CHANGE,
    "conversation merge": Permission.CONTACT_CHANGE,
    "conversation merges": Permission.CONTACT_CHANGE,
    "conversation link": Permission.CONTACT_CHANGE,
    "conversation unlink": Permission.CONTACT_CHANGE,
    "canned list": Permission.CONVERSATION_SEE,
    "canned save": Permission.CONVERSATION_REPLY,
    "canned delete": Permission.CONVERSATION_REPLY,
    "lead list": Permission.LEAD_SEE,
    "lead show": Permission.LEAD_SEE,
    "lead stage": Permission.LEAD_CHANGE,
    "lead assign": Permission.LEAD_CHANGE,
    "lead note": Permission.LEAD_CHANGE,
    "lead tag": Permission.LEAD_CHANGE,
    "agent show": Permission.AGENT_SEE,
    "agent trace": Permission.AGENT_SEE,
    "agent scope": Permission.AGENT_CHANGE,
    "agent limits": Permission.AGENT_CHANGE,
    "agent off": Permission.AGENT_CHANGE,
    "agent on": Permission.AGENT_CHANGE,
    "tariff list": Permission.TARIFF_LIST,
    "tariff set": Permission.TARIFF_CHANGE,
    "staff list": Permission.STAFF_LIST,
    "staff add": Permission.STAFF_CHANGE,
    "staff suspend": Permission.STAFF_CHANGE,
    "staff limits": Permission.STAFF_CHANGE,
    "setup": Permission.SETTINGS_CHANGE,
    "help": None,
}
GROUPS: Mapping[str, tuple[str, ...]] = {
    "work": ("claim", "me", "order"),
    "customers": ("conversation", "canned", "lead", "agent"),
    "money": ("close", "payroll", "payroll-runs", "tariff"),
    "shop": ("staff", "setup", "help"),
}
_ROOM = 3900  # of Discord's 4,000 characters; the title takes some
_PLACES = (Purpose.ORDERS, Purpose.LOG, Purpose.PAYROLL, Purpose.CLOSE, Purpose.CONVERSATIONS, Purpose.LEADS)


def usable(actor: Actor, names: Iterable[str]) -> list[str]:
    """The commands the actor's roles allow, in the help's order."""
    known = set(names)
    return [
        name for name, need in NEEDS.items() if name in known and (need is None or allows(actor, need))
    ]  # fmt: skip


def help_card(read: Reader, actor: Actor, names: Iterable[str], ids: Mapping[str, int], place: Purpose | None) -> Card:
    """Help for somebody in a shop; a stranger is told whom to ask."""
    usable_names = list(names)
    lines: list[str] = []
    if place in _PLACES:
        lines += [read(f"help.place.{place}"), ""]
    if not actor.roles:
        lines += [read("help.no_role"), ""]
    groups = {
        group: [name for name in usable_names if name.split()[0] in first_words]
        for group, first_words in GROUPS.items()
    }
    blocks = {
        group: [f"**{read(f'help.group.{group}')}**", *(command_line(read, name, ids) for name in names), ""]
        for group, names in groups.items()
        if names
    }
    lines += fitting(blocks, {group: short_lines(read, groups[group], ids) for group in blocks}, len("\n".join(lines)))
    return card(read("help.title"), lines)


def fitting(blocks: Mapping[str, list[str]], short: Mapping[str, list[str]], used: int) -> list[str]:
    """The groups' lines; where a message does not take all of them, the longest groups are told in short."""
    shown = dict(blocks)
    for group in sorted(blocks, key=lambda group: -_length(blocks[group])):
        if used + sum(map(_length, shown.values())) <= _ROOM:
            break
        shown[group] = [blocks[group][0], *short[group], ""]
    return [line for block in shown.values() for line in block]


def short_lines(read: Reader, names: Sequence[str], ids: Mapping[str, int]) -> list[str]:
    """A line for each command with what it is for; its subcommands as words one can tap, without a word on each."""
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(name.split()[0], []).append(mention(name, ids))
    return [f"{' '.join(mentions)} {read(_key(first))}" for first, mentions in found.items()]


def _length(lines: Sequence[str]) -> int:
    return sum(len(line) + 1 for line in lines)


def no_shop_card(read: Reader, ids: Mapping[str, int], *, may_found: bool) -> Card:
    """Help where there is no shop yet."""
    key = "help.no_shop.founder" if may_found else "help.no_shop.other"
    return card(read("help.title"), [read(key, setup=mention("setup", ids))])


def command_line(read: Reader, name: str, ids: Mapping[str, int]) -> str:
    """A command one can tap, and what it does."""
    return f"{mention(name, ids)} {read(_key(name))}"


def _key(name: str) -> str:
    return f"command.{name.replace(' ', '.').replace('-', '_')}.description"


def mention(name: str, ids: Mapping[str, int]) -> str:
    """The command as something to tap; in plain letters while its id is unknown."""
    command_id = ids.get(name.split()[0])
    return f"</{name}:{command_id}>" if command_id else f"`/{name}`"
