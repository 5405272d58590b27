"""The single list of posting rules: which accounts a value row moves, by account role.

A *value row* is a balanced pair. A positive amount debits the debit role and credits the credit role of its
`Role`; a negative amount does the opposite. `effect` says what the amount does to the value of the pool it
belongs to: +1 adds it, -1 takes it away, 0 leaves the pool alone. So for each row
`stock_amount = effect * amount`, and the sum of the stock amounts of a pool is its inventory account.

`AccountRole.INVENTORY` stands for "the account in which this pool is carried": the posting side reads it as
`GOODS_IN_TRANSIT` for a pool in transit (`account_roles(role, in_transit=True)`).
"""

from typing import NamedTuple

from wherewithal.core.posting_assets import ASSET_RULES
from wherewithal.core.roles import AccountRole, PostingRule, Role
from wherewithal.core.words import say

__all__ = ["EFFECT", "RULES", "AccountRole", "PostingRule", "Role", "account_roles", "accounting_manual"]


_A = AccountRole

RULES: dict[Role, PostingRule] = {
    Role.RECEIPT: PostingRule(
        _A.INVENTORY,
        _A.GRNI,
        +1,
        say("Goods came from a supplier at the agreed price; the bill is yet to come."),
    ),
    Role.PRICE_CORRECTION: PostingRule(
        _A.INVENTORY,
        _A.GRNI,
        +1,
        say("The price of a receipt was corrected; it counts from the receipt's instant."),
    ),
    Role.LANDED_COST: PostingRule(
        _A.INVENTORY,
        _A.LANDED_COST_CLEARING,
        +1,
        say("Freight, duty or insurance of goods that came in; it counts from their instant."),
    ),
    Role.OPENING: PostingRule(
        _A.INVENTORY, _A.OPENING_EQUITY, +1, say("Stock that was there when the books were opened.")
    ),
    Role.ADJUSTMENT_IN: PostingRule(
        _A.INVENTORY,
        _A.INVENTORY_ADJUSTMENT,
        +1,
        say("Goods found in a count, at the stated value or else at the last unit cost of the pool."),
    ),
    Role.SCRAP_RECOVERED: PostingRule(
        _A.INVENTORY,
        _A.SCRAP_LOSS,
        +1,
        say("Scrapped goods came back, at the cost at which they were scrapped."),
    ),
    Role.CUSTOMER_RETURN: PostingRule(
        _A.INVENTORY,
        _A.COST_OF_SALES,
        +1,
        say("A customer returned goods, at the cost of the issue they came from."),
    ),
    Role.CONSUMPTION_RETURN: PostingRule(
        _A.INVENTORY,
        _A.WIP,
        +1,
        say("Unused material came back from production, at the cost it was issued at."),
    ),
    Role.SUPPLIER_REPLACEMENT: PostingRule(
        _A.INVENTORY,
        _A.GRNI,
        +1,
        say("A supplier sent returned goods back, at the cost at which they had left."),
    ),
    Role.PRODUCED: PostingRule(
        _A.INVENTORY,
        _A.WIP,
        +1,
        say("Goods were produced: their share of what the same event consumed and added."),
    ),
    Role.TRANSFER_IN: PostingRule(
        _A.INVENTORY,
        _A.TRANSFER_CLEARING,
        +1,
        say("Goods arrived from another cost scope, at the cost they left it."),
    ),
    Role.LATE_COST: PostingRule(
        _A.INVENTORY,
        _A.LANDED_COST_CLEARING,
        +1,
        say("A cost without goods that became known later and counts from its own instant."),
    ),
    Role.MANUAL_REVALUATION: PostingRule(
        _A.INVENTORY, _A.REVALUATION, +1, say("The value of stock was changed by decision, without goods.")
    ),
    Role.FROM_ASSET: PostingRule(
        _A.INVENTORY,
        _A.ASSET_STOCK_CLEARING,
        +1,
        say("An asset went to stock, at the value stock takes it in at."),
    ),
    Role.ISSUE: PostingRule(
        _A.COST_OF_SALES, _A.INVENTORY, -1, say("Goods went to a customer, at the cost the method takes.")
    ),
    Role.SUPPLIER_RETURN: PostingRule(
        _A.GRNI, _A.INVENTORY, -1, say("Goods went back to a supplier, at the cost they leave stock with.")
    ),
    Role.CONSUMED: PostingRule(_A.WIP, _A.INVENTORY, -1, say("Material was issued to production.")),
    Role.TRANSFER_OUT: PostingRule(
        _A.TRANSFER_CLEARING, _A.INVENTORY, -1, say("Goods left for another cost scope, at cost.")
    ),
    Role.SCRAP: PostingRule(_A.SCRAP_LOSS, _A.INVENTORY, -1, say("Goods were scrapped, at cost.")),
    Role.ADJUSTMENT_OUT: PostingRule(
        _A.INVENTORY_ADJUSTMENT, _A.INVENTORY, -1, say("Goods were missing in a count, at cost.")
    ),
    Role.OPENING_OUT: PostingRule(
        _A.OPENING_EQUITY, _A.INVENTORY, -1, say("Opening stock was taken back out, at cost.")
    ),
    Role.TO_ASSET: PostingRule(
        _A.ASSET_STOCK_CLEARING, _A.INVENTORY, -1, say("Goods became an asset, or a part of one, at cost.")
    ),
    Role.TRUE_UP_SALES: PostingRule(
        _A.COST_OF_SALES,
        _A.INVENTORY,
        -1,
        say("A later receipt covered goods sold before they were there: real cost less provisional cost."),
    ),
    Role.TRUE_UP_SCRAP: PostingRule(
        _A.SCRAP_LOSS, _A.INVENTORY, -1, say("The same for goods scrapped before they were there.")
    ),
    Role.TRUE_UP_ADJUSTMENT: PostingRule(
        _A.INVENTORY_ADJUSTMENT,
        _A.INVENTORY,
        -1,
        say("The same for goods written off before they were there."),
    ),
    Role.TRUE_UP_VARIANCE: PostingRule(
        _A.COST_VARIANCE,
        _A.INVENTORY,
        -1,
        say(
            "The same where the goods went into another pool (production, other scope) or back to a "
            "supplier: it never re-enters that pool."
        ),
    ),
    Role.PRICE_VARIANCE: PostingRule(
        _A.PRICE_VARIANCE,
        _A.INVENTORY,
        -1,
        say("Standard cost: what a purchase cost above its standard (purchase price variance)."),
    ),
    Role.STANDARD_DIFFERENCE: PostingRule(
        _A.COST_VARIANCE,
        _A.INVENTORY,
        -1,
        say(
            "Standard cost: what goods from production, transfers, counts or returns cost above "
            "their standard."
        ),
    ),
    Role.STANDARD_REVALUATION: PostingRule(
        _A.INVENTORY, _A.REVALUATION, +1, say("The standard cost changed: stock on hand was revalued.")
    ),
    Role.METHOD_CHANGE: PostingRule(
        _A.INVENTORY,
        _A.REVALUATION,
        +1,
        say("The costing method changed and with it the value of stock on hand."),
    ),
    Role.LATE_COST_PASSED: PostingRule(
        _A.COST_VARIANCE,
        _A.INVENTORY,
        -1,
        say("The part of a late cost that belongs to goods no longer in the pool."),
    ),
    Role.CONVERSION_COST: PostingRule(
        _A.WIP, _A.CONVERSION_COST_APPLIED, 0, say("Labour and overhead were added to a production event.")
    ),
    Role.WIP_REST: PostingRule(
        _A.COST_VARIANCE, _A.WIP, 0, say("What is left of the cost of production and belongs to no output.")
    ),
    Role.SUPPLIER_RETURN_DIFFERENCE: PostingRule(
        _A.GRNI,
        _A.COST_VARIANCE,
        0,
        say("What a supplier credits above the cost the returned goods left with."),
    ),
    Role.SUPPLIER_RETURN_PRICE_VARIANCE: PostingRule(
        _A.GRNI,
        _A.PRICE_VARIANCE,
        0,
        say("The same under standard cost: the price variance of the returned goods."),
    ),
    Role.DROPSHIP: PostingRule(
        _A.COST_OF_SALES,
        _A.GRNI,
        0,
        say("Goods went from the supplier straight to a customer (or back: negative)."),
    ),
    Role.DROPSHIP_COST: PostingRule(
        _A.COST_OF_SALES,
        _A.LANDED_COST_CLEARING,
        0,
        say("Freight or duty of goods that never came into stock."),
    ),
    Role.ORPHANED_COST: PostingRule(
        _A.COST_VARIANCE,
        _A.LANDED_COST_CLEARING,
        0,
        say("Landed cost on a receipt that was reversed, or on goods that left: it was still paid."),
    ),
    Role.NRV_ALLOWANCE: PostingRule(
        _A.NRV_WRITEDOWN,
        _A.NRV_ALLOWANCE,
        0,
        say(
            "Stock was written down to net realisable value for a period (negative: the write-down "
            "was reversed)."
        ),
    ),
}
RULES |= ASSET_RULES

EFFECT: dict[int, int] = {int(role): rule.effect for role, rule in RULES.items()}


def account_roles(role: int, *, in_transit: bool = False) -> tuple[AccountRole, AccountRole]:
    """(debit, credit) of a value role; the pool's own account is goods in transit if the pool is in transit."""
    rule = RULES[Role(role)]
    if not in_transit:
        return rule.debit, rule.credit
    return _in_transit(rule.debit), _in_transit(rule.credit)


def _in_transit(role: AccountRole) -> AccountRole:
    return AccountRole.GOODS_IN_TRANSIT if role is AccountRole.INVENTORY else role


class ManualRow(NamedTuple):
    """One line of the printed accounting manual."""

    number: int
    role: str
    debit: str
    credit: str
    effect: int
    meaning: str


def accounting_manual() -> list[ManualRow]:
    """The posting rules as rows to print, by number."""
    return [
        ManualRow(
            int(role), role.name.lower(), rule.debit.value, rule.credit.value, rule.effect, rule.meaning
        )
        for role, rule in sorted(RULES.items())
    ]
