-- One entry of two lines, for functions of the owner that prove what goes with it: nobody else may call it. It proves what
-- `ledger_entries_born` and `ledger_lines_born` prove of any entry, which stand back for it. What they would refuse, and the
-- first entry of a fiscal year, fails as a serialization failure does: done again through ledger_post(), it is refused there
-- in their words, or begins the year.
CREATE FUNCTION ledger_post_one(e ledger_entry, one ledger_line, other ledger_line) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    hash bytea := ledger_content_hash(ledger_canonical(
        e.company_id, e.book_id, e.entry_id, e.effective_on, e.posting_on, e.recorded_at,
        e.source, e.batch_id, e.reference, e.description, e.actor_id,
        ledger_canonical_line(1, one.account_id, one.amount, one.currency::text, one.document_amount, one.rate, one.memo)
        || ledger_canonical_line(2, other.account_id, other.amount, other.currency::text, other.document_amount, other.rate,
                                 other.memo)));
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed'
       OR pg_advisory_xact_lock_shared(ledger_book_key(e.company_id, e.book_id)) IS NULL
       OR one.amount + other.amount <> 0
       OR one.account_id = other.account_id
       OR (one.company_id, one.book_id, one.entry_id, one.line_no, one.effective_on, one.posting_on, one.recorded_at,
           other.company_id, other.book_id, other.entry_id, other.line_no, other.effective_on, other.posting_on, other.recorded_at)
          IS DISTINCT FROM
          (e.company_id, e.book_id, e.entry_id, 1, e.effective_on, e.posting_on, e.recorded_at,
           e.company_id, e.book_id, e.entry_id, 2, e.effective_on, e.posting_on, e.recorded_at) THEN
        RAISE EXCEPTION 'not so plain an entry' USING ERRCODE = '40001';
    END IF;
    WITH entry AS (
        INSERT INTO ledger_entry SELECT e.*
    ), line AS (
        INSERT INTO ledger_line SELECT one.* UNION ALL SELECT other.*
    ), head AS (
        UPDATE ledger_chain_head h
        SET number = h.number + 1, chain_hash = ledger_chain_step(NULL, h.chain_hash, hash)
        FROM ledger_company c
        WHERE c.id = e.company_id AND h.company_id = e.company_id AND h.book_id = e.book_id
          AND h.year = ledger_fiscal_year(e.posting_on, c.fiscal_year_start_month)
          AND (SELECT count(*) FROM ledger_account a
               WHERE a.id IN (one.account_id, other.account_id) AND a.company_id = e.company_id) = 2
          AND NOT EXISTS (SELECT FROM ledger_period p
                          WHERE p.company_id = e.company_id AND p.book_id = e.book_id AND p.state > 0
                            AND p.end_on >= e.posting_on)
        RETURNING h.year, h.number, h.chain_hash
    )
    INSERT INTO ledger_entry_seal (company_id, book_id, year, number, entry_id, content_hash, chain_hash)
    SELECT e.company_id, e.book_id, h.year, h.number, e.entry_id, hash, h.chain_hash FROM head h;
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
