-- The value rows of an entry are born in one statement, after their entry, and say account by account what it says.
-- Very many rows have few days and accounts: they are added up once, and the sums are held against the lines.
CREATE OR REPLACE FUNCTION assets_guard_values() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    odd record;
BEGIN
    WITH pair AS MATERIALIZED (
        SELECT company_id, book_id, batch_id, entry_id, effective_on, posting_on, recorded_at, debit_account_id,
               credit_account_id, sum(amount) AS amount
        FROM new_values
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
    ), side AS MATERIALIZED (
        SELECT p.company_id, p.book_id, p.batch_id, p.entry_id, p.effective_on, p.posting_on, s.account_id,
               sum(s.amount) AS amount
        FROM pair p
        CROSS JOIN LATERAL (VALUES (p.debit_account_id, p.amount), (p.credit_account_id, -p.amount)) s (account_id, amount)
        GROUP BY 1, 2, 3, 4, 5, 6, 7
    )
    SELECT 1 AS fault, v.book_id, v.entry_id, NULL::bigint AS batch_id, v.account_id, v.amount, l.amount AS lines INTO odd
    FROM (SELECT company_id, book_id, entry_id, account_id, sum(amount) AS amount FROM side
          WHERE entry_id IS NOT NULL GROUP BY 1, 2, 3, 4) v
    CROSS JOIN LATERAL (SELECT coalesce(sum(x.amount), 0) AS amount FROM ledger_line x
                        WHERE x.company_id = v.company_id AND x.book_id = v.book_id AND x.entry_id = v.entry_id
                          AND x.account_id = v.account_id) l
    WHERE v.amount <> l.amount
    UNION ALL
    SELECT 2, e.book_id, e.entry_id, NULL, NULL, NULL, NULL
    FROM (SELECT DISTINCT company_id, book_id, entry_id, effective_on, posting_on, recorded_at FROM pair
          WHERE entry_id IS NOT NULL) e
    CROSS JOIN LATERAL (SELECT count(*) AS n FROM ledger_entry x
                        WHERE x.company_id = e.company_id AND x.book_id = e.book_id AND x.entry_id = e.entry_id
                          AND x.effective_on = e.effective_on AND x.posting_on = e.posting_on
                          AND x.recorded_at = e.recorded_at) k
    WHERE k.n = 0
    UNION ALL
    SELECT 3, book_id, NULL, batch_id, account_id, amount, NULL FROM side WHERE entry_id IS NULL AND amount <> 0
    ORDER BY 1, 2, 3, 4, 5
    FETCH FIRST 1 ROW ONLY;
    IF odd.fault = 1 THEN
        RAISE EXCEPTION 'Entry % of book % says % on account %, its value rows say %.',
            odd.entry_id, odd.book_id, odd.lines, odd.account_id, odd.amount USING ERRCODE = 'WH302';
    ELSIF odd.fault = 2 THEN
        RAISE EXCEPTION 'A value row has other dates than entry % of book %.', odd.entry_id, odd.book_id
            USING ERRCODE = 'WH302';
    ELSIF odd.fault = 3 THEN
        RAISE EXCEPTION 'Value rows of batch % in book % have no entry and do not net to nothing.',
            odd.batch_id, odd.book_id USING ERRCODE = 'WH302';
    END IF;
    RETURN NULL;
END $$;
