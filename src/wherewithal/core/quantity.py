"""Quantities as integers of an item's smallest unit, and exact conversion between units."""
