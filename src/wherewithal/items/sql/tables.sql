-- What the ORM cannot say: keys that carry the company, the dates of a lot, and the table behind finding by words.

ALTER TABLE items_category
    ADD FOREIGN KEY (company_id) REFERENCES ledger_company (id),
    ADD FOREIGN KEY (company_id, parent_id) REFERENCES items_category (company_id, id);

ALTER TABLE items_unit
    ADD FOREIGN KEY (company_id) REFERENCES ledger_company (id);

ALTER TABLE items_item
    ADD FOREIGN KEY (company_id, category_id) REFERENCES items_category (company_id, id),
    ADD FOREIGN KEY (company_id, base_unit_id) REFERENCES items_unit (company_id, id);

ALTER TABLE items_item_unit
    ADD FOREIGN KEY (company_id, item_id) REFERENCES items_item (company_id, id) ON DELETE CASCADE,
    ADD FOREIGN KEY (company_id, unit_id) REFERENCES items_unit (company_id, id);

ALTER TABLE items_barcode
    ADD FOREIGN KEY (company_id, item_id) REFERENCES items_item (company_id, id) ON DELETE CASCADE,
    ADD FOREIGN KEY (company_id, item_unit_id) REFERENCES items_item_unit (company_id, id) ON DELETE CASCADE;

ALTER TABLE items_lot
    ADD FOREIGN KEY (company_id, item_id) REFERENCES items_item (company_id, id),
    ADD CONSTRAINT items_lot_dates_in_order CHECK (
        (expires_on IS NULL OR best_before_on IS NULL OR best_before_on <= expires_on)
        AND (expires_on IS NULL OR removal_on IS NULL OR removal_on <= expires_on)
        AND (expires_on IS NULL OR alert_on IS NULL OR alert_on <= expires_on)
        AND (manufactured_on IS NULL OR expires_on IS NULL OR manufactured_on <= expires_on));

ALTER TABLE items_attachment
    ADD FOREIGN KEY (company_id, item_id) REFERENCES items_item (company_id, id) ON DELETE CASCADE;

-- One row per word of an item's SKU, name and description, without case and accents. Collation C, so that the
-- primary key serves `word ^@ 'beginning'`, the one prefix operator that is leakproof and so keeps its index under
-- row-level security.
CREATE TABLE items_word (
    company_id int NOT NULL,
    word text COLLATE "C" NOT NULL,
    item_id int NOT NULL,
    PRIMARY KEY (company_id, word, item_id),
    FOREIGN KEY (company_id, item_id) REFERENCES items_item (company_id, id) ON DELETE CASCADE
);
CREATE INDEX items_word_by_item ON items_word (company_id, item_id);
