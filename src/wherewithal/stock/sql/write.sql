-- A whole batch in one statement: facts, value and what is derived from them. Runs with the caller's rights, so that
-- row-level security and every guard hold. The whole numbers of a part come in one array, column after column; instants
-- as microseconds since 1970, days as ordinals (1 = 0001-01-01). Written by the posting side only:
-- services/posting/write.py names the same columns in the same order.
-- Plans are generic: each is a scan of a function into an insert, and planning it anew would cost more than running it.
CREATE FUNCTION stock_write(
    company int, batch bigint, key text, hash bytea, recorded timestamptz, actor bigint, origin text, entries bigint[],
    documents bigint[], documents_kind text[], documents_number text[], documents_reference text[], documents_note text[],
    rates bigint[], rates_currency text[], rates_to_currency text[], rates_rate numeric[],
    moves bigint[], moves_key uuid[], moves_currency text[],
    costs bigint[], costs_currency text[],
    vals bigint[],
    states bigint[], states_state bytea[], states_before bytea[],
    snapshots bigint[], snapshots_state bytea[],
    locks bigint[],
    edges bigint[]
) RETURNS void
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    n int;
    nothing constant bigint := -4611686018427387904;  -- what has no value, in moves and values
BEGIN
    INSERT INTO stock_batch (company_id, batch_id, idempotency_key, request_hash, recorded_at, actor_id, source, entry_ids)
    VALUES (company, batch, key, hash, recorded, actor, origin, entries);

    n := cardinality(documents_kind);
    IF n > 0 THEN
        INSERT INTO stock_document (company_id, batch_id, document_id, party_id, effective_at, first_move_id,
        move_count, of_document_id, kind, number, reference, note)
        SELECT company, batch, u.document_id, u.party_id, timestamptz 'epoch' + u.at * interval '1 microsecond',
        u.first_move_id, u.move_count, u.of_document_id, u.kind, u.number, u.reference, u.note
        FROM unnest(documents[1:n], documents[n + 1:2 * n], documents[2 * n + 1:3 * n], documents[3 * n + 1:4 * n],
        documents[4 * n + 1:5 * n], documents[5 * n + 1:6 * n], documents_kind, documents_number, documents_reference,
        documents_note)
             AS u (document_id, party_id, at, first_move_id, move_count, of_document_id, kind, number, reference,
             note);
    END IF;

    n := cardinality(rates_currency);
    IF n > 0 THEN
        INSERT INTO stock_document_rate (company_id, document_id, currency, to_currency, rate)
        SELECT company, u.document_id, u.currency, u.to_currency, u.rate
        FROM unnest(rates[1:n], rates_currency, rates_to_currency, rates_rate)
             AS u (document_id, currency, to_currency, rate);
    END IF;

    n := cardinality(moves_key);
    IF n > 0 THEN
        INSERT INTO stock_move (company_id, batch_id, recorded_at, move_id, document_id, event_id, line_no, item_id,
        from_location_id, to_location_id, lot_id, qty, effective_at, effective_on, phase, kind, of_move_id, amount,
        share, key, currency)
        SELECT company, batch, recorded, u.move_id, u.document_id, u.event_id, u.line_no, u.item_id,
        u.from_location_id, u.to_location_id, u.lot_id, u.qty, timestamptz 'epoch' + u.at * interval '1 microsecond',
        date '0001-01-01' + (u.day::int - 1), u.phase, u.kind, nullif(u.of_move_id, nothing), nullif(u.amount, nothing), nullif(u.share, nothing), u.key, u.currency
        FROM unnest(moves[1:n], moves[n + 1:2 * n], moves[2 * n + 1:3 * n], moves[3 * n + 1:4 * n], moves[4 * n + 1:5
        * n], moves[5 * n + 1:6 * n], moves[6 * n + 1:7 * n], moves[7 * n + 1:8 * n], moves[8 * n + 1:9 * n], moves[9
        * n + 1:10 * n], moves[10 * n + 1:11 * n], moves[11 * n + 1:12 * n], moves[12 * n + 1:13 * n], moves[13 * n +
        1:14 * n], moves[14 * n + 1:15 * n], moves[15 * n + 1:16 * n], moves_key, moves_currency)
             AS u (move_id, document_id, event_id, line_no, item_id, from_location_id, to_location_id, lot_id, qty,
             at, day, phase, kind, of_move_id, amount, share, key, currency);
    END IF;

    n := cardinality(costs_currency);
    IF n > 0 THEN
        INSERT INTO stock_move_cost (company_id, batch_id, recorded_at, cost_id, move_id, item_id, effective_on, kind,
        amount, document_id, currency)
        SELECT company, batch, recorded, u.cost_id, u.move_id, u.item_id, date '0001-01-01' + (u.day::int - 1),
        u.kind, u.amount, u.document_id, u.currency
        FROM unnest(costs[1:n], costs[n + 1:2 * n], costs[2 * n + 1:3 * n], costs[3 * n + 1:4 * n], costs[4 * n + 1:5
        * n], costs[5 * n + 1:6 * n], costs[6 * n + 1:7 * n], costs_currency)
             AS u (cost_id, move_id, item_id, day, kind, amount, document_id, currency);
    END IF;

    n := cardinality(vals) / 14;
    IF n > 0 THEN
        INSERT INTO stock_value (company_id, batch_id, recorded_at, book_id, item_id, scope_id, lot_id, move_id,
        cause_id, role, debit_account_id, credit_account_id, amount, stock_amount, effective_on, posting_on, entry_id)
        SELECT company, batch, recorded, u.book_id, u.item_id, u.scope_id, u.lot_id, u.move_id, u.cause_id, u.role,
        u.debit_account_id, u.credit_account_id, u.amount, u.stock_amount, date '0001-01-01' + (u.day::int - 1), date
        '0001-01-01' + (u.posting_day::int - 1), nullif(u.entry_id, nothing)
        FROM unnest(vals[1:n], vals[n + 1:2 * n], vals[2 * n + 1:3 * n], vals[3 * n + 1:4 * n], vals[4 * n + 1:5 * n],
        vals[5 * n + 1:6 * n], vals[6 * n + 1:7 * n], vals[7 * n + 1:8 * n], vals[8 * n + 1:9 * n], vals[9 * n + 1:10
        * n], vals[10 * n + 1:11 * n], vals[11 * n + 1:12 * n], vals[12 * n + 1:13 * n], vals[13 * n + 1:14 * n])
             AS u (book_id, item_id, scope_id, lot_id, move_id, cause_id, role, debit_account_id, credit_account_id,
             amount, stock_amount, day, posting_day, entry_id);
    END IF;

    n := cardinality(states_state);
    IF n > 0 THEN
        INSERT INTO stock_cost_state (company_id, item_id, book_id, scope_id, lot_id, day, qty, value, state, before)
        SELECT company, u.item_id, u.book_id, u.scope_id, u.lot_id, date '0001-01-01' + (u.day::int - 1), u.qty,
        u.value, u.state, u.before
        FROM unnest(states[1:n], states[n + 1:2 * n], states[2 * n + 1:3 * n], states[3 * n + 1:4 * n], states[4 * n +
        1:5 * n], states[5 * n + 1:6 * n], states[6 * n + 1:7 * n], states_state, states_before)
             AS u (item_id, book_id, scope_id, lot_id, day, qty, value, state, before)
        ON CONFLICT (company_id, item_id, book_id, scope_id, lot_id) DO UPDATE
        SET day = excluded.day, qty = excluded.qty, value = excluded.value, state = excluded.state,
            before = excluded.before;
    END IF;

    n := cardinality(snapshots_state);
    IF n > 0 THEN
        INSERT INTO stock_cost_snapshot (company_id, item_id, day, book_id, scope_id, lot_id, state)
        SELECT company, u.item_id, date '0001-01-01' + (u.day::int - 1), u.book_id, u.scope_id, u.lot_id, u.state
        FROM unnest(snapshots[1:n], snapshots[n + 1:2 * n], snapshots[2 * n + 1:3 * n], snapshots[3 * n + 1:4 * n],
        snapshots[4 * n + 1:5 * n], snapshots_state)
             AS u (item_id, day, book_id, scope_id, lot_id, state)
        ON CONFLICT (company_id, item_id, day, book_id, scope_id, lot_id) DO UPDATE SET state = excluded.state;
    END IF;

    n := cardinality(locks) / 2;
    UPDATE stock_item_lock t
    SET last_at = greatest(t.last_at, timestamptz 'epoch' + u.last_at * interval '1 microsecond'), last_recorded_at = recorded
    FROM unnest(locks[1:n], locks[n + 1:2 * n]) AS u (item_id, last_at)
    WHERE t.company_id = company AND t.item_id = u.item_id;

    n := cardinality(edges) / 3;
    IF n > 0 THEN
        INSERT INTO stock_cost_edge AS t (company_id, from_item_id, to_item_id, last_on)
        SELECT company, u.from_item_id, u.to_item_id, date '0001-01-01' + (u.day::int - 1)
        FROM unnest(edges[1:n], edges[n + 1:2 * n], edges[2 * n + 1:3 * n])
             AS u (from_item_id, to_item_id, day)
        ON CONFLICT (company_id, from_item_id, to_item_id) DO UPDATE
        SET last_on = greatest(t.last_on, excluded.last_on);
    END IF;
END $$;
