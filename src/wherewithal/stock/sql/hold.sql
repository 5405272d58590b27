-- Hold everything that a batch will touch, and say what is there, in one round trip: first the books' periods, then the
-- items, sorted; what is read in the statement after that is settled. Instants as microseconds, days as ordinals.
-- `key`: `earlier` is the batch that was recorded under it. `lots` null: pools of all lots. `id_count` 0: no ids are
-- wanted. (IF calls the lock without a query of its own, which would take longer than the lock.) The time of recording, never
-- before what is known of these items, stays with the transaction, for a batch that is begun before this has answered.
CREATE OR REPLACE FUNCTION stock_hold(
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
    IF set_config('app.recorded_at', greatest(now_at, last_recorded_at)::text, true) IS NULL THEN
    END IF;
    IF id_count > 0 THEN
        first_id := stock_reserve_ids(id_count);
    END IF;
    FOR n IN 1 .. entry_count LOOP
        entry_ids[n] := nextval('ledger_entry_id_seq');
    END LOOP;
END $$;

-- The facts of a small batch, sent behind `stock_hold` without waiting for its answer, so that they are inserted while the
-- answer is on its way and read: what was held says when they were recorded. Otherwise as stock_write(), with the rights of
-- the caller. Whoever then finds in the answer that the batch should not have been begun takes the transaction back.
CREATE FUNCTION stock_begin(batches stock_batch[], documents stock_document[], moves stock_move[]) RETURNS void
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    recorded timestamptz := current_setting('app.recorded_at');
BEGIN
    INSERT INTO stock_batch
    SELECT b.company_id, b.batch_id, b.idempotency_key, b.request_hash, recorded, b.actor_id, b.source FROM unnest(batches) b;
    INSERT INTO stock_document SELECT * FROM unnest(documents);
    INSERT INTO stock_move
    SELECT m.company_id, m.move_id, m.batch_id, m.document_id, m.event_id, m.line_no, m.item_id, m.from_location_id,
           m.to_location_id, m.lot_id, m.qty, m.effective_at, m.effective_on, m.phase, m.key, m.kind, m.of_move_id, m.amount,
           m.currency, m.share, recorded
    FROM unnest(moves) m;
END $$;
