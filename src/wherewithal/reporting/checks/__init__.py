"""The named checks of `verify`, by what they look at."""
