-- The day on which an asset first went into service, as the facts that stand say: kept with place and status. The register
-- is sorted by it; what was never in service comes last.
ALTER TABLE assets_asset ADD COLUMN in_service_on date;
COMMENT ON COLUMN assets_asset.in_service_on IS 'The first day in service, corrections included, the earliest of the books; null: never. Kept from the facts.';

-- Of these assets (null: of all), without the events that are reversed. What an asset came in with part-way through its life
-- says so itself; the latest correction of an event that states the day counts.
CREATE FUNCTION assets_in_service_on(company integer, assets bigint[], dead bigint[])
RETURNS TABLE (asset_id bigint, in_service_on date) LANGUAGE sql STABLE AS $$
    WITH RECURSIVE version AS (
        SELECT e.event_id AS root, e.event_id, e.asset_id, e.kind, e.effective_on, e.detail, 0 AS depth
        FROM assets_event e
        WHERE e.company_id = company AND e.kind IN ('in_service', 'lease', 'opening', 'intercompany_in')
          AND (assets IS NULL OR e.asset_id = ANY (assets)) AND e.event_id <> ALL (dead)
        UNION ALL
        SELECT v.root, c.event_id, v.asset_id, v.kind, v.effective_on, c.detail, v.depth + 1
        FROM version v
        JOIN assets_event c ON c.company_id = company AND c.of_event_id = v.event_id AND c.kind = 'error_correction'
        WHERE c.event_id <> ALL (dead)
    ), said AS (
        SELECT v.*, coalesce(v.detail #>> '{values,in_service_on}',
                             (SELECT min(b.value ->> 'in_service_on') FROM jsonb_each(v.detail -> 'books') b)) AS since
        FROM version v
    ), served AS (
        SELECT s.asset_id, s.kind, s.effective_on,
               coalesce((array_agg(s.since ORDER BY s.depth DESC))[1], (array_agg(s.since ORDER BY s.depth))[1])::date AS since
        FROM said s GROUP BY s.root, s.asset_id, s.kind, s.effective_on
    )
    SELECT s.asset_id, min(coalesce(s.since, CASE WHEN s.kind IN ('in_service', 'lease') THEN s.effective_on END))
    FROM served s GROUP BY s.asset_id
$$;

CREATE INDEX assets_asset_in_service
    ON assets_asset (company_id, (coalesce(in_service_on, '9999-12-31'::date)), tag);
-- What ends soon, and the few events of a rare kind, are found without reading all.
CREATE INDEX assets_asset_warranty ON assets_asset (company_id, warranty_until) WHERE warranty_until IS NOT NULL;
CREATE INDEX assets_asset_insured ON assets_asset (company_id, insured_until) WHERE insured_until IS NOT NULL;
CREATE INDEX assets_event_kind ON assets_event (company_id, kind, effective_on, event_id);

UPDATE assets_asset a SET in_service_on = f.in_service_on
FROM (SELECT DISTINCT company_id FROM assets_asset) c
CROSS JOIN LATERAL assets_in_service_on(c.company_id, NULL, ARRAY (
    SELECT r.of_event_id FROM assets_event r WHERE r.company_id = c.company_id AND r.kind = 'reversal'
       AND r.of_event_id IS NOT NULL AND assets_stands(r.company_id, r.event_id, NULL)
    UNION ALL
    SELECT r.event_id FROM assets_event r WHERE r.company_id = c.company_id AND r.kind = 'reversal'
)) f
WHERE a.company_id = c.company_id AND a.id = f.asset_id AND f.in_service_on IS NOT NULL;
