-- The one door for entries: headers and lines of a batch in one statement, in one round trip. Runs with the rights
-- of the caller, so row-level security and every guard hold. The first arrays have one element an entry, those from
-- `line_entries` on one element a line; `line_entries` says, counted from 1, which entry the line belongs to.
-- `entry_ids` is null, or has the ids that the caller reserved. A null `recorded_at` is the database's clock.
-- Returns the ids, in the order given.
CREATE FUNCTION ledger_post(
    company int, entry_ids bigint[], books int[], effective_days date[], posting_days date[],
    recorded timestamptz[], sources text[], batches bigint[], refs text[], descriptions text[], actors bigint[],
    line_entries int[], line_numbers int[], accounts int[], amounts bigint[], currencies text[],
    document_amounts bigint[], rates numeric[], memos text[]
) RETURNS bigint[]
    LANGUAGE plpgsql AS $$
BEGIN
    -- With a null in it, each look into an array by position would walk the whole array.
    IF array_position(recorded, NULL) IS NOT NULL THEN
        SELECT array_agg(coalesce(u.r, c.now_at) ORDER BY u.i) INTO recorded
        FROM unnest(recorded) WITH ORDINALITY AS u (r, i), (SELECT clock_timestamp() AS now_at) c;
    END IF;
    IF entry_ids IS NULL THEN
        entry_ids := ARRAY(SELECT nextval('ledger_entry_id_seq') FROM generate_series(1, cardinality(books)));
    END IF;
    WITH entries AS (
        INSERT INTO ledger_entry (company_id, book_id, entry_id, effective_on, posting_on, recorded_at, source,
                                  batch_id, reference, description, actor_id)
        SELECT company, e.book_id, e.entry_id, e.effective_on, e.posting_on, e.recorded_at, e.source,
               e.batch_id, e.reference, e.description, e.actor_id
        FROM unnest(books, entry_ids, effective_days, posting_days, recorded, sources, batches, refs, descriptions,
                    actors)
             AS e (book_id, entry_id, effective_on, posting_on, recorded_at, source, batch_id, reference,
                   description, actor_id)
    )
    INSERT INTO ledger_line (company_id, book_id, entry_id, line_no, account_id, amount, currency, document_amount,
                             rate, memo, effective_on, posting_on, recorded_at)
    SELECT company, books[l.i], entry_ids[l.i], l.line_no, l.account_id, l.amount, l.currency, l.document_amount,
           l.rate, l.memo, effective_days[l.i], posting_days[l.i], recorded[l.i]
    FROM unnest(line_entries, line_numbers, accounts, amounts, currencies, document_amounts, rates, memos)
         AS l (i, line_no, account_id, amount, currency, document_amount, rate, memo);
    RETURN entry_ids;
END $$;
