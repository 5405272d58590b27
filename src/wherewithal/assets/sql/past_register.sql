-- The register on a past day: what an asset was then (its place, class, status, ...) it has been since some day. And how
-- many assets there were: each is registered once.
CREATE INDEX assets_placement_value ON assets_placement (company_id, aspect, value_id, asset_id) INCLUDE (effective_on);
CREATE INDEX assets_event_registered ON assets_event (company_id, effective_on) INCLUDE (recorded_at) WHERE kind = 'registered';
