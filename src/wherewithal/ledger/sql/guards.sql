-- The last guard. These triggers meet COPY, a migration and a psql session as they meet the application.
-- SQLSTATE WH001: the period is closed · WH101: the entry is not whole · WH102: lines for an entry that is not being
-- born · WH103: a period, company, book or account may not be changed in this way.
--
-- They run once per statement over all rows of it. Their plans are made at the first statement of a session, when the
-- tables may be empty, and kept: so each look into a big table is a lateral aggregate by primary key, which cannot
-- become a join over the whole table, and sequential scans are switched off.

CREATE FUNCTION ledger_book_key(company_id int, book_id int) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN hashtextextended('ledger_book ' || company_id::text || ' ' || book_id::text, 0);

-- Keep the books' periods as they are until this transaction ends; say from which day on each book is open.
-- Closing waits for those who hold this, so what they were told stays true. The lock is taken in a statement of its
-- own: only the next one is sure to see what was committed before.
CREATE FUNCTION ledger_hold_periods(company int, books int[])
    RETURNS TABLE (book_id int, first_open_on date, now_at timestamptz)
    LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(ledger_book_key(company, b)) FROM unnest(books) AS b;
    RETURN QUERY
        SELECT b, (SELECT max(p.end_on) + 1 FROM ledger_period p
                   WHERE p.company_id = company AND p.book_id = b AND p.state > 0), clock_timestamp()
        FROM unnest(books) AS b;
END $$;

-- Entries are born whole, balanced, in an open period, numbered and chained.
CREATE FUNCTION ledger_entries_born() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    one record;
    known record;
    hash bytea;
    book record;
    is_there boolean;
    closed_to date;
    chain record;
    head record;
    n int;
    links bytea[];
BEGIN
    -- An older snapshot would not see that a period has been closed meanwhile.
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'Entries are posted in READ COMMITTED transactions only.' USING ERRCODE = 'WH101';
    END IF;

    SELECT b.*, (SELECT count(*) FROM born) AS entries INTO one FROM born b LIMIT 1;
    IF one.entries = 1 THEN
        -- A single entry, step by step: the large statements below take longer to begin.
        IF pg_advisory_xact_lock_shared(ledger_book_key(one.company_id, one.book_id)) IS NULL THEN
        END IF;
        SELECT (SELECT max(p.end_on) FROM ledger_period p
                WHERE p.company_id = x.company_id AND p.book_id = x.id AND p.state > 0) AS closed_to,
               (SELECT c.fiscal_year_start_month FROM ledger_company c WHERE c.id = x.company_id) AS start_month,
               l.total, l.same_dates, l.lines
        INTO known
        FROM ledger_book x
        CROSS JOIN LATERAL (
            SELECT sum(o.amount) AS total,
                   bool_and(o.effective_on = one.effective_on AND o.posting_on = one.posting_on
                            AND o.recorded_at = one.recorded_at) AS same_dates,
                   string_agg(ledger_canonical_line(o.line_no, o.account_id, o.amount, o.currency::text,
                              o.document_amount, o.rate, o.memo), '' ORDER BY o.line_no) AS lines
            FROM ledger_line o
            WHERE o.company_id = one.company_id AND o.book_id = one.book_id AND o.entry_id = one.entry_id
        ) l
        WHERE x.id = one.book_id AND x.company_id = one.company_id;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'There is no book % in this company.', one.book_id USING ERRCODE = 'WH101';
        ELSIF one.posting_on <= known.closed_to THEN
            RAISE EXCEPTION 'Book % is closed on %.', one.book_id, one.posting_on USING ERRCODE = 'WH001';
        ELSIF known.total IS NULL THEN
            RAISE EXCEPTION 'Entry % has no lines.', one.entry_id USING ERRCODE = 'WH101';
        ELSIF known.total <> 0 THEN
            RAISE EXCEPTION 'Entry % does not balance.', one.entry_id USING ERRCODE = 'WH101';
        ELSIF NOT known.same_dates THEN
            RAISE EXCEPTION 'A line of entry % has other dates than the entry.', one.entry_id USING ERRCODE = 'WH101';
        END IF;
        hash := ledger_content_hash(ledger_canonical(
            one.company_id, one.book_id, one.entry_id, one.effective_on, one.posting_on, one.recorded_at,
            one.source, one.batch_id, one.reference, one.description, one.actor_id, known.lines));
        n := ledger_fiscal_year(one.posting_on, known.start_month);
        LOOP
            WITH moved AS (
                UPDATE ledger_chain_head h
                SET number = h.number + 1, chain_hash = ledger_chain_step(NULL, h.chain_hash, hash)
                WHERE h.company_id = one.company_id AND h.book_id = one.book_id AND h.year = n
                RETURNING h.number, h.chain_hash)
            INSERT INTO ledger_entry_seal (company_id, book_id, year, number, entry_id, content_hash, chain_hash)
            SELECT one.company_id, one.book_id, n, m.number, one.entry_id, hash, m.chain_hash FROM moved m;
            EXIT WHEN FOUND;
            INSERT INTO ledger_chain_head (company_id, book_id, year, number, chain_hash)
            VALUES (one.company_id, one.book_id, n, 0, ledger_genesis(one.company_id, one.book_id, n))
            ON CONFLICT DO NOTHING;
        END LOOP;
        RETURN NULL;
    END IF;

    FOR book IN SELECT b.company_id, b.book_id, min(b.posting_on) AS first_on FROM born b GROUP BY b.company_id, b.book_id LOOP
        -- In a condition rather than a query of its own, which would take longer than the lock.
        IF pg_advisory_xact_lock_shared(ledger_book_key(book.company_id, book.book_id)) IS NULL THEN
        END IF;
        SELECT (SELECT true FROM ledger_book x WHERE x.id = book.book_id AND x.company_id = book.company_id),
               (SELECT max(x.end_on) FROM ledger_period x
                WHERE x.company_id = book.company_id AND x.book_id = book.book_id AND x.state > 0)
        INTO is_there, closed_to;
        IF is_there IS NULL THEN
            RAISE EXCEPTION 'There is no book % in this company.', book.book_id USING ERRCODE = 'WH101';
        ELSIF book.first_on <= closed_to THEN
            RAISE EXCEPTION 'Book % is closed on %.', book.book_id, book.first_on USING ERRCODE = 'WH001';
        END IF;
    END LOOP;

    FOR chain IN
        SELECT s.company_id, s.book_id, s.year,
               array_agg(s.entry_id ORDER BY s.entry_id) AS entry_ids,
               array_agg(s.content_hash ORDER BY s.entry_id) AS hashes,
               min(s.entry_id) FILTER (WHERE s.total IS NULL) AS empty,
               min(s.entry_id) FILTER (WHERE s.total <> 0) AS unbalanced,
               min(s.entry_id) FILTER (WHERE NOT s.same_dates) AS misdated
        FROM (
            SELECT e.company_id, e.book_id, e.entry_id, l.total, l.same_dates,
                   ledger_fiscal_year(e.posting_on, c.fiscal_year_start_month) AS year,
                   ledger_content_hash(ledger_canonical(
                       e.company_id, e.book_id, e.entry_id, e.effective_on, e.posting_on, e.recorded_at,
                       e.source, e.batch_id, e.reference, e.description, e.actor_id, l.lines)) AS content_hash
            FROM born e
            JOIN ledger_company c ON c.id = e.company_id
            CROSS JOIN LATERAL (
                SELECT sum(x.amount) AS total,
                       bool_and(x.effective_on = e.effective_on AND x.posting_on = e.posting_on
                                AND x.recorded_at = e.recorded_at) AS same_dates,
                       string_agg(ledger_canonical_line(x.line_no, x.account_id, x.amount, x.currency::text,
                                  x.document_amount, x.rate, x.memo), '' ORDER BY x.line_no) AS lines
                FROM ledger_line x
                WHERE x.company_id = e.company_id AND x.book_id = e.book_id AND x.entry_id = e.entry_id
            ) l
        ) s
        GROUP BY s.company_id, s.book_id, s.year
        ORDER BY s.company_id, s.book_id, s.year
    LOOP
        IF chain.empty IS NOT NULL THEN
            RAISE EXCEPTION 'Entry % has no lines.', chain.empty USING ERRCODE = 'WH101';
        ELSIF chain.unbalanced IS NOT NULL THEN
            RAISE EXCEPTION 'Entry % does not balance.', chain.unbalanced USING ERRCODE = 'WH101';
        ELSIF chain.misdated IS NOT NULL THEN
            RAISE EXCEPTION 'A line of entry % has other dates than the entry.', chain.misdated
                USING ERRCODE = 'WH101';
        END IF;

        -- The head is the only row that posters to one book wait for each other at: taken last, in sorted order.
        n := cardinality(chain.hashes);
        LOOP
            UPDATE ledger_chain_head h
            SET number = h.number + n, chain_hash = (ledger_chain(h.chain_hash, chain.hashes))[n]
            WHERE h.company_id = chain.company_id AND h.book_id = chain.book_id AND h.year = chain.year
            RETURNING h.number, h.chain_hash INTO head;
            EXIT WHEN FOUND;
            INSERT INTO ledger_chain_head (company_id, book_id, year, number, chain_hash)
            VALUES (chain.company_id, chain.book_id, chain.year, 0,
                    ledger_genesis(chain.company_id, chain.book_id, chain.year))
            ON CONFLICT DO NOTHING;
        END LOOP;
        links := ARRAY[head.chain_hash];
        IF n > 1 THEN
            SELECT ledger_chain(coalesce(min(s.chain_hash), ledger_genesis(chain.company_id, chain.book_id, chain.year)),
                                chain.hashes)
            INTO links
            FROM ledger_entry_seal s
            WHERE s.company_id = chain.company_id AND s.book_id = chain.book_id AND s.year = chain.year
              AND s.number = head.number - n;
        END IF;
        INSERT INTO ledger_entry_seal (company_id, book_id, year, number, entry_id, content_hash, chain_hash)
        SELECT chain.company_id, chain.book_id, chain.year, head.number - n + s.position, s.entry_id, s.content_hash,
               s.chain_hash
        FROM unnest(chain.entry_ids, chain.hashes, links) WITH ORDINALITY
             AS s (entry_id, content_hash, chain_hash, position);
    END LOOP;
    RETURN NULL;
END $$;

CREATE TRIGGER ledger_entry_born AFTER INSERT ON ledger_entry
    REFERENCING NEW TABLE AS born FOR EACH STATEMENT EXECUTE FUNCTION ledger_entries_born();

-- `ledger_lines_born`, which holds lines to the entry they are born with, is in lines_born.sql.

-- Opening and closing: alone with the book, never out of "locked", reopening never without a reason.
CREATE FUNCTION ledger_period_changes() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.state = 2 THEN
            RAISE EXCEPTION 'The period to % is locked for good.', OLD.end_on USING ERRCODE = 'WH103';
        ELSIF (NEW.company_id, NEW.book_id, NEW.start_on, NEW.end_on, NEW.fiscal_year, NEW.number)
              IS DISTINCT FROM (OLD.company_id, OLD.book_id, OLD.start_on, OLD.end_on, OLD.fiscal_year, OLD.number)
        THEN
            RAISE EXCEPTION 'Only the state of a period changes.' USING ERRCODE = 'WH103';
        ELSIF NEW.state = 0 AND OLD.state = 1 AND NEW.reason = '' THEN
            RAISE EXCEPTION 'A period is reopened with a reason.' USING ERRCODE = 'WH103';
        END IF;
    END IF;
    PERFORM pg_advisory_xact_lock(ledger_book_key(NEW.company_id, NEW.book_id));
    RETURN NEW;
END $$;

CREATE TRIGGER ledger_period_changes BEFORE INSERT OR UPDATE ON ledger_period
    FOR EACH ROW EXECUTE FUNCTION ledger_period_changes();

CREATE FUNCTION ledger_period_traced() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO ledger_period_event
        (company_id, book_id, end_on, from_state, to_state, actor_id, reason, recorded_at)
    VALUES (NEW.company_id, NEW.book_id, NEW.end_on, CASE TG_OP WHEN 'UPDATE' THEN OLD.state ELSE 0 END,
            NEW.state, NEW.actor_id, NEW.reason, NEW.changed_at);
    RETURN NULL;
END $$;

CREATE TRIGGER ledger_period_traced AFTER INSERT OR UPDATE ON ledger_period
    FOR EACH ROW EXECUTE FUNCTION ledger_period_traced();

-- What posted figures hang on stays as it is: masters are renamed or retired, never deleted.
CREATE FUNCTION ledger_master_stays() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Rows of % are never deleted.', TG_TABLE_NAME USING ERRCODE = 'WH103';
END $$;

CREATE TRIGGER ledger_company_stays BEFORE DELETE OR TRUNCATE ON ledger_company
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_master_stays();
CREATE TRIGGER ledger_book_stays BEFORE DELETE OR TRUNCATE ON ledger_book
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_master_stays();
CREATE TRIGGER ledger_account_stays BEFORE DELETE OR TRUNCATE ON ledger_account
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_master_stays();
CREATE TRIGGER ledger_period_stays BEFORE DELETE OR TRUNCATE ON ledger_period
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_master_stays();

CREATE FUNCTION ledger_master_fixed() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'ledger_company' THEN
        IF (NEW.id, NEW.fiscal_year_start_month, NEW.currency, NEW.timezone)
           IS DISTINCT FROM (OLD.id, OLD.fiscal_year_start_month, OLD.currency, OLD.timezone)
           AND EXISTS (SELECT FROM ledger_entry e WHERE e.company_id = OLD.id) THEN
            RAISE EXCEPTION 'Currency, fiscal year and time zone are fixed once an entry is posted.'
                USING ERRCODE = 'WH103';
        END IF;
    ELSIF TG_TABLE_NAME = 'ledger_book' THEN
        IF (NEW.id, NEW.company_id, NEW.currency, NEW.currency_decimals, NEW.cost_scope)
           IS DISTINCT FROM (OLD.id, OLD.company_id, OLD.currency, OLD.currency_decimals, OLD.cost_scope)
           AND EXISTS (SELECT FROM ledger_entry e WHERE e.company_id = OLD.company_id AND e.book_id = OLD.id) THEN
            RAISE EXCEPTION 'The currency and cost scope of a book are fixed once an entry is posted.'
                USING ERRCODE = 'WH103';
        END IF;
    ELSIF (NEW.id, NEW.company_id) IS DISTINCT FROM (OLD.id, OLD.company_id) THEN
        RAISE EXCEPTION 'An account keeps its identity.' USING ERRCODE = 'WH103';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER ledger_company_fixed BEFORE UPDATE ON ledger_company
    FOR EACH ROW EXECUTE FUNCTION ledger_master_fixed();
CREATE TRIGGER ledger_book_fixed BEFORE UPDATE ON ledger_book
    FOR EACH ROW EXECUTE FUNCTION ledger_master_fixed();
CREATE TRIGGER ledger_account_fixed BEFORE UPDATE ON ledger_account
    FOR EACH ROW EXECUTE FUNCTION ledger_master_fixed();
