"""Everything that can be done with leads."""

from domain.leads.reading import Reading
from domain.leads.working import Working

__all__ = ["LeadService"]


class LeadService(Working, Reading):
    """The use cases of leads: each public method that takes an actor is one transaction.

    `ref` is a lead's number (int) or id (UUID). A refusal changes nothing. A command that comes a second time (same
    command key) changes nothing either, and returns the lead as it stands.
    """
