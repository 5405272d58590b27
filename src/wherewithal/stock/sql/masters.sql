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

-- Hold everything that a batch will touch, and say what is there, in one round trip: first the books' periods, then the
-- items, sorted; what is read in the statement after that is settled. Instants as microseconds, days as ordinals.
-- `key`: `earlier` is the batch that was recorded under it. `lots` null: pools of all lots. `id_count` 0: no ids are
-- wanted yet. (IF calls the lock without a query of its own, which would take longer than the lock.)
CREATE FUNCTION stock_hold(
    company int, key text, books int[], items int[], lots bigint[], id_count bigint, entry_count int,
    OUT earlier bigint, OUT version bigint, OUT now_at timestamptz, OUT open_from int[],
    OUT item_ids int[], OUT last_at bigint[], OUT last_recorded_at timestamptz,
    OUT first_id bigint, OUT entry_ids bigint[], OUT pools stock_cost_state[]
) LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    book int;
BEGIN
    FOREACH book IN ARRAY books LOOP
        IF pg_advisory_xact_lock_shared(ledger_book_key(company, book)) IS NULL THEN
        END IF;
    END LOOP;

    SELECT array_agg(k.item_id), array_agg((extract(epoch FROM nullif(k.last_at, '-infinity')) * 1000000)::bigint),
           max(nullif(k.last_recorded_at, '-infinity'))
    INTO item_ids, last_at, last_recorded_at
    FROM (SELECT t.item_id, t.last_at, t.last_recorded_at FROM stock_item_lock t
          WHERE t.company_id = company AND t.item_id = ANY (items)
          ORDER BY t.item_id FOR NO KEY UPDATE) k;

    SELECT v.version, (SELECT b.batch_id FROM stock_batch b WHERE b.company_id = company AND b.idempotency_key = key),
           ARRAY(SELECT (SELECT max(p.end_on) - date '0001-01-01' + 2 FROM ledger_period p
                         WHERE p.company_id = company AND p.book_id = b AND p.state > 0)
                 FROM unnest(books) AS b),
           ARRAY(SELECT s FROM stock_cost_state s
                 WHERE s.company_id = company AND s.item_id = ANY (items) AND (lots IS NULL OR s.lot_id = ANY (lots)))
    INTO version, earlier, open_from, pools
    FROM stock_masters_version v WHERE v.company_id = company;

    now_at := clock_timestamp();
    IF id_count > 0 THEN
        first_id := stock_reserve_ids(id_count);
        FOR n IN 1 .. entry_count LOOP
            entry_ids[n] := nextval('ledger_entry_id_seq');
        END LOOP;
    END IF;
END $$;
