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
        "PRODUCED": 10, "TRANSFER_IN": 11, "LATE_COST": 12, "MANUAL_REVALUATION": 13,
        "ISSUE": 20, "SUPPLIER_RETURN": 21, "CONSUMED": 22, "TRANSFER_OUT": 23, "SCRAP": 24,
        "ADJUSTMENT_OUT": 25, "OPENING_OUT": 26,
        "TRUE_UP_SALES": 30, "TRUE_UP_SCRAP": 31, "TRUE_UP_ADJUSTMENT": 32, "TRUE_UP_VARIANCE": 33,
        "PRICE_VARIANCE": 40, "STANDARD_DIFFERENCE": 41, "STANDARD_REVALUATION": 42, "METHOD_CHANGE": 43,
        "LATE_COST_PASSED": 44,
        "CONVERSION_COST": 50, "WIP_REST": 51, "SUPPLIER_RETURN_DIFFERENCE": 52,
        "SUPPLIER_RETURN_PRICE_VARIANCE": 53, "DROPSHIP": 54, "DROPSHIP_COST": 55, "ORPHANED_COST": 56,
        "NRV_ALLOWANCE": 60,
    }  # fmt: skip


def test_the_manual_can_be_printed() -> None:
    manual = accounting_manual()
    assert len(manual) == len(Role)
    assert manual[0] == (1, "receipt", "inventory", "grni", 1, RULES[Role.RECEIPT].meaning)
