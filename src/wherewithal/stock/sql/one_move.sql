-- A plain move by itself, all day long what a scanner sends: bulk goods received or issued, in each book one value and one
-- entry of two lines. Two functions write it and prove of it, with the least work, what the guards prove of any batch; so these
-- stand back where the owner of the tables writes in a session that could not be the owner by itself: only such a function can
-- do that. Whatever is not so plain (less than nothing, claims, an older day, a closed one, the first entry of a year) fails as
-- a serialization failure does, and the whole transaction is done again through stock_write() and ledger_post(): there the
-- guards judge it, and find the words. docs/decisions/0040.

-- The batch, its document and its move, the balance of the place that it comes to or leaves, and the item's latest instant.
-- `place`: the one of its two places that is ours. Nothing joins the batch but by stock_post_one(): judging locks the row of a
-- batch, and so does this.
CREATE FUNCTION stock_begin_one(
    company int, batch bigint, key text, request_hash bytea, actor bigint, source text,
    document bigint, document_kind text, number text, reference text, party int, effective_at timestamptz, note text,
    move bigint, item int, source_place int, target_place int, place int, qty bigint, effective_on date, phase smallint,
    content_key uuid, kind smallint, amount bigint, currency text, latest_at timestamptz
) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    recorded timestamptz := current_setting('app.recorded_at');
    comes boolean := target_place = place;
    change bigint := CASE WHEN comes THEN qty ELSE -qty END;
    month_on date := effective_on - extract(day FROM effective_on)::int + 1;
    has_cell boolean;
    has_month boolean;
BEGIN
    IF company IS DISTINCT FROM nullif(current_setting('app.company', true), '')::int THEN
        RAISE EXCEPTION 'company % is not the one at work', company USING ERRCODE = '42501';
    ELSIF NOT has_table_privilege(session_user, 'stock_batch', 'INSERT') THEN  -- everybody may call a function
        RAISE EXCEPTION 'batches are written by the application' USING ERRCODE = '42501';
    ELSIF pg_has_role(session_user, current_user, 'MEMBER')  -- for the owner himself no guard stands back
          OR (comes OR source_place = place) IS NOT TRUE THEN
        RAISE EXCEPTION 'not so plain a move' USING ERRCODE = '40001';
    END IF;
    WITH b AS (
        INSERT INTO stock_batch (company_id, batch_id, idempotency_key, request_hash, recorded_at, actor_id, source)
        VALUES (company, batch, key, stock_begin_one.request_hash, recorded, actor, stock_begin_one.source)
    ), d AS (
        INSERT INTO stock_document (company_id, document_id, batch_id, kind, number, reference, party_id, effective_at, note,
                                    first_move_id, move_count)
        VALUES (company, document, batch, document_kind, stock_begin_one.number, stock_begin_one.reference, party,
                stock_begin_one.effective_at, stock_begin_one.note, move, 1)
    ), m AS (
        INSERT INTO stock_move (company_id, move_id, batch_id, document_id, event_id, line_no, item_id, from_location_id,
                                to_location_id, lot_id, qty, effective_at, effective_on, phase, key, kind, amount, currency,
                                recorded_at)
        VALUES (company, move, batch, document, move, 1, item, source_place, target_place, 0, stock_begin_one.qty,
                stock_begin_one.effective_at, stock_begin_one.effective_on, stock_begin_one.phase, content_key,
                stock_begin_one.kind, stock_begin_one.amount, stock_begin_one.currency, recorded)
    ), k AS (
        UPDATE stock_item_lock t SET last_at = greatest(t.last_at, latest_at), last_recorded_at = recorded
        WHERE t.company_id = company AND t.item_id = item
    ), cell AS (
        UPDATE stock_quant q SET qty = q.qty + change, last_at = greatest(q.last_at, stock_begin_one.effective_at)
        FROM items_item i, stock_location f, stock_location t
        WHERE q.company_id = company AND q.item_id = item AND q.location_id = place AND q.lot_id = 0
          AND q.qty + change >= q.reserved AND (comes OR q.last_at <= stock_begin_one.effective_at)
          AND i.company_id = company AND i.id = item AND i.tracking = 0
          AND f.company_id = company AND f.id = source_place AND f.is_held = (NOT comes)
          AND t.company_id = company AND t.id = target_place AND t.is_held = comes
        RETURNING true AS is_there
    ), month AS (
        UPDATE stock_quant_month q SET qty = q.qty + change
        WHERE q.company_id = company AND q.month = month_on AND q.item_id = item AND q.location_id = place
        RETURNING true AS is_there
    )
    SELECT (SELECT is_there FROM cell), (SELECT is_there FROM month) INTO has_cell, has_month;
    IF has_cell IS NULL THEN
        INSERT INTO stock_quant (company_id, item_id, location_id, lot_id, qty, last_at)
        SELECT company, item, place, 0, change, stock_begin_one.effective_at
        FROM items_item i, stock_location f, stock_location t
        WHERE comes
          AND i.company_id = company AND i.id = item AND i.tracking = 0
          AND f.company_id = company AND f.id = source_place AND NOT f.is_held
          AND t.company_id = company AND t.id = place AND t.is_held
        ON CONFLICT (company_id, item_id, location_id, lot_id) DO NOTHING;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'not so plain a move' USING ERRCODE = '40001';
        END IF;
    END IF;
    IF has_month IS NULL THEN
        INSERT INTO stock_quant_month (company_id, month, item_id, location_id, qty)
        VALUES (company, month_on, item, place, change);
    END IF;
    PERFORM FROM stock_batch t WHERE t.company_id = company AND t.batch_id = batch FOR NO KEY UPDATE;
END $$;

-- What the move of a batch is worth in a book, the pool after it, and the entry that says so.
CREATE FUNCTION stock_post_one(
    company int, batch bigint, recorded timestamptz, actor bigint, source text, reference text, entry bigint,
    book int, item int, scope int, move bigint, role smallint, debit int, credit int, amount bigint, stock_amount bigint,
    effective_on date, posting_on date, pool_day date, pool_qty bigint, pool_value bigint, pool_state bytea, pool_before bytea
) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
BEGIN
    IF company IS DISTINCT FROM nullif(current_setting('app.company', true), '')::int THEN
        RAISE EXCEPTION 'company % is not the one at work', company USING ERRCODE = '42501';
    END IF;
    WITH pool AS (
        INSERT INTO stock_cost_state (company_id, item_id, book_id, scope_id, lot_id, day, qty, value, state, before)
        VALUES (company, item, book, scope, 0, pool_day, pool_qty, pool_value, pool_state, pool_before)
        ON CONFLICT (company_id, item_id, book_id, scope_id, lot_id) DO UPDATE
        SET day = excluded.day, qty = excluded.qty, value = excluded.value, state = excluded.state, before = excluded.before
    )
    INSERT INTO stock_value (company_id, book_id, item_id, scope_id, lot_id, move_id, cause_id, role, debit_account_id,
                             credit_account_id, amount, stock_amount, effective_on, posting_on, entry_id, batch_id, recorded_at)
    SELECT company, book, item, scope, 0, move, move, stock_post_one.role, debit, credit, stock_post_one.amount,
           stock_post_one.stock_amount, stock_post_one.effective_on, stock_post_one.posting_on, entry, batch, recorded
    FROM stock_batch b
    WHERE b.company_id = company AND b.batch_id = batch AND b.recorded_at = recorded AND stock_born_here(b.xmin);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'values come with their batch: batch % is none of this transaction', batch USING ERRCODE = 'WH207';
    END IF;
    IF ledger_post_one(company, book, entry, effective_on, posting_on, recorded, source, batch, reference, actor,
                       debit, credit, amount) IS NULL THEN
    END IF;
END $$;

-- The guards of batches of every kind stand back for these two: what a session cannot become by itself, only a function of
-- the owner can make it.
ALTER TABLE stock_batch DROP CONSTRAINT stock_batch_company_id_fkey;  -- whoever holds what a batch needs has met its company
DROP TRIGGER stock_move_quants ON stock_move;
CREATE TRIGGER stock_move_quants AFTER INSERT ON stock_move
    REFERENCING NEW TABLE AS new_moves FOR EACH STATEMENT
    WHEN (pg_has_role(session_user, current_user, 'MEMBER')) EXECUTE FUNCTION stock_keep_quants();
DROP TRIGGER stock_value_batch ON stock_value;
CREATE TRIGGER stock_value_batch AFTER INSERT ON stock_value
    REFERENCING NEW TABLE AS new_values FOR EACH STATEMENT
    WHEN (pg_has_role(session_user, current_user, 'MEMBER')) EXECUTE FUNCTION stock_values_have_a_batch();
DROP TRIGGER stock_batch_agrees ON stock_batch;
CREATE CONSTRAINT TRIGGER stock_batch_agrees AFTER INSERT ON stock_batch
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (pg_has_role(session_user, current_user, 'MEMBER')) EXECUTE FUNCTION stock_batch_agrees();
DROP TRIGGER ledger_line_has_goods ON ledger_line;
CREATE TRIGGER ledger_line_has_goods AFTER INSERT ON ledger_line
    REFERENCING NEW TABLE AS born FOR EACH STATEMENT
    WHEN (pg_has_role(session_user, current_user, 'MEMBER')) EXECUTE FUNCTION stock_lines_have_goods();
DROP TRIGGER stock_quant_month_follows ON stock_quant_month;
CREATE TRIGGER stock_quant_month_follows BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON stock_quant_month
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0 AND pg_has_role(session_user, current_user, 'MEMBER'))
    EXECUTE FUNCTION stock_quant_follows();
DROP TRIGGER stock_quant_follows ON stock_quant;
CREATE TRIGGER stock_quant_follows BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON stock_quant
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0 AND pg_has_role(session_user, current_user, 'MEMBER'))
    EXECUTE FUNCTION stock_quant_follows();
