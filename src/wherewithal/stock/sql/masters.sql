-- Posting reads masters (company, books, places, items, policies, account map) from memory, as long as this number says
-- that none of them has changed. It comes from a sequence, so that a change that was rolled back can never share its
-- number with another one. New items and places need no new number: they are simply not in anybody's memory yet.

CREATE SEQUENCE stock_masters_version_seq;

CREATE TABLE stock_masters_version (
    company_id int PRIMARY KEY REFERENCES ledger_company (id),
    version bigint NOT NULL
);

CREATE FUNCTION stock_masters_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO stock_masters_version (company_id, version)
    SELECT c.company_id, nextval('stock_masters_version_seq')
    FROM (SELECT DISTINCT company_id FROM changed ORDER BY company_id) c
    ON CONFLICT (company_id) DO UPDATE SET version = excluded.version;
    RETURN NULL;
END $$;

CREATE FUNCTION stock_masters_changed_of_company() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO stock_masters_version (company_id, version)
    SELECT c.id, nextval('stock_masters_version_seq') FROM changed c ORDER BY c.id
    ON CONFLICT (company_id) DO UPDATE SET version = excluded.version;
    RETURN NULL;
END $$;

CREATE TRIGGER stock_masters_changed_by_insert AFTER INSERT ON ledger_company
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION stock_masters_changed_of_company();
CREATE TRIGGER stock_masters_changed_by_update AFTER UPDATE ON ledger_company
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION stock_masters_changed_of_company();

DO $$
DECLARE
    watched record;
BEGIN
    FOR watched IN SELECT * FROM (VALUES
        ('ledger_book', 'INSERT'), ('ledger_book', 'UPDATE'),
        ('ledger_account_map', 'INSERT'),
        ('items_item', 'UPDATE'),
        ('items_item_unit', 'INSERT'), ('items_item_unit', 'UPDATE'), ('items_item_unit', 'DELETE'),
        ('items_category', 'UPDATE'),
        ('items_unit', 'UPDATE'),
        ('stock_location', 'UPDATE'),
        ('stock_filled_book', 'INSERT'),
        ('stock_cost_policy', 'INSERT'),
        ('stock_standard_cost', 'INSERT'),
        ('stock_nrv_estimate', 'INSERT')) AS w (relation, event)
    LOOP
        EXECUTE format(
            'CREATE TRIGGER stock_masters_changed_by_%s AFTER %s ON %I REFERENCING %s TABLE AS changed '
            'FOR EACH STATEMENT EXECUTE FUNCTION stock_masters_changed()',
            lower(watched.event), watched.event, watched.relation,
            CASE watched.event WHEN 'DELETE' THEN 'OLD' ELSE 'NEW' END);
    END LOOP;
END $$;

INSERT INTO stock_masters_version (company_id, version)
SELECT id, nextval('stock_masters_version_seq') FROM ledger_company ON CONFLICT DO NOTHING;

-- What a batch holds before it is written, `stock_hold`, is in hold.sql.
