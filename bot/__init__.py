"""The Discord door.

How to write a cog
------------------
A module in `bot/cogs/` with a class derived from `bot.router.DoorCog`; it is found by itself. A command is::

    @app_commands.command(name=words("command.claim.name"), description=words("command.claim.description"))
    @app_commands.rename(code=words("option.code.name"))
    @app_commands.describe(code=words("option.code.description"))
    @app_commands.guild_only()
    async def claim(self, interaction: Press, code: int) -> None:
        visit = await enter(interaction)                       # acknowledged privately, actor resolved
        order = await self.services.orders.claim(visit.actor, code)
        await visit.show(order_view(visit.reader, order))      # replaces the acknowledgement

A button is made by `button(label, "order.claim", order.code)` (`bot.ui.cards`) and handled, for ever, by::

    @pressed("order.claim", Answer.PRIVATE)                    # UPDATE edits the message of the button
    async def claim_pressed(self, visit: Visit, code: int) -> None: ...

The custom id is `v1:order.claim:4821`, at most 100 characters; arguments are converted to the annotations (str,
int, UUID, date) and looked up and authorised again by the service. A form is opened with `Answer.FORM` and
`await visit.open(form(title, [text_field(...)], "order.release", code))`, and handled by `@submitted("order.release")`,
which reads `visit.text("reason")`. `@fresh("order")` marks the handler that shows the current card when somebody
presses one of an earlier version. Errors are raised, never caught: `bot.errors.Reporter` tells the person.
People's words go through `bot.ui.text.plain` before they stand in a card. Danger: `bot.ui.danger.confirm_danger`.
Lists: `bot.ui.pages.page_buttons(reader, "staff.page", page)` and `@pressed("staff.page")`. Searches: `bot.suggest`.
Outbox kinds are drawn by functions marked `@draws(Kind.X)` in `bot/renderers/`.
"""
