-- All lines of an entry come in the statement in which the entry is born: a balanced pair that would join an older
-- entry finds lines there already and is refused.
CREATE OR REPLACE FUNCTION ledger_lines_born() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    one record;
    odd record;
BEGIN
    -- The lines of a single entry, nearly always: counted where they stand. What is not so plain is for the statement below.
    SELECT b.first_id = b.last_id AND b.first_book = b.last_book AND b.first_company = b.last_company AND b.known = b.n
           AND b.n = (SELECT count(*) FROM ledger_line x
                      WHERE x.company_id = b.first_company AND x.book_id = b.first_book AND x.entry_id = b.first_id)
           AND (SELECT true FROM ledger_entry x
                WHERE x.company_id = b.first_company AND x.book_id = b.first_book AND x.entry_id = b.first_id) AS is_whole
    INTO one
    FROM (SELECT min(o.entry_id) AS first_id, max(o.entry_id) AS last_id, min(o.book_id) AS first_book, max(o.book_id) AS last_book,
                 min(o.company_id) AS first_company, max(o.company_id) AS last_company, count(*) AS n,
                 count((SELECT true FROM ledger_account a WHERE a.id = o.account_id AND a.company_id = o.company_id)) AS known
          FROM born o) b;
    IF one.is_whole THEN
        RETURN NULL;
    END IF;
    SELECT min(b.entry_id) FILTER (WHERE e.n <> 1) AS homeless,
           min(b.entry_id) FILTER (WHERE l.n <> b.n) AS joined,
           min(b.stranger) AS stranger
    INTO odd
    FROM (SELECT x.company_id, x.book_id, x.entry_id, count(*) AS n, min(x.account_id) FILTER (WHERE a.n = 0) AS stranger
          FROM born x
          CROSS JOIN LATERAL (SELECT count(*) AS n FROM ledger_account a
                              WHERE a.id = x.account_id AND a.company_id = x.company_id) a
          GROUP BY x.company_id, x.book_id, x.entry_id) b
    CROSS JOIN LATERAL (
        SELECT count(*) AS n FROM ledger_entry x
        WHERE x.company_id = b.company_id AND x.book_id = b.book_id AND x.entry_id = b.entry_id
    ) e
    CROSS JOIN LATERAL (
        SELECT count(*) AS n FROM ledger_line x
        WHERE x.company_id = b.company_id AND x.book_id = b.book_id AND x.entry_id = b.entry_id
    ) l;
    IF odd.homeless IS NOT NULL THEN
        RAISE EXCEPTION 'There is no entry % for these lines.', odd.homeless USING ERRCODE = 'WH102';
    ELSIF odd.joined IS NOT NULL THEN
        RAISE EXCEPTION 'Entry % is posted already: no line may join it.', odd.joined USING ERRCODE = 'WH102';
    ELSIF odd.stranger IS NOT NULL THEN
        RAISE EXCEPTION 'There is no account % in this company.', odd.stranger USING ERRCODE = 'WH101';
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS ledger_line_born ON ledger_line;
CREATE TRIGGER ledger_line_born AFTER INSERT ON ledger_line
    REFERENCING NEW TABLE AS born FOR EACH STATEMENT EXECUTE FUNCTION ledger_lines_born();
