-- A run adds a row to nearly every asset, so it touches every page of an index by asset. Nothing but the asset and the book
-- in it, alike rows share one entry (deduplication): a tenth of the pages, and the few rows of an asset are read from the
-- table.
DROP INDEX assets_value_asset;
CREATE INDEX assets_value_asset ON assets_value (company_id, asset_id, book_id);
