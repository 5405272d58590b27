"""Measurement after recognition: revaluation, provisions for dismantling, grants, held for sale, components, disposal."""
