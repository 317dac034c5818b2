"""Pay stubs, and what the payroll channel hears."""

from bot.render import Drawing, Drawn, draws
from bot.renderers.channels import is_own_channel
from bot.ui.payroll_stub import dispute_notice, paid_notice, stub_card, stub_files
from domain.outbox.kinds import Kind
from domain.tenancy.dto import Purpose


@draws(Kind.PAY_STUB)
async def pay_stub(drawing: Drawing) -> Drawn:
    """A booster's part of a paid run, by direct message."""
    message = drawing.message
    assert message.subject_id is not None, "a stub is about a run"
    assert message.recipient_member_id is not None, "a stub goes to somebody"
    stub = await drawing.services.payroll.stub(drawing.actor, message.subject_id, message.recipient_member_id)
    files = stub_files(drawing.reader, stub)
    return Drawn(stub_card(drawing.reader, drawing.tenant.name, stub), files)


@draws(Kind.PAYROLL_PAID)
async def payroll_paid(drawing: Drawing) -> Drawn:
    """A run was paid."""
    assert drawing.message.subject_id is not None, "the notice is about a run"
    details = await drawing.services.payroll.get(drawing.actor, drawing.message.subject_id)
    return Drawn(paid_notice(drawing.reader, details, shows_money=await is_own_channel(drawing, Purpose.PAYROLL)))


@draws(Kind.PAYROLL_DISPUTE)
async def payroll_dispute(drawing: Drawing) -> Drawn:
    """Somebody objects to their pay."""
    params = drawing.message.params
    is_private = await is_own_channel(drawing, Purpose.PAYROLL)
    view = dispute_notice(
        drawing.reader, int(params["run_number"]), str(params["member"]), str(params["text"]), shows_words=is_private
    )
    return Drawn(view)
