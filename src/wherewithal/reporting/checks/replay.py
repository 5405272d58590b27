"""Costs worked out again from the facts alone, by other code than that which posted them."""

from wherewithal.reporting.checks.values import Check

CHECKS: tuple[Check, ...] = ()
