"""Everything that can be done with leads."""

from domain.leads.arriving import Arriving

__all__ = ["LeadService"]


class LeadService(Arriving):
    """The use cases of leads: each public method that takes an actor is one transaction.

    `ref` is a lead's number (int) or id (UUID). A refusal changes nothing. A command that comes a second time (same
    command key) changes nothing either, and returns the lead as it stands.
    """
