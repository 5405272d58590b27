"""Every figure explains itself: the chain of facts and rules behind it, as a tree of sentences.

The doors render the tree: a page folds it out, the API answers it as JSON, the command prints it indented.
"""

from wherewithal.reporting.explain.assets import depreciation_charge, net_book_value
from wherewithal.reporting.explain.balance import account_balance
from wherewithal.reporting.explain.entry import entry_line
from wherewithal.reporting.explain.goods import stock_figure
from wherewithal.reporting.explain.move import move_cost
from wherewithal.reporting.explain.pool import unit_cost, valuation_figure
from wherewithal.reporting.explain.values import Explanation, FactRef, as_dict, as_text

__all__ = [
    "Explanation",
    "FactRef",
    "account_balance",
    "as_dict",
    "as_text",
    "depreciation_charge",
    "entry_line",
    "move_cost",
    "net_book_value",
    "stock_figure",
    "unit_cost",
    "valuation_figure",
]
