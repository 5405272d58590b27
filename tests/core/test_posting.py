"""The posting rules: complete, documented, and the effect on stock is what the accounts say."""

import pytest

from wherewithal.core.posting import EFFECT, RULES, AccountRole, Role, account_roles, accounting_manual


def test_every_role_has_a_rule_and_a_sentence() -> None:
    assert set(RULES) == set(Role)
    assert all(rule.meaning.endswith(".") and len(rule.meaning) > 20 for rule in RULES.values())


@pytest.mark.parametrize("role", list(Role))
def test_the_effect_on_stock_is_what_the_inventory_account_says(role: Role) -> None:
    debit, credit, effect, _ = RULES[role]
    assert effect == (debit is AccountRole.INVENTORY) - (credit is AccountRole.INVENTORY)
    assert debit is not credit
    assert EFFECT[role] == effect


def test_a_pool_in_transit_is_carried_in_another_account() -> None:
    assert account_roles(Role.TRANSFER_IN) == (AccountRole.INVENTORY, AccountRole.TRANSFER_CLEARING)
    assert account_roles(Role.TRANSFER_IN, in_transit=True)[0] is AccountRole.GOODS_IN_TRANSIT
    assert account_roles(Role.CONSUMED, in_transit=True) == (AccountRole.WIP, AccountRole.GOODS_IN_TRANSIT)


def test_the_stored_numbers_never_change() -> None:
    """A number that changed would turn old value rows into something else."""
    assert {role.name: int(role) for role in Role} == {
        "RECEIPT": 1, "PRICE_CORRECTION": 2, "LANDED_COST": 3, "OPENING": 4, "ADJUSTMENT_IN": 5,
        "SCRAP_RECOVERED": 6, "CUSTOMER_RETURN": 7, "CONSUMPTION_RETURN": 8, "SUPPLIER_REPLACEMENT": 9,
        "PRODUCED": 10, "TRANSFER_IN": 11, "LATE_COST": 12, "MANUAL_REVALUATION": 13, "FROM_ASSET": 14,
        "ISSUE": 20, "SUPPLIER_RETURN": 21, "CONSUMED": 22, "TRANSFER_OUT": 23, "SCRAP": 24,
        "ADJUSTMENT_OUT": 25, "OPENING_OUT": 26, "TO_ASSET": 27,
        "TRUE_UP_SALES": 30, "TRUE_UP_SCRAP": 31, "TRUE_UP_ADJUSTMENT": 32, "TRUE_UP_VARIANCE": 33,
        "PRICE_VARIANCE": 40, "STANDARD_DIFFERENCE": 41, "STANDARD_REVALUATION": 42, "METHOD_CHANGE": 43,
        "LATE_COST_PASSED": 44,
        "CONVERSION_COST": 50, "WIP_REST": 51, "SUPPLIER_RETURN_DIFFERENCE": 52,
        "SUPPLIER_RETURN_PRICE_VARIANCE": 53, "DROPSHIP": 54, "DROPSHIP_COST": 55, "ORPHANED_COST": 56,
        "NRV_ALLOWANCE": 60,
        # assets
        "ASSET_ACQUIRED": 100, "ASSET_FROM_STOCK": 101, "ASSET_EXCHANGED": 102,
        "ASSET_OPENING_COST": 103, "ASSET_OPENING_ACCUMULATED": 104, "ASSET_OPENING_IMPAIRMENT": 105,
        "ASSET_OPENING_SURPLUS": 106, "COST_ADDED": 107, "CONSTRUCTION_COST": 110,
        "CONSTRUCTION_FROM_STOCK": 111, "CONSTRUCTION_OPENING": 112, "CAPITALISED": 113,
        "DEPRECIATION": 120, "FIRST_YEAR_ALLOWANCE": 121, "DEPRECIATION_CATCH_UP": 122,
        "PRIOR_PERIOD_DEPRECIATION": 123, "POOL_ALLOWANCE": 124, "POOL_FIRST_YEAR": 125,
        "POOL_OUTSIDE": 126, "POOL_BALANCING_CHARGE": 127, "POOL_BALANCING_ALLOWANCE": 128,
        "POOL_RETIRED": 240, "POOL_MOVED": 241, "REVALUED": 130, "REVALUED_THROUGH_PROFIT": 131,
        "REVALUED_ACCUMULATED": 132, "REVALUED_IMPAIRMENT": 133, "SURPLUS_USED": 134,
        "SURPLUS_REALISED": 135, "IMPAIRED": 140, "IMPAIRED_AGAINST_SURPLUS": 141,
        "IMPAIRMENT_REVERSED": 142, "IMPAIRMENT_REVERSED_TO_SURPLUS": 143, "TRANSFERRED_COST": 150,
        "TRANSFERRED_ACCUMULATED": 151, "TRANSFERRED_IMPAIRMENT": 152, "TRANSFERRED_CONSTRUCTION": 153,
        "TRANSFERRED_SURPLUS": 154, "TRANSFERRED_PROVISION": 155, "TRANSFERRED_GRANT": 156,
        "TRANSFERRED_HELD": 157, "INTERCOMPANY_COST": 160, "INTERCOMPANY_ACCUMULATED": 161,
        "INTERCOMPANY_IMPAIRMENT": 162, "INTERCOMPANY_CONSTRUCTION": 163, "INTERCOMPANY_SURPLUS": 164,
        "INTERCOMPANY_PROVISION": 165, "INTERCOMPANY_GRANT": 166, "INTERCOMPANY_HELD": 167, "INTERCOMPANY_PROCEEDS": 168,
        "DISPOSED_COST": 170, "DISPOSED_ACCUMULATED": 171, "DISPOSED_IMPAIRMENT": 172,
        "DISPOSED_CONSTRUCTION": 173, "DISPOSED_HELD": 174, "DISPOSAL_PROCEEDS": 175,
        "DISPOSAL_EXPENSE": 176, "DISPOSAL_GAIN": 177, "DISPOSAL_LOSS": 178, "DISPOSED_TO_STOCK": 179,
        "HELD_COST": 180, "HELD_ACCUMULATED": 181, "HELD_IMPAIRMENT": 182, "HELD_LOSS": 183,
        "HELD_GAIN": 184, "DECOMMISSIONING": 190, "DECOMMISSIONING_UNWOUND": 191,
        "DECOMMISSIONING_EXPENSE": 192, "DECOMMISSIONING_SETTLED": 193, "DECOMMISSIONING_SURPLUS": 194,
        "GRANT_RECEIVED": 200, "GRANT_RELEASED": 201, "GRANT_DEDUCTED": 202, "GRANT_REPAID": 203,
        "GRANT_REPAID_EXPENSE": 204,
        "TRANSFERRED_LIABILITY": 158, "TRANSFERRED_ACCRUAL": 159, "LEASE_LIABILITY": 210,
        "LEASE_PAID_AT_START": 211, "LEASE_DIRECT_COSTS": 212, "LEASE_INCENTIVE": 213,
        "LEASE_RESTORATION": 214, "LEASE_PAYMENT": 215, "LEASE_INTEREST": 216, "LEASE_DEPRECIATION": 217,
        "LEASE_OPERATING_ACCRETION": 218, "LEASE_OPERATING_AMORTISATION": 219,
        "LEASE_VARIABLE_COST": 220, "LEASE_REMEASURED": 221, "LEASE_REMEASUREMENT_GAIN": 222,
        "LEASE_SCOPE_LIABILITY": 223, "LEASE_SCOPE_COST": 224, "LEASE_SCOPE_ACCUMULATED": 225,
        "LEASE_PENALTY": 226, "LEASE_IMPAIRED": 227, "LEASE_RETIRED": 228, "LEASE_EXEMPT_COST": 229,
        "LEASE_EXEMPT_PAYMENT": 230,
    }  # fmt: skip


def test_the_manual_can_be_printed() -> None:
    manual = accounting_manual()
    assert len(manual) == len(Role)
    assert manual[0] == (1, "receipt", "inventory", "grni", 1, RULES[Role.RECEIPT].meaning)
