"""The names of the posting rules: account roles, the roles of value rows, and what a rule is. See `posting`."""

from enum import IntEnum, StrEnum
from typing import NamedTuple


class AccountRole(StrEnum):
    """What an account is for. A book maps role x category to an account; see `accounting_manual`."""

    INVENTORY = "inventory"
    GOODS_IN_TRANSIT = "goods_in_transit"
    GRNI = "grni"
    LANDED_COST_CLEARING = "landed_cost_clearing"
    COST_OF_SALES = "cost_of_sales"
    WIP = "wip"
    CONVERSION_COST_APPLIED = "conversion_cost_applied"
    INVENTORY_ADJUSTMENT = "inventory_adjustment"
    SCRAP_LOSS = "scrap_loss"
    PRICE_VARIANCE = "price_variance"
    COST_VARIANCE = "cost_variance"
    REVALUATION = "revaluation"
    NRV_WRITEDOWN = "nrv_writedown"
    NRV_ALLOWANCE = "nrv_allowance"
    OPENING_EQUITY = "opening_equity"
    RETAINED_EARNINGS = "retained_earnings"
    TRANSFER_CLEARING = "transfer_clearing"
    RECEIVABLE = "receivable"
    PAYABLE = "payable"
    SALES = "sales"
    FX_DIFFERENCE = "fx_difference"

    ASSET_COST = "asset_cost"
    CONSTRUCTION_IN_PROGRESS = "construction_in_progress"
    ACCUMULATED_DEPRECIATION = "accumulated_depreciation"
    ACCUMULATED_IMPAIRMENT = "accumulated_impairment"
    ASSET_HELD_FOR_SALE = "asset_held_for_sale"
    ASSET_CLEARING = "asset_clearing"
    ASSET_STOCK_CLEARING = "asset_stock_clearing"
    ASSET_TRANSFER_CLEARING = "asset_transfer_clearing"
    INTERCOMPANY_CLEARING = "intercompany_clearing"
    ASSET_DISPOSAL = "asset_disposal"
    DISPOSAL_PROCEEDS = "disposal_proceeds"
    DISPOSAL_GAIN = "disposal_gain"
    DISPOSAL_LOSS = "disposal_loss"
    DEPRECIATION_EXPENSE = "depreciation_expense"
    IMPAIRMENT_LOSS = "impairment_loss"
    IMPAIRMENT_REVERSAL = "impairment_reversal"
    REVALUATION_SURPLUS = "revaluation_surplus"
    REVALUATION_LOSS = "revaluation_loss"
    GRANT_RECEIVABLE = "grant_receivable"
    GRANT_DEFERRED = "grant_deferred"
    GRANT_INCOME = "grant_income"
    DECOMMISSIONING_PROVISION = "decommissioning_provision"
    DECOMMISSIONING_EXPENSE = "decommissioning_expense"
    FINANCE_COST = "finance_cost"
    LEASE_LIABILITY = "lease_liability"
    LEASE_INTEREST = "lease_interest"
    LEASE_EXPENSE = "lease_expense"
    LEASE_PAYMENTS = "lease_payments"
    LEASE_GAIN = "lease_gain"


class Role(IntEnum):
    """The kinds of value row. The numbers are stored: never reuse or renumber one."""

    RECEIPT = 1
    PRICE_CORRECTION = 2
    LANDED_COST = 3
    OPENING = 4
    ADJUSTMENT_IN = 5
    SCRAP_RECOVERED = 6
    CUSTOMER_RETURN = 7
    CONSUMPTION_RETURN = 8
    SUPPLIER_REPLACEMENT = 9
    PRODUCED = 10
    TRANSFER_IN = 11
    LATE_COST = 12
    MANUAL_REVALUATION = 13

    ISSUE = 20
    SUPPLIER_RETURN = 21
    CONSUMED = 22
    TRANSFER_OUT = 23
    SCRAP = 24
    ADJUSTMENT_OUT = 25
    OPENING_OUT = 26

    TRUE_UP_SALES = 30
    TRUE_UP_SCRAP = 31
    TRUE_UP_ADJUSTMENT = 32
    TRUE_UP_VARIANCE = 33

    PRICE_VARIANCE = 40
    STANDARD_DIFFERENCE = 41
    STANDARD_REVALUATION = 42
    METHOD_CHANGE = 43
    LATE_COST_PASSED = 44

    CONVERSION_COST = 50
    WIP_REST = 51
    SUPPLIER_RETURN_DIFFERENCE = 52
    SUPPLIER_RETURN_PRICE_VARIANCE = 53
    DROPSHIP = 54
    DROPSHIP_COST = 55
    ORPHANED_COST = 56

    NRV_ALLOWANCE = 60

    ASSET_ACQUIRED = 100
    ASSET_FROM_STOCK = 101
    ASSET_EXCHANGED = 102
    ASSET_OPENING_COST = 103
    ASSET_OPENING_ACCUMULATED = 104
    ASSET_OPENING_IMPAIRMENT = 105
    ASSET_OPENING_SURPLUS = 106
    COST_ADDED = 107

    CONSTRUCTION_COST = 110
    CONSTRUCTION_FROM_STOCK = 111
    CONSTRUCTION_OPENING = 112
    CAPITALISED = 113

    DEPRECIATION = 120
    FIRST_YEAR_ALLOWANCE = 121
    DEPRECIATION_CATCH_UP = 122
    PRIOR_PERIOD_DEPRECIATION = 123

    REVALUED = 130
    REVALUED_THROUGH_PROFIT = 131
    REVALUED_ACCUMULATED = 132
    REVALUED_IMPAIRMENT = 133
    SURPLUS_USED = 134
    SURPLUS_REALISED = 135

    IMPAIRED = 140
    IMPAIRED_AGAINST_SURPLUS = 141
    IMPAIRMENT_REVERSED = 142
    IMPAIRMENT_REVERSED_TO_SURPLUS = 143

    TRANSFERRED_COST = 150
    TRANSFERRED_ACCUMULATED = 151
    TRANSFERRED_IMPAIRMENT = 152
    TRANSFERRED_CONSTRUCTION = 153
    TRANSFERRED_SURPLUS = 154
    TRANSFERRED_PROVISION = 155
    TRANSFERRED_GRANT = 156
    TRANSFERRED_HELD = 157

    INTERCOMPANY_COST = 160
    INTERCOMPANY_ACCUMULATED = 161
    INTERCOMPANY_IMPAIRMENT = 162
    INTERCOMPANY_CONSTRUCTION = 163
    INTERCOMPANY_SURPLUS = 164
    INTERCOMPANY_PROVISION = 165
    INTERCOMPANY_GRANT = 166
    INTERCOMPANY_HELD = 167

    DISPOSED_COST = 170
    DISPOSED_ACCUMULATED = 171
    DISPOSED_IMPAIRMENT = 172
    DISPOSED_CONSTRUCTION = 173
    DISPOSED_HELD = 174
    DISPOSAL_PROCEEDS = 175
    DISPOSAL_EXPENSE = 176
    DISPOSAL_GAIN = 177
    DISPOSAL_LOSS = 178
    DISPOSED_TO_STOCK = 179

    HELD_COST = 180
    HELD_ACCUMULATED = 181
    HELD_IMPAIRMENT = 182
    HELD_LOSS = 183
    HELD_GAIN = 184

    DECOMMISSIONING = 190
    DECOMMISSIONING_UNWOUND = 191
    DECOMMISSIONING_EXPENSE = 192
    DECOMMISSIONING_SETTLED = 193
    DECOMMISSIONING_SURPLUS = 194

    GRANT_RECEIVED = 200
    GRANT_RELEASED = 201
    GRANT_DEDUCTED = 202
    GRANT_REPAID = 203
    GRANT_REPAID_EXPENSE = 204


class PostingRule(NamedTuple):
    debit: AccountRole
    credit: AccountRole
    effect: int
    meaning: str
