-- Items by name: collation C, whose comparisons keep the index under row-level security.
CREATE INDEX items_item_by_name ON items_item (company_id, (name COLLATE "C"), id);
