-- The one door for entries: headers and lines of a batch in one statement, in one round trip, as arrays of the tables'
-- own rows (columns in the tables' order). Runs with the rights of the caller, so row-level security and every guard
-- hold. services/posting.py writes the arrays.
CREATE FUNCTION ledger_post(entries ledger_entry[], lines ledger_line[]) RETURNS void
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    IF cardinality(entries) > 0 THEN
        WITH entry AS (INSERT INTO ledger_entry SELECT * FROM unnest(entries))
        INSERT INTO ledger_line SELECT * FROM unnest(lines);
    END IF;
END $$;
