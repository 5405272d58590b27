-- Goods that become fixed assets, or parts of them, go to a place of their own: outside of stock, like customers.
ALTER TABLE stock_location DROP CONSTRAINT stock_location_type_check, ADD CONSTRAINT stock_location_type_check CHECK (type IN (
    'site', 'warehouse', 'zone', 'bin', 'transit',
    'supplier', 'customer', 'production', 'adjustment', 'scrap', 'opening', 'asset'));

INSERT INTO stock_location (company_id, code, name, type)
SELECT id, CASE WHEN EXISTS (SELECT FROM stock_location l WHERE l.company_id = c.id AND l.code = 'ASSET')
                THEN 'FIXED-ASSETS' ELSE 'ASSET' END, 'Fixed assets', 'asset'
FROM ledger_company c;

CREATE FUNCTION stock_asset_place_of_new_companies() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO stock_location (company_id, code, name, type)
    SELECT id, 'ASSET', 'Fixed assets', 'asset' FROM new_companies;
    RETURN NULL;
END $$;
CREATE TRIGGER stock_locations_of_new_companies_assets AFTER INSERT ON ledger_company
    REFERENCING NEW TABLE AS new_companies
    FOR EACH STATEMENT EXECUTE FUNCTION stock_asset_place_of_new_companies();
