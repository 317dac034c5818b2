"""Pointing discord.py elsewhere, and back."""

import yarl
from discord import asset, gateway, http, invite

from bot.origin import point_discord_at


def places() -> tuple[object, ...]:
    return http.Route.BASE, gateway.DiscordWebSocket.DEFAULT_GATEWAY, asset.Asset.BASE, invite.Invite.BASE


def test_the_client_is_pointed_elsewhere_and_back() -> None:
    before = places()
    with point_discord_at("http://127.0.0.1:4000"):
        assert places() == (
            "http://127.0.0.1:4000/api/v10", yarl.URL("ws://127.0.0.1:4000/gateway/"),
            "http://127.0.0.1:4000/cdn", "http://127.0.0.1:4000/invite",
        )  # fmt: skip
    assert places() == before


def test_without_an_origin_nothing_is_touched() -> None:
    before = places()
    with point_discord_at(None):
        assert places() == before
