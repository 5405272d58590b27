-- The last guard for assets. Statement triggers, so that COPY, a migration or a psql session meets them too.
--   WH301  an asset would be a part of itself
--   WH302  value rows that are not the lines of their entry

-- The value rows of an entry are born in one statement, after their entry, and say account by account what it says.
CREATE FUNCTION assets_guard_values() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    odd record;
BEGIN
    SELECT v.book_id, v.entry_id, v.account_id, v.amount, l.amount AS lines INTO odd
    FROM (SELECT n.company_id, n.book_id, n.entry_id, s.account_id, sum(s.amount) AS amount
          FROM new_values n
          CROSS JOIN LATERAL (VALUES (n.debit_account_id, n.amount), (n.credit_account_id, -n.amount)) s (account_id, amount)
          WHERE n.entry_id IS NOT NULL
          GROUP BY 1, 2, 3, 4) v
    CROSS JOIN LATERAL (SELECT coalesce(sum(x.amount), 0) AS amount FROM ledger_line x
                        WHERE x.company_id = v.company_id AND x.book_id = v.book_id AND x.entry_id = v.entry_id
                          AND x.account_id = v.account_id) l
    WHERE v.amount <> l.amount
    ORDER BY 1, 2, 3
    FETCH FIRST 1 ROW ONLY;
    IF FOUND THEN
        RAISE EXCEPTION 'Entry % of book % says % on account %, its value rows say %.',
            odd.entry_id, odd.book_id, odd.lines, odd.account_id, odd.amount USING ERRCODE = 'WH302';
    END IF;
    SELECT e.book_id, e.entry_id INTO odd
    FROM (SELECT DISTINCT company_id, book_id, entry_id, effective_on, posting_on, recorded_at FROM new_values
          WHERE entry_id IS NOT NULL) e
    CROSS JOIN LATERAL (SELECT count(*) AS n FROM ledger_entry x
                        WHERE x.company_id = e.company_id AND x.book_id = e.book_id AND x.entry_id = e.entry_id
                          AND x.effective_on = e.effective_on AND x.posting_on = e.posting_on
                          AND x.recorded_at = e.recorded_at) k
    WHERE k.n = 0
    FETCH FIRST 1 ROW ONLY;
    IF FOUND THEN
        RAISE EXCEPTION 'A value row has other dates than entry % of book %.', odd.entry_id, odd.book_id
            USING ERRCODE = 'WH302';
    END IF;
    SELECT n.book_id, n.batch_id INTO odd
    FROM new_values n
    CROSS JOIN LATERAL (VALUES (n.debit_account_id, n.amount), (n.credit_account_id, -n.amount)) s (account_id, amount)
    WHERE n.entry_id IS NULL
    GROUP BY n.company_id, n.book_id, n.batch_id, n.effective_on, n.posting_on, s.account_id
    HAVING sum(s.amount) <> 0
    FETCH FIRST 1 ROW ONLY;
    IF FOUND THEN
        RAISE EXCEPTION 'Value rows of batch % in book % have no entry and do not net to nothing.',
            odd.batch_id, odd.book_id USING ERRCODE = 'WH302';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER assets_value_is_its_entry AFTER INSERT ON assets_value
    REFERENCING NEW TABLE AS new_values FOR EACH STATEMENT EXECUTE FUNCTION assets_guard_values();

-- A book that is made before any asset has facts is filled by nature; a later one by a use case.
CREATE FUNCTION assets_new_books() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO assets_book (company_id, book_id, filled)
    SELECT b.company_id, b.id, NOT EXISTS (SELECT 1 FROM assets_event e WHERE e.company_id = b.company_id)
    FROM new_books b;
    RETURN NULL;
END $$;
CREATE TRIGGER assets_new_books AFTER INSERT ON ledger_book
    REFERENCING NEW TABLE AS new_books FOR EACH STATEMENT EXECUTE FUNCTION assets_new_books();
INSERT INTO assets_book (company_id, book_id) SELECT company_id, id FROM ledger_book ON CONFLICT DO NOTHING;
