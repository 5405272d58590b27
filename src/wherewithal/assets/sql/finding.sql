-- Finding by the beginning of a name or serial number, whatever its case. `^@` is leakproof and keeps its index under
-- row-level security; lower() is not, so the key is stored.
ALTER TABLE assets_asset ADD COLUMN name_key text COLLATE "C" GENERATED ALWAYS AS (lower(name)) STORED;
CREATE INDEX assets_asset_by_name ON assets_asset (company_id, name_key, id);
CREATE INDEX assets_asset_by_serial ON assets_asset (company_id, serial_no COLLATE "C", id) WHERE serial_no <> '';
CREATE INDEX assets_asset_custodian ON assets_asset (company_id, custodian_party_id) WHERE custodian_party_id IS NOT NULL;
CREATE INDEX assets_placement_cost_centres ON assets_placement (company_id, aspect, effective_on) WHERE aspect = 4;
CREATE INDEX assets_standing_slow ON assets_standing (company_id, book_id, asset_id) WHERE way = 2;
CREATE INDEX assets_asset_book_terms ON assets_asset_book (company_id, terms_id);
-- The few events by which assets hang together.
CREATE INDEX assets_event_parts ON assets_event (company_id, asset_id) INCLUDE (of_event_id) WHERE kind = 'part_in';
