-- A plain move by itself, all day long what a scanner sends: bulk goods received or issued, one value, one entry of two lines.
-- Two functions write it and prove of it, with the least work, what the guards prove of any batch; so these stand back where
-- the owner of the tables writes in a session that could not be the owner by itself: only such a function can do that.
-- Whatever is not so plain (less than nothing, claims, an older day, a closed one, the first entry of a year) fails as a
-- serialization failure does, and the whole transaction is done again through stock_write() and ledger_post(): there the
-- guards judge it, and find the words. docs/decisions/0040.

-- The batch, its document and its move, the balance of the place that it comes to or leaves, and the item's latest instant.
-- `place`: the one of its two places that is ours. Nothing joins the batch but by stock_post_one(): judging locks the row of a
-- batch, and so does this.
CREATE FUNCTION stock_begin_one(b stock_batch, d stock_document, m stock_move, k stock_item_lock, place int) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    recorded timestamptz := current_setting('app.recorded_at');
    comes boolean := m.to_location_id = place;
    change bigint := CASE WHEN comes THEN m.qty ELSE -m.qty END;
    month_on date := m.effective_on - extract(day FROM m.effective_on)::int + 1;
    has_cell boolean;
    has_month boolean;
BEGIN
    IF b.company_id IS DISTINCT FROM nullif(current_setting('app.company', true), '')::int
       OR (d.company_id, d.batch_id, m.company_id, m.batch_id, m.document_id, m.lot_id, k.company_id, k.item_id)
          IS DISTINCT FROM (b.company_id, b.batch_id, b.company_id, b.batch_id, d.document_id, 0, b.company_id, m.item_id) THEN
        RAISE EXCEPTION 'this is not one move of one batch of the company at work' USING ERRCODE = '42501';
    END IF;
    WITH batch AS (
        INSERT INTO stock_batch (company_id, batch_id, idempotency_key, request_hash, recorded_at, actor_id, source)
        VALUES (b.company_id, b.batch_id, b.idempotency_key, b.request_hash, recorded, b.actor_id, b.source)
    ), document AS (
        INSERT INTO stock_document SELECT d.*
    ), move AS (
        INSERT INTO stock_move
        VALUES (m.company_id, m.move_id, m.batch_id, m.document_id, m.event_id, m.line_no, m.item_id, m.from_location_id,
                m.to_location_id, m.lot_id, m.qty, m.effective_at, m.effective_on, m.phase, m.key, m.kind, m.of_move_id,
                m.amount, m.currency, m.share, recorded)
    ), latest AS (
        UPDATE stock_item_lock t SET last_at = greatest(t.last_at, k.last_at), last_recorded_at = recorded
        WHERE t.company_id = b.company_id AND t.item_id = m.item_id
    ), cell AS (
        UPDATE stock_quant q SET qty = q.qty + change, last_at = greatest(q.last_at, m.effective_at)
        FROM items_item i, stock_location f, stock_location t
        WHERE q.company_id = b.company_id AND q.item_id = m.item_id AND q.location_id = place AND q.lot_id = 0
          AND q.qty + change >= q.reserved AND (comes OR q.last_at <= m.effective_at)
          AND i.company_id = b.company_id AND i.id = m.item_id AND i.tracking = 0
          AND f.company_id = b.company_id AND f.id = m.from_location_id AND f.is_held = (NOT comes)
          AND t.company_id = b.company_id AND t.id = m.to_location_id AND t.is_held = comes
        RETURNING true AS is_there
    ), month AS (
        UPDATE stock_quant_month q SET qty = q.qty + change
        WHERE q.company_id = b.company_id AND q.month = month_on AND q.item_id = m.item_id AND q.location_id = place
        RETURNING true AS is_there
    )
    SELECT (SELECT is_there FROM cell), (SELECT is_there FROM month) INTO has_cell, has_month;
    IF has_cell IS NULL THEN
        INSERT INTO stock_quant (company_id, item_id, location_id, lot_id, qty, last_at)
        SELECT b.company_id, m.item_id, place, 0, change, m.effective_at
        FROM items_item i, stock_location f, stock_location t
        WHERE comes
          AND i.company_id = b.company_id AND i.id = m.item_id AND i.tracking = 0
          AND f.company_id = b.company_id AND f.id = m.from_location_id AND NOT f.is_held
          AND t.company_id = b.company_id AND t.id = place AND t.is_held
        ON CONFLICT (company_id, item_id, location_id, lot_id) DO NOTHING;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'not so plain a move' USING ERRCODE = '40001';
        END IF;
    END IF;
    IF has_month IS NULL THEN
        INSERT INTO stock_quant_month (company_id, month, item_id, location_id, qty)
        VALUES (b.company_id, month_on, m.item_id, place, change);
    END IF;
    PERFORM FROM stock_batch t WHERE t.company_id = b.company_id AND t.batch_id = b.batch_id FOR NO KEY UPDATE;
END $$;

-- What the move is worth, the pool after it, and the entry that says so.
CREATE FUNCTION stock_post_one(v stock_value, s stock_cost_state, e ledger_entry, one ledger_line, other ledger_line) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
BEGIN
    IF v.company_id IS DISTINCT FROM nullif(current_setting('app.company', true), '')::int
       OR (s.company_id, e.company_id, e.book_id, e.batch_id, e.entry_id, e.effective_on, e.posting_on)
          IS DISTINCT FROM
          (v.company_id, v.company_id, v.book_id, v.batch_id, v.entry_id, v.effective_on, v.posting_on)
       OR (one.account_id, one.amount, other.account_id, other.amount)
          IS DISTINCT FROM (v.debit_account_id, v.amount, v.credit_account_id, -v.amount)
          AND (other.account_id, other.amount, one.account_id, one.amount)
              IS DISTINCT FROM (v.debit_account_id, v.amount, v.credit_account_id, -v.amount) THEN
        RAISE EXCEPTION 'this is not one value with its entry, of the company at work' USING ERRCODE = '42501';
    END IF;
    WITH pool AS (
        INSERT INTO stock_cost_state SELECT s.*
        ON CONFLICT (company_id, item_id, book_id, scope_id, lot_id) DO UPDATE
        SET day = excluded.day, qty = excluded.qty, value = excluded.value, state = excluded.state, before = excluded.before
    )
    INSERT INTO stock_value
    SELECT v.* FROM stock_batch b
    WHERE b.company_id = v.company_id AND b.batch_id = v.batch_id AND b.recorded_at = v.recorded_at AND stock_born_here(b.xmin);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'values come with their batch: batch % is none of this transaction', v.batch_id USING ERRCODE = 'WH207';
    END IF;
    IF ledger_post_one(e, one, other) IS NULL THEN
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
