"""Government grants related to assets (IAS 20.24 to 33): deferred income, or a lower cost. Whole minor units."""

from typing import NamedTuple

from wherewithal.core.money import half_even


class Repayment(NamedTuple):
    """A grant paid back: first what is still deferred, the rest is an expense (IAS 20.32)."""

    from_deferred: int
    expense: int


def released(grant: int, depreciated: int, depreciable: int) -> int:
    """How much of a deferred grant is income by now: as much of it as of the asset is depreciated (IAS 20.17).

    Cumulative; post what it grew by. A grant for an asset that does not depreciate stays deferred.
    """
    if depreciable <= 0:
        return 0
    return half_even(grant * min(max(depreciated, 0), depreciable), depreciable)


def repay_deferred(amount: int, deferred: int) -> Repayment:
    """Paying back a grant that was shown as deferred income."""
    from_deferred = min(amount, max(deferred, 0))
    return Repayment(from_deferred, amount - from_deferred)


def repay_deducted(amount: int, depreciated: int, depreciable: int) -> int:
    """Paying back a grant that had lowered the cost: the cost rises by the amount, and this much depreciation, which
    it would have had by now, is charged at once (IAS 20.32). Figures are those of the asset without the grant.
    """
    return released(amount, depreciated, depreciable)
