"""Sale and leaseback by the seller-lessee (IFRS 16.98 to 103, ASC 842-40). Whole minor units."""

from fractions import Fraction
from typing import NamedTuple

from wherewithal.core.discounting import rounded
from wherewithal.core.lease.terms import LeaseError, Standard
from wherewithal.core.words import say


class SaleLeaseback(NamedTuple):
    """What a sale and leaseback comes to.

    additional_financing: proceeds above fair value, a loan; prepayment: what they fall short of it. lease_part: the
    value of the rights kept; rou: the right-of-use asset; liability: what is owed in all, loan included.
    total_gain = gain_on_rights_retained + gain_recognised. Balanced: proceeds + rou == carrying + liability + gain.
    """

    additional_financing: int
    prepayment: int
    lease_part: int
    rou: int
    liability: int
    total_gain: int
    gain_on_rights_retained: int
    gain_recognised: int


def sale_and_leaseback(
    carrying: int,
    fair_value: int,
    proceeds: int,
    pv_payments: int,
    *,
    standard: Standard = Standard.IFRS16,
    is_sale: bool = True,
) -> SaleLeaseback:
    """The seller keeps a right of use worth lease_part of the fair value and sells the rest.

    IFRS 16: the asset's carrying amount is kept in that proportion, and a gain only on what is sold. ASC 842: the
    whole gain is recognised and the right of use measured as in any lease. Not a sale: the proceeds are a loan.
    """
    if fair_value <= 0:
        raise LeaseError("fair_value", "positive", say("The fair value of what is sold is above zero."))
    if not is_sale:
        return SaleLeaseback(proceeds, 0, 0, 0, proceeds, 0, 0, 0)
    financing, prepayment = max(proceeds - fair_value, 0), max(fair_value - proceeds, 0)
    lease_part = pv_payments - financing + prepayment
    if lease_part < 0:
        raise LeaseError(
            "proceeds",
            "financing",
            say("The proceeds exceed fair value by more than all payments are worth."),
        )
    gain = fair_value - carrying
    if standard is not Standard.IFRS16:
        return SaleLeaseback(financing, prepayment, lease_part, lease_part, pv_payments, gain, 0, gain)
    rou = rounded(Fraction(carrying * lease_part, fair_value))
    retained = lease_part - rou
    return SaleLeaseback(financing, prepayment, lease_part, rou, pv_payments, gain, retained, gain - retained)
