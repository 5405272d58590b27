"""Tables of the catalogue. Rules that the database can hold are constraints here or in sql/guards.sql.

Foreign keys to masters are composite in SQL, (company_id, id), so that a row can never point into another company;
the ORM's own single-column ones are therefore switched off (db_constraint=False).
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from wherewithal.items.values import ItemKind, LotStatus, Symbology, Tracking


def _master_key(table: str) -> models.UniqueConstraint:
    return models.UniqueConstraint(fields=["company_id", "id"], name=f"{table}_company_key")


class Category(models.Model):
    """A node of the item tree. Costing policies and the account map hang on it."""

    id = models.AutoField(primary_key=True)
    company_id = models.IntegerField()
    parent = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.PROTECT,
        related_name="children",
        db_constraint=False,
        db_index=False,
    )
    code = models.TextField(db_collation="C")
    name = models.TextField()
    attributes_schema = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))

    class Meta:
        db_table = "items_category"
        constraints = [
            _master_key("items_category"),
            models.UniqueConstraint(fields=["company_id", "code"], name="items_category_code_key"),
            models.CheckConstraint(condition=~Q(id=F("parent_id")), name="items_category_own_parent"),
            models.CheckConstraint(condition=~Q(code=""), name="items_category_code_given"),
        ]


class Unit(models.Model):
    id = models.AutoField(primary_key=True)
    company_id = models.IntegerField()
    code = models.TextField(db_collation="C")
    name = models.TextField()

    class Meta:
        db_table = "items_unit"
        constraints = [
            _master_key("items_unit"),
            models.UniqueConstraint(fields=["company_id", "code"], name="items_unit_code_key"),
            models.CheckConstraint(condition=~Q(code=""), name="items_unit_code_given"),
        ]


class Item(models.Model):
    """A thing kept in the catalogue. Quantities are whole numbers of 10^-qty_decimals base units."""

    id = models.AutoField(primary_key=True)
    company_id = models.IntegerField()
    sku = models.TextField(db_collation="C")
    sku_key = models.TextField(db_collation="C", help_text="sku without case and accents, for finding")
    name = models.TextField()
    description = models.TextField(default="", db_default="")
    kind = models.TextField(default=ItemKind.FINISHED_GOOD.value, db_default=ItemKind.FINISHED_GOOD.value)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, db_constraint=False, db_index=False)
    base_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, db_constraint=False, db_index=False)
    qty_decimals = models.SmallIntegerField(default=0, db_default=0)
    tracking = models.SmallIntegerField(default=0, db_default=0)
    shelf_life_days = models.IntegerField(null=True)
    weight_g = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    volume_ml = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    attributes = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    active = models.BooleanField(default=True, db_default=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "items_item"
        constraints = [
            _master_key("items_item"),
            models.UniqueConstraint(fields=["company_id", "sku"], name="items_item_sku_key"),
            models.CheckConstraint(condition=~Q(sku=""), name="items_item_sku_given"),
            models.CheckConstraint(
                condition=Q(kind__in=[k.value for k in ItemKind]), name="items_item_kind_known"
            ),
            models.CheckConstraint(condition=Q(qty_decimals__range=(0, 6)), name="items_item_decimals_range"),
            models.CheckConstraint(
                condition=Q(tracking__in=[t.value for t in Tracking]), name="items_item_tracking_known"
            ),
            models.CheckConstraint(
                condition=~Q(tracking=Tracking.SERIAL.value) | Q(qty_decimals=0),
                name="items_item_serial_whole",
            ),
            models.CheckConstraint(
                condition=Q(shelf_life_days__isnull=True) | Q(shelf_life_days__gt=0),
                name="items_item_shelf_life",
            ),
            models.CheckConstraint(
                condition=(Q(weight_g__isnull=True) | Q(weight_g__gte=0))
                & (Q(volume_ml__isnull=True) | Q(volume_ml__gte=0)),
                name="items_item_measures",
            ),
        ]
        indexes = [
            models.Index(fields=["company_id", "sku_key", "id"], name="items_item_sku_find"),
            models.Index(fields=["company_id", "category_id", "sku"], name="items_item_by_category"),
        ]


class ItemUnit(models.Model):
    """A further unit of one item: 1 unit = numerator / denominator base units, exactly."""

    id = models.AutoField(primary_key=True)
    company_id = models.IntegerField()
    item = models.ForeignKey(
        Item, on_delete=models.CASCADE, related_name="units", db_constraint=False, db_index=False
    )
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, db_constraint=False, db_index=False)
    numerator = models.BigIntegerField()
    denominator = models.BigIntegerField(default=1, db_default=1)

    class Meta:
        db_table = "items_item_unit"
        constraints = [
            _master_key("items_item_unit"),
            models.UniqueConstraint(fields=["company_id", "item", "unit"], name="items_item_unit_once"),
            models.CheckConstraint(
                condition=Q(numerator__gt=0, denominator__gt=0), name="items_item_unit_positive"
            ),
        ]


class Barcode(models.Model):
    """A code on a label. match_code is what a scan is compared with: a GTIN padded to 14 digits."""

    id = models.AutoField(primary_key=True)
    company_id = models.IntegerField()
    item = models.ForeignKey(
        Item, on_delete=models.CASCADE, related_name="barcodes", db_constraint=False, db_index=False
    )
    item_unit = models.ForeignKey(
        ItemUnit, null=True, on_delete=models.CASCADE, db_constraint=False, db_index=False
    )
    code = models.TextField(db_collation="C")
    match_code = models.TextField(db_collation="C")
    symbology = models.TextField()

    class Meta:
        db_table = "items_barcode"
        constraints = [
            _master_key("items_barcode"),
            models.UniqueConstraint(fields=["company_id", "code"], name="items_barcode_code_key"),
            models.UniqueConstraint(fields=["company_id", "match_code"], name="items_barcode_match_key"),
            models.CheckConstraint(
                condition=Q(symbology__in=[s.value for s in Symbology]), name="items_barcode_symbology_known"
            ),
        ]
        indexes = [models.Index(fields=["company_id", "item_id"], name="items_barcode_by_item")]


class Lot(models.Model):
    """A lot, or one serial number. Its history of status is in the audit trail."""

    id = models.BigAutoField(primary_key=True)
    company_id = models.IntegerField()
    item = models.ForeignKey(
        Item, on_delete=models.PROTECT, related_name="lots", db_constraint=False, db_index=False
    )
    code = models.TextField(db_collation="C")
    is_serial = models.BooleanField(default=False, db_default=False)
    status = models.SmallIntegerField(default=0, db_default=0)
    manufactured_on = models.DateField(null=True)
    best_before_on = models.DateField(null=True)
    expires_on = models.DateField(null=True)
    removal_on = models.DateField(null=True)
    alert_on = models.DateField(null=True)
    supplier_lot = models.TextField(default="", db_default="")
    note = models.TextField(default="", db_default="")

    class Meta:
        db_table = "items_lot"
        constraints = [
            _master_key("items_lot"),
            models.UniqueConstraint(fields=["company_id", "item", "code"], name="items_lot_code_key"),
            models.CheckConstraint(condition=Q(id__gt=0), name="items_lot_not_zero"),
            models.CheckConstraint(
                condition=Q(status__in=[s.value for s in LotStatus]), name="items_lot_status_known"
            ),
            models.CheckConstraint(condition=~Q(code=""), name="items_lot_code_given"),
        ]
        indexes = [
            models.Index(fields=["company_id", "code"], name="items_lot_by_code"),
            models.Index(
                fields=["company_id", "expires_on"],
                condition=Q(expires_on__isnull=False),
                name="items_lot_by_expiry",
            ),
        ]


class Attachment(models.Model):
    """A picture or document of an item. The bytes lie in the data folder under their own sha256."""

    id = models.AutoField(primary_key=True)
    company_id = models.IntegerField()
    item = models.ForeignKey(
        Item, on_delete=models.CASCADE, related_name="attachments", db_constraint=False, db_index=False
    )
    file_name = models.TextField()
    title = models.TextField(default="", db_default="")
    media_type = models.TextField()
    size_bytes = models.BigIntegerField()
    sha256 = models.TextField()
    is_image = models.BooleanField(default=False, db_default=False)
    pixels_wide = models.IntegerField(null=True)
    pixels_high = models.IntegerField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "items_attachment"
        constraints = [
            _master_key("items_attachment"),
            models.UniqueConstraint(fields=["company_id", "item", "sha256"], name="items_attachment_once"),
            models.CheckConstraint(condition=Q(size_bytes__gt=0), name="items_attachment_not_empty"),
        ]
