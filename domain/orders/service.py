"""Everything that can be done with orders."""

from domain.orders.cards import Cards
from domain.orders.claiming import Claiming
from domain.orders.completion import Completing
from domain.orders.customers import Customers
from domain.orders.drafting import Drafting
from domain.orders.lifecycle import Lifecycle
from domain.orders.own import Own
from domain.orders.reading import Reading
from domain.orders.tariffs import TariffService

__all__ = ["OrderService", "TariffService"]


class OrderService(Drafting, Claiming, Lifecycle, Completing, Reading, Own, Cards, Customers):
    """The use cases of orders: each public method is one transaction.

    `ref` is an order's code (int) or id (UUID). A refusal changes nothing. A command that comes a second time
    (same command key) changes nothing either, and returns the order as it stands.
    """
