"""The addresses of the pages. All of a company's are under its code."""

from django.urls import URLPattern, URLResolver, include, path

from wherewithal.web.views import (
    about,
    claims,
    company,
    costing,
    documents,
    finance,
    find,
    gallery,
    goods,
    home,
    imports,
    items,
    journal,
    saved_views,
    stock,
    value,
    verify,
)
from wherewithal.web.views.assets import audits as asset_audits
from wherewithal.web.views.assets import bookings as asset_bookings
from wherewithal.web.views.assets import card as asset_card
from wherewithal.web.views.assets import classes as asset_classes
from wherewithal.web.views.assets import companies as asset_companies
from wherewithal.web.views.assets import events as asset_events
from wherewithal.web.views.assets import goods as asset_goods
from wherewithal.web.views.assets import register, reports, runs
from wherewithal.web.views.assets import schedule as asset_schedule

app_name = "web"

of_company = [
    path("", home.home, name="home"),
    path("find", find.find, name="find"),
    path("pick/item", find.pick_item, name="pick_item"),
    path("pick/location", find.pick_location, name="pick_location"),
    path("pick/party", find.pick_party, name="pick_party"),
    path("pick/account", find.pick_account, name="pick_account"),
    path("pick/asset", find.pick_asset, name="pick_asset"),
    path("gallery", gallery.gallery, name="gallery"),
    path("views/save", saved_views.view_save, name="view_save"),
    path("views/<int:view_id>/delete", saved_views.view_delete, name="view_delete"),
    # stock
    path("stock/on-hand", stock.on_hand, name="on_hand"),
    path("stock/moves", stock.move_list, name="moves"),
    path("stock/moves/<int:move_id>", stock.move, name="move"),
    path("stock/moves/<int:move_id>/why", value.explain_move, name="explain_move"),
    path("stock/documents/new/<str:kind>", documents.document_new, name="document_new"),
    path("stock/documents/<int:document_id>", documents.document, name="document"),
    path("stock/documents/<int:document_id>/reverse", about.document_reverse, name="document_reverse"),
    path("stock/documents/<int:document_id>/<str:about>", about.document_about, name="document_about"),
    path("stock/transit", goods.transit, name="transit"),
    path("stock/ageing", goods.ageing, name="ageing"),
    path("stock/expiry", goods.expiry, name="expiry"),
    path("stock/reservations", claims.reservations, name="reservations"),
    path("stock/reservations/new", claims.reservation_new, name="reservation_new"),
    path(
        "stock/reservations/<int:reservation_id>/release",
        claims.reservation_release,
        name="reservation_release",
    ),
    path("stock/locations", stock.location_list, name="locations"),
    path("stock/locations/new", stock.location_new, name="location_new"),
    path("stock/locations/<int:location_id>", stock.location, name="location"),
    path("stock/locations/<int:location_id>/change", stock.location_edit, name="location_edit"),
    # items
    path("items", items.item_list, name="items"),
    path("items/new", items.item_new, name="item_new"),
    path("items/categories/new", items.category_new, name="category_new"),
    path("items/<int:item_id>", value.item, name="item"),
    path("items/<int:item_id>/card", value.ledger_card, name="ledger_card"),
    path("items/<int:item_id>/change", items.item_edit, name="item_edit"),
    path("items/<int:item_id>/barcodes/new", items.barcode_new, name="barcode_new"),
    path("items/<int:item_id>/why-so-much", value.explain_stock, name="explain_stock"),
    path("items/<int:item_id>/why-this-value", value.explain_value, name="explain_value"),
    path("lots", stock.lot_list, name="lots"),
    path("lots/status", stock.lots_status, name="lots_status"),
    path("lots/<int:lot_id>", stock.lot, name="lot"),
    # assets
    path("assets", register.asset_list, name="assets"),
    path("assets/new", register.asset_new, name="asset_new"),
    path("assets/custody", register.custody, name="custody"),
    path("assets/bookings", asset_bookings.bookings, name="asset_bookings"),
    path("assets/bookings/new", asset_bookings.booking_new, name="asset_booking_new"),
    path(
        "assets/bookings/<int:booking_id>/cancel", asset_bookings.booking_cancel, name="asset_booking_cancel"
    ),
    path("assets/audits", asset_audits.audits, name="asset_audits"),
    path("assets/audits/new", asset_audits.audit_new, name="asset_audit_new"),
    path("assets/audits/<int:audit_id>", asset_audits.audit, name="asset_audit"),
    path("assets/audits/<int:audit_id>/finish", asset_audits.audit_close, name="asset_audit_close"),
    path("assets/runs", runs.runs, name="runs"),
    path("assets/runs/<int:run_id>", runs.run, name="run"),
    path("assets/runs/jobs/<int:job_id>", runs.run_job, name="run_job"),
    path("assets/reports", reports.asset_reports, name="asset_reports"),
    path("assets/reports/<str:report>", reports.asset_report, name="asset_report"),
    path("assets/classes", asset_classes.asset_classes, name="asset_classes"),
    path("assets/classes/new", asset_classes.asset_class_new, name="asset_class_new"),
    path("assets/classes/install", asset_classes.asset_classes_install, name="asset_classes_install"),
    path("assets/classes/<int:class_id>", asset_classes.asset_class, name="asset_class"),
    path("assets/from-stock", asset_goods.asset_from_stock, name="asset_from_stock"),
    path("assets/<int:asset_id>", asset_card.asset, name="asset"),
    path("assets/<int:asset_id>/parts", asset_goods.asset_parts, name="asset_parts"),
    path("assets/<int:asset_id>/to-company", asset_companies.asset_to_company, name="asset_to_company"),
    path("assets/<int:asset_id>/to-stock", asset_goods.asset_to_stock, name="asset_to_stock"),
    path("assets/<int:asset_id>/schedule", asset_schedule.asset_schedule, name="asset_schedule"),
    path("assets/<int:asset_id>/why", asset_schedule.asset_why, name="asset_why"),
    path(
        "assets/<int:asset_id>/charge/<str:on>/why", asset_schedule.asset_charge_why, name="asset_charge_why"
    ),
    path("assets/<int:asset_id>/trail", asset_schedule.asset_trail, name="asset_trail"),
    path("assets/<int:asset_id>/change", asset_card.asset_edit, name="asset_edit"),
    path("assets/<int:asset_id>/files/new", asset_card.asset_attach, name="asset_attach"),
    path("assets/<int:asset_id>/files/<int:attachment_id>", asset_card.asset_file, name="asset_file"),
    path(
        "assets/<int:asset_id>/files/<int:attachment_id>/remove",
        asset_card.asset_file_remove,
        name="asset_file_remove",
    ),
    path("assets/<int:asset_id>/record", asset_events.asset_record, name="asset_record"),
    path("assets/<int:asset_id>/record/<str:event_kind>", asset_events.asset_event, name="asset_event"),
    path(
        "assets/<int:asset_id>/events/<int:event_id>/take-back",
        asset_events.asset_take_back,
        name="asset_take_back",
    ),
    # finance
    path("finance/valuation", value.valuation, name="valuation"),
    path("finance/entries", finance.entry_list, name="entries"),
    path("finance/entries/new", journal.entry_new, name="entry_new"),
    path("finance/entries/<int:entry_id>", finance.entry, name="entry"),
    path("finance/entries/<int:entry_id>/reverse", journal.entry_reverse, name="entry_reverse"),
    path("finance/entries/<int:entry_id>/lines/<int:line_no>/why", value.explain_line, name="explain_line"),
    path("finance/accounts/<int:account_id>", finance.account, name="account"),
    path("finance/trial-balance", finance.trial_balance, name="trial_balance"),
    path("finance/balance-sheet", finance.balance_sheet, name="balance_sheet"),
    # set-up
    path("company", company.company, name="company"),
    path("company/periods", company.period_change, name="period_change"),
    path("company/books/new", company.book_new, name="book_new"),
    path("costing", costing.costing, name="costing"),
    path("costing/<str:what>", costing.decide, name="costing_decide"),
    path("imports", imports.import_page, name="import"),
    path("imports/<int:import_id>", imports.import_job, name="import_job"),
    path("imports/<int:import_id>/load", imports.import_load, name="import_load"),
    path("verify", verify.verify, name="verify"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", company.index, name="index"),
    path("companies/new", company.company_new, name="company_new"),
    path("c/<str:company>/", include(of_company)),
]
