"""The movements a lease makes: each kind is a balanced pair of accounts, a negative amount the opposite."""

from datetime import date
from enum import StrEnum
from typing import NamedTuple


class LeaseKind(StrEnum):
    """What a row is. LEASE_KINDS says which accounts it moves."""

    LIABILITY = "liability"
    PAID_AT_START = "paid_at_start"
    DIRECT_COSTS = "direct_costs"
    INCENTIVE = "incentive"
    RESTORATION = "restoration"
    PAYMENT = "payment"
    INTEREST = "interest"
    DEPRECIATION = "depreciation"
    OPERATING_ACCRETION = "operating_accretion"
    OPERATING_AMORTISATION = "operating_amortisation"
    VARIABLE_COST = "variable_cost"
    REMEASUREMENT = "remeasurement"
    REMEASUREMENT_GAIN = "remeasurement_gain"
    SCOPE_LIABILITY = "scope_liability"
    SCOPE_COST = "scope_cost"
    SCOPE_ACCUMULATED = "scope_accumulated"
    PENALTY = "penalty"
    IMPAIRMENT = "impairment"
    RETIREMENT = "retirement"
    EXEMPT_COST = "exempt_cost"
    EXEMPT_PAYMENT = "exempt_payment"


class LeaseRule(NamedTuple):
    """The accounts by the names of `AccountRole`, and what the row says."""

    debit: str
    credit: str
    meaning: str


LEASE_KINDS: dict[LeaseKind, LeaseRule] = {
    LeaseKind.LIABILITY: LeaseRule(
        "asset_cost", "lease_liability", "The present value of what is still to be paid."
    ),
    LeaseKind.PAID_AT_START: LeaseRule("asset_cost", "asset_clearing", "Paid at or before commencement."),
    LeaseKind.DIRECT_COSTS: LeaseRule("asset_cost", "asset_clearing", "Initial direct costs."),
    LeaseKind.INCENTIVE: LeaseRule("asset_clearing", "asset_cost", "Incentives received from the lessor."),
    LeaseKind.RESTORATION: LeaseRule(
        "asset_cost", "decommissioning_provision", "The estimate for restoring what is leased."
    ),
    LeaseKind.PAYMENT: LeaseRule("lease_liability", "asset_clearing", "A lease payment fell due."),
    LeaseKind.INTEREST: LeaseRule("lease_interest", "lease_liability", "Interest on the liability."),
    LeaseKind.DEPRECIATION: LeaseRule(
        "depreciation_expense", "accumulated_depreciation", "The right of use was consumed."
    ),
    LeaseKind.OPERATING_ACCRETION: LeaseRule(
        "lease_expense", "lease_liability", "Operating lease cost: the part that is interest."
    ),
    LeaseKind.OPERATING_AMORTISATION: LeaseRule(
        "lease_expense", "accumulated_depreciation", "Operating lease cost: what makes it even over the term."
    ),
    LeaseKind.VARIABLE_COST: LeaseRule(
        "lease_expense", "asset_clearing", "Paid beyond what the liability was measured with."
    ),
    LeaseKind.REMEASUREMENT: LeaseRule("asset_cost", "lease_liability", "The liability was measured anew."),
    LeaseKind.REMEASUREMENT_GAIN: LeaseRule(
        "lease_liability", "disposal_gain", "A decrease beyond what the right-of-use asset was carried at."
    ),
    LeaseKind.SCOPE_LIABILITY: LeaseRule(
        "lease_liability", "disposal_gain", "The liability of what is no longer leased."
    ),
    LeaseKind.SCOPE_COST: LeaseRule("disposal_gain", "asset_cost", "The cost of what is no longer leased."),
    LeaseKind.SCOPE_ACCUMULATED: LeaseRule(
        "accumulated_depreciation", "disposal_gain", "The depreciation of what is no longer leased."
    ),
    LeaseKind.PENALTY: LeaseRule("disposal_gain", "asset_clearing", "Paid for ending a lease early."),
    LeaseKind.IMPAIRMENT: LeaseRule(
        "impairment_loss", "accumulated_depreciation", "The right-of-use asset was impaired."
    ),
    LeaseKind.RETIREMENT: LeaseRule(
        "accumulated_depreciation", "asset_cost", "The lease is over: cost and depreciation leave."
    ),
    LeaseKind.EXEMPT_COST: LeaseRule(
        "lease_expense", "lease_accrual", "Cost of a short-term or low-value lease, even over its term."
    ),
    LeaseKind.EXEMPT_PAYMENT: LeaseRule("lease_accrual", "asset_clearing", "It was paid."),
}


class LeaseRow(NamedTuple):
    """A movement: when it counts, which change caused it ("": the lease itself), what it is, minor units."""

    on: date
    cause: str
    kind: LeaseKind
    amount: int
