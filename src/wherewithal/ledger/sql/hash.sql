-- The content hash and the chain, in the one place that defines them. ledger/seal.py says the same in Python.
--
-- The canonical text of an entry: one line for the head, one for each of its lines, every free text preceded by its
-- length in bytes, so that no two entries can have the same text. Days are counted from 1970-01-01, instants in
-- microseconds from then (UTC), so that no setting of the session changes the text.

CREATE FUNCTION ledger_fiscal_year(day date, start_month int) RETURNS int
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN extract(year FROM day)::int
         + CASE WHEN start_month > 1 AND extract(month FROM day) >= start_month THEN 1 ELSE 0 END;

CREATE FUNCTION ledger_text(value text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN coalesce(octet_length(value)::text || ':' || value, '-');

CREATE FUNCTION ledger_canonical_line(
    line_no int, account_id int, amount bigint, currency text, document_amount bigint, rate numeric, memo text
) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN E'\n' || line_no::text || ' ' || account_id::text || ' ' || amount::text || ' '
        || coalesce(currency, '-') || ' ' || coalesce(document_amount::text, '-') || ' '
        || coalesce(trim_scale(rate)::text, '-') || ' ' || ledger_text(memo);

-- `lines` are the canonical lines by line_no, one after the other.
CREATE FUNCTION ledger_canonical(
    company_id int, book_id int, entry_id bigint, effective_on date, posting_on date, recorded_at timestamptz,
    source text, batch_id bigint, reference text, description text, actor_id bigint, lines text
) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN 'entry/1 ' || company_id::text || ' ' || book_id::text || ' ' || entry_id::text || ' '
        || (effective_on - date '1970-01-01')::text || ' ' || (posting_on - date '1970-01-01')::text || ' '
        || (extract(epoch FROM recorded_at) * 1000000)::bigint::text || ' '
        || ledger_text(source) || ' ' || coalesce(batch_id::text, '-') || ' '
        || ledger_text(reference) || ' ' || ledger_text(description) || ' ' || coalesce(actor_id::text, '-')
        || coalesce(lines, '');

CREATE FUNCTION ledger_content_hash(canonical text) RETURNS bytea
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN sha256(convert_to(canonical, 'UTF8'));

-- The chain of a book's fiscal year begins with the hash of its name and goes on with sha256(link before || content).
CREATE FUNCTION ledger_genesis(company_id int, book_id int, year int) RETURNS bytea
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN sha256(convert_to('chain/1 ' || company_id::text || ' ' || book_id::text || ' ' || year::text, 'UTF8'));

CREATE FUNCTION ledger_chain_step(link bytea, seed bytea, content_hash bytea) RETURNS bytea
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN sha256(coalesce(link, seed) || content_hash);

-- The links of a chain that goes on from `link` with these hashes of contents.
CREATE FUNCTION ledger_chain(link bytea, hashes bytea[]) RETURNS bytea[]
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    links bytea[] := '{}';
BEGIN
    FOR i IN 1 .. cardinality(hashes) LOOP
        link := ledger_chain_step(NULL, link, hashes[i]);
        links[i] := link;
    END LOOP;
    RETURN links;
END $$;
