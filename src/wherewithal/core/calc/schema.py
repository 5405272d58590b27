"""The JSON schemas of the `calc` family, by name."""

from wherewithal.core.calc.costing_schema import costing_schema

__all__ = ["costing_schema"]
