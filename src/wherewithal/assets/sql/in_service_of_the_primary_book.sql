-- The day on which an asset first went into service, as the primary book knows it: what happens in another book alone, a
-- correction there for example, says nothing about it. A correction that names one of another book corrects here what that
-- one corrects.
COMMENT ON COLUMN assets_asset.in_service_on IS 'The first day in service as the primary book knows it, corrections included; null: never. Kept from the facts.';

CREATE OR REPLACE FUNCTION assets_in_service_on(company integer, assets bigint[], dead bigint[])
RETURNS TABLE (asset_id bigint, in_service_on date) LANGUAGE sql STABLE AS $$
    WITH RECURSIVE main AS (
        SELECT b.id FROM ledger_book b WHERE b.company_id = company AND b.is_primary
    ), version AS (
        SELECT e.event_id AS root, e.event_id, e.asset_id, e.kind, e.effective_on, e.detail, 0 AS depth, true AS heard
        FROM assets_event e
        WHERE e.company_id = company AND e.kind IN ('in_service', 'lease', 'opening', 'intercompany_in')
          AND (assets IS NULL OR e.asset_id = ANY (assets)) AND e.event_id <> ALL (dead)
          AND (e.book_id IS NULL OR e.book_id = (SELECT id FROM main))
        UNION ALL
        SELECT v.root, c.event_id, v.asset_id, v.kind, v.effective_on, c.detail, v.depth + 1, m.heard
        FROM version v
        JOIN assets_event c ON c.company_id = company AND c.of_event_id = v.event_id AND c.kind = 'error_correction'
        CROSS JOIN LATERAL (SELECT c.book_id IS NULL OR c.book_id = (SELECT id FROM main) AS heard) m
        WHERE c.event_id <> ALL (dead) OR NOT m.heard
    ), said AS (
        SELECT v.*, coalesce(v.detail #>> ARRAY['books', (SELECT id::text FROM main), 'in_service_on'],
                             v.detail #>> '{values,in_service_on}') AS since
        FROM version v WHERE v.heard
    ), served AS (
        SELECT s.asset_id, s.kind, s.effective_on,
               coalesce((array_agg(s.since ORDER BY s.depth DESC))[1], (array_agg(s.since ORDER BY s.depth))[1])::date AS since
        FROM said s GROUP BY s.root, s.asset_id, s.kind, s.effective_on
    )
    SELECT s.asset_id, min(coalesce(s.since, CASE WHEN s.kind IN ('in_service', 'lease') THEN s.effective_on END))
    FROM served s GROUP BY s.asset_id
$$;

UPDATE assets_asset SET in_service_on = NULL WHERE in_service_on IS NOT NULL;
UPDATE assets_asset a SET in_service_on = f.in_service_on
FROM (SELECT DISTINCT company_id FROM assets_asset) c
CROSS JOIN LATERAL assets_in_service_on(c.company_id, NULL, ARRAY (
    SELECT r.of_event_id FROM assets_event r WHERE r.company_id = c.company_id AND r.kind = 'reversal'
       AND r.of_event_id IS NOT NULL AND assets_stands(r.company_id, r.event_id, NULL)
    UNION ALL
    SELECT r.event_id FROM assets_event r WHERE r.company_id = c.company_id AND r.kind = 'reversal'
)) f
WHERE a.company_id = c.company_id AND a.id = f.asset_id AND f.in_service_on IS NOT NULL;
