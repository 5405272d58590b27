"""The only writes of assets."""

from wherewithal.assets.plans import ForecastRow
from wherewithal.assets.services.accounts import map_account
from wherewithal.assets.services.bookings import (
    book_asset,
    cancel_booking,
    close_audit,
    open_audit,
    record_found,
)
from wherewithal.assets.services.books import add_book, fill_book, set_calendar
from wherewithal.assets.services.budgets import compare_with_budget, freeze_budget
from wherewithal.assets.services.classes import create_class, create_classes, set_class_terms, update_class
from wherewithal.assets.services.cost_centres import create_cost_centre, update_cost_centre
from wherewithal.assets.services.forecast import forecast
from wherewithal.assets.services.groups import impair_unit, preview_unit
from wherewithal.assets.services.handing_over import Basis
from wherewithal.assets.services.install import install_classes
from wherewithal.assets.services.longer_use import planned_longer_use
from wherewithal.assets.services.masters import attach_file, remove_attachment, update_asset
from wherewithal.assets.services.record import preview, record
from wherewithal.assets.services.runs import depreciate, preview_depreciation, reverse_run
from wherewithal.assets.services.scenarios import (
    copy_scenario,
    create_scenario,
    lines_left_out,
    planned_purchase,
    planned_sale,
    project,
    put_scenario_line,
    remove_scenario_line,
    update_scenario,
)
from wherewithal.assets.services.stock import StockResult, issue_to_asset, return_to_stock, take_back_goods
from wherewithal.assets.services.timetables import (
    drop_timetable,
    set_timetable,
    start_due_runs,
    start_run,
)
from wherewithal.assets.services.transfers import (
    preview_take_back,
    preview_transfer,
    take_back_transfer,
    transfer_to_company,
)
from wherewithal.assets.services.year_rules import YearTestResult, apply_year_test, preview_year_test

__all__ = [
    "Basis",
    "ForecastRow",
    "StockResult",
    "YearTestResult",
    "add_book",
    "apply_year_test",
    "attach_file",
    "book_asset",
    "cancel_booking",
    "close_audit",
    "compare_with_budget",
    "copy_scenario",
    "create_class",
    "create_classes",
    "create_cost_centre",
    "create_scenario",
    "depreciate",
    "drop_timetable",
    "fill_book",
    "forecast",
    "freeze_budget",
    "impair_unit",
    "install_classes",
    "issue_to_asset",
    "lines_left_out",
    "map_account",
    "open_audit",
    "planned_longer_use",
    "planned_purchase",
    "planned_sale",
    "preview",
    "preview_depreciation",
    "preview_take_back",
    "preview_transfer",
    "preview_unit",
    "preview_year_test",
    "project",
    "put_scenario_line",
    "record",
    "record_found",
    "remove_attachment",
    "remove_scenario_line",
    "return_to_stock",
    "reverse_run",
    "set_calendar",
    "set_class_terms",
    "set_timetable",
    "start_due_runs",
    "start_run",
    "take_back_goods",
    "take_back_transfer",
    "transfer_to_company",
    "update_asset",
    "update_class",
    "update_cost_centre",
    "update_scenario",
]
