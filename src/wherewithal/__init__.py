"""Wherewithal: what an organisation holds, where it is, and what it is worth."""

__version__ = "0.1.0"
