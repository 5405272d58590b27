-- Hold everything that a batch will touch, and say what is there, in one round trip: first the books' periods, then the
-- items, sorted; what is read in the statement after that is settled. `items` are in ascending order. `lots` null: pools of
-- all lots. `id_count` 0: no ids are wanted. `key`: look which batch was recorded under it; null where the batch is begun before
-- this has answered, and meets it then. `opener`: where this is the first statement of its transaction, it says itself which
-- company and which user (empty: none) are at work; null: that was said. The time of recording, never before what is known of
-- these items, stays with the transaction, for a batch that is begun before this has answered. (IF calls a lock or a setting
-- without a query of its own, which would take longer than the lock.)
--
-- The answer is one text, which takes less time than a record: version of the masters, the clock, when the items were last
-- written, the latest instant of each in microseconds, the first of the ids, ids for entries, the earlier batch, the pools; of
-- each pool its book, scope, item, lot, day as an ordinal, state, state before that day.
DROP FUNCTION stock_hold(int, text, int[], int[], bigint[], bigint, int);

CREATE FUNCTION stock_hold(
    company int, books int[], items int[], lots bigint[], key text, id_count bigint, entry_count int, opener text
) RETURNS text
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    book int;
    last_at bigint[];
    last_recorded_at timestamptz;
    version bigint;
    pools text[];
    now_at timestamptz;
    earlier bigint;
    first_id bigint;
    entry_ids bigint[];
BEGIN
    IF opener IS NOT NULL
       AND (set_config('app.company', company::text, true) IS NULL OR set_config('app.user', opener, true) IS NULL) THEN
    END IF;
    FOREACH book IN ARRAY books LOOP
        IF pg_advisory_xact_lock_shared(ledger_book_key(company, book)) IS NULL THEN
        END IF;
    END LOOP;

    IF cardinality(items) = 1 THEN
        SELECT ARRAY[(extract(epoch FROM nullif(t.last_at, '-infinity')) * 1000000)::bigint],
               nullif(t.last_recorded_at, '-infinity')
        INTO last_at, last_recorded_at
        FROM stock_item_lock t WHERE t.company_id = company AND t.item_id = items[1] FOR NO KEY UPDATE;
    ELSE
        SELECT array_agg((extract(epoch FROM nullif(k.last_at, '-infinity')) * 1000000)::bigint),
               max(nullif(k.last_recorded_at, '-infinity'))
        INTO last_at, last_recorded_at
        FROM (SELECT t.item_id, t.last_at, t.last_recorded_at FROM stock_item_lock t
              WHERE t.company_id = company AND t.item_id = ANY (items)
              ORDER BY t.item_id FOR NO KEY UPDATE) k;
    END IF;
    IF coalesce(cardinality(last_at), 0) <> cardinality(items) THEN
        RAISE EXCEPTION 'some of the items % have no lock row: are they of company %, and created through its triggers?',
            items, company;
    END IF;

    SELECT v.version,
           ARRAY(SELECT s.book_id || ',' || s.scope_id || ',' || s.item_id || ',' || s.lot_id || ','
                        || (s.day - date '0001-01-01' + 1) || ',' || encode(s.state, 'hex') || ','
                        || coalesce(encode(s.before, 'hex'), '')
                 FROM stock_cost_state s
                 WHERE s.company_id = company AND s.item_id = ANY (items) AND (lots IS NULL OR s.lot_id = ANY (lots)))
    INTO version, pools
    FROM stock_masters_version v WHERE v.company_id = company;
    IF key IS NOT NULL THEN
        SELECT b.batch_id INTO earlier FROM stock_batch b WHERE b.company_id = company AND b.idempotency_key = key;
    END IF;

    now_at := clock_timestamp();
    IF set_config('app.recorded_at', greatest(now_at, last_recorded_at)::text, true) IS NULL THEN
    END IF;
    IF id_count > 0 THEN
        first_id := stock_reserve_ids(id_count);
    END IF;
    FOR n IN 1 .. entry_count LOOP
        entry_ids[n] := nextval('ledger_entry_id_seq');
    END LOOP;
    RETURN format('%s|%s|%s|%s|%s|%s|%s|%s', version, now_at, last_recorded_at, last_at, first_id, entry_ids, earlier,
                  array_to_string(pools, ';'));
END $$;

-- The first open day of each book is among the masters.
CREATE TRIGGER stock_masters_changed_by_insert AFTER INSERT ON ledger_period
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION stock_masters_changed();
CREATE TRIGGER stock_masters_changed_by_update AFTER UPDATE ON ledger_period
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION stock_masters_changed();
