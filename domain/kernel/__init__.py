"""What every area stands on: actor, money, clock, ids, transactions, errors, pages."""
