-- One entry of two lines, a debit and a credit, for functions of the owner that prove what goes with it: nobody else may
-- call it. It proves what `ledger_entries_born` and `ledger_lines_born` prove of any entry, which stand back for it. What they
-- would refuse, and the first entry of a fiscal year, fails as a serialization failure does: done again through ledger_post(),
-- it is refused there in their words, or begins the year.
CREATE FUNCTION ledger_post_one(
    company int, book int, entry bigint, effective_on date, posting_on date, recorded timestamptz,
    source text, batch bigint, reference text, actor bigint, debit int, credit int, amount bigint
) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    one int := least(debit, credit);  -- lines are in the order of their accounts
    other int := greatest(debit, credit);
    one_amount bigint := CASE WHEN debit < credit THEN amount ELSE -amount END;
    hash bytea := ledger_content_hash(ledger_canonical(
        company, book, entry, effective_on, posting_on, recorded, source, batch, reference, '', actor,
        ledger_canonical_line(1, one, one_amount, NULL, NULL, NULL, NULL)
        || ledger_canonical_line(2, other, -one_amount, NULL, NULL, NULL, NULL)));
BEGIN
    -- An older snapshot would not see that a period has been closed meanwhile.
    IF current_setting('transaction_isolation') <> 'read committed'
       OR pg_advisory_xact_lock_shared(ledger_book_key(company, book)) IS NULL
       OR debit = credit THEN
        RAISE EXCEPTION 'not so plain an entry' USING ERRCODE = '40001';
    END IF;
    WITH e AS (
        INSERT INTO ledger_entry (company_id, book_id, entry_id, effective_on, posting_on, recorded_at, source, batch_id,
                                  reference, actor_id)
        VALUES (company, book, entry, ledger_post_one.effective_on, ledger_post_one.posting_on, recorded,
                ledger_post_one.source, batch, ledger_post_one.reference, actor)
    ), l AS (
        INSERT INTO ledger_line (company_id, book_id, entry_id, line_no, account_id, amount, effective_on, posting_on, recorded_at)
        VALUES (company, book, entry, 1, one, one_amount, ledger_post_one.effective_on, ledger_post_one.posting_on, recorded),
               (company, book, entry, 2, other, -one_amount, ledger_post_one.effective_on, ledger_post_one.posting_on, recorded)
    ), head AS (
        UPDATE ledger_chain_head h
        SET number = h.number + 1, chain_hash = ledger_chain_step(NULL, h.chain_hash, hash)
        FROM ledger_company c
        WHERE c.id = company AND h.company_id = company AND h.book_id = book
          AND h.year = ledger_fiscal_year(ledger_post_one.posting_on, c.fiscal_year_start_month)
          AND (SELECT count(*) FROM ledger_account a WHERE a.id IN (one, other) AND a.company_id = company) = 2
          AND NOT EXISTS (SELECT FROM ledger_period p
                          WHERE p.company_id = company AND p.book_id = book AND p.state > 0
                            AND p.end_on >= ledger_post_one.posting_on)
        RETURNING h.year, h.number, h.chain_hash
    )
    INSERT INTO ledger_entry_seal (company_id, book_id, year, number, entry_id, content_hash, chain_hash)
    SELECT company, book, h.year, h.number, entry, hash, h.chain_hash FROM head h;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'not so plain an entry' USING ERRCODE = '40001';
    END IF;
    RETURN true;
END $$;
REVOKE ALL ON FUNCTION ledger_post_one FROM PUBLIC;

DROP TRIGGER ledger_entry_born ON ledger_entry;
CREATE TRIGGER ledger_entry_born AFTER INSERT ON ledger_entry
    REFERENCING NEW TABLE AS born FOR EACH STATEMENT
    WHEN (pg_has_role(session_user, current_user, 'MEMBER')) EXECUTE FUNCTION ledger_entries_born();
DROP TRIGGER ledger_line_born ON ledger_line;
CREATE TRIGGER ledger_line_born AFTER INSERT ON ledger_line
    REFERENCING NEW TABLE AS born FOR EACH STATEMENT
    WHEN (pg_has_role(session_user, current_user, 'MEMBER')) EXECUTE FUNCTION ledger_lines_born();
