"""Impairment of one asset and its reversal (IAS 36.59 to 61 and 110 to 119). Amounts are whole minor units."""

from typing import NamedTuple


class Impairment(NamedTuple):
    """loss = from_surplus + profit_or_loss: what was revalued upwards before takes the loss first (IAS 36.60)."""

    loss: int
    from_surplus: int
    profit_or_loss: int


class Reversal(NamedTuple):
    """What is taken back, what the ceiling kept out, and how much goes to profit or loss first (IAS 36.119)."""

    amount: int
    capped: int


def recoverable_amount(fvlcd: int | None, value_in_use: int | None) -> int:
    """The higher of fair value less costs of disposal and value in use; one of them may be unknown (IAS 36.18 to 20)."""
    known = [each for each in (fvlcd, value_in_use) if each is not None]
    if not known:
        raise ValueError("Fair value less costs of disposal or value in use must be known.")
    return max(known)


def impair(carrying: int, recoverable: int, surplus: int = 0) -> Impairment:
    """The loss of an asset carried above what is recoverable; surplus: its revaluation surplus, for what it holds."""
    loss = max(carrying - recoverable, 0)
    from_surplus = min(loss, max(surplus, 0))
    return Impairment(loss, from_surplus, loss - from_surplus)


def reversal(carrying: int, recoverable: int, unimpaired: int) -> int:
    """What of earlier losses is taken back: up to the recoverable amount, never above what the asset would be
    carried at had it not been impaired (IAS 36.117). 0 if nothing is.
    """
    return reverse(carrying, recoverable, unimpaired).amount


def reverse(carrying: int, recoverable: int, unimpaired: int) -> Reversal:
    """The same, with what the ceiling kept out."""
    wanted = max(recoverable - carrying, 0)
    amount = min(wanted, max(unimpaired - carrying, 0))
    return Reversal(amount, wanted - amount)
