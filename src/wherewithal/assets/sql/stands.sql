-- Whether an event stands by what was known at an instant (NULL: by all that is known). An event is reversed once at most
-- (assets_event_reversed_once), so its reversal, the reversal of that one and so on are a chain: with an even number of
-- reversals above it, the event stands.
CREATE FUNCTION assets_stands(company integer, event bigint, known_at timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
    WITH RECURSIVE chain AS (
        SELECT event AS event_id
        UNION ALL
        SELECT r.event_id FROM chain c
        JOIN assets_event r ON r.company_id = company AND r.of_event_id = c.event_id AND r.kind = 'reversal'
        WHERE known_at IS NULL OR r.recorded_at <= known_at
    )
    SELECT count(*) % 2 = 1 FROM chain
$$;
