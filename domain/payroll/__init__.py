"""Payroll: what each booster is owed, approved and paid in runs."""
