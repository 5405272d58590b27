"""Money as integers of minor units: exact conversion at the doors, named rounding, exact allocation."""
