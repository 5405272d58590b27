-- Where depreciation stands in a book: what is needed to charge the next period without reading the history again.
-- Worked out with every event; a run reads it and changes nothing here.
CREATE TABLE assets_standing (
    company_id int NOT NULL,
    book_id int NOT NULL,
    asset_id bigint NOT NULL,
    way smallint NOT NULL CHECK (way IN (0, 1, 2)),
    class_id int NOT NULL,
    cause_id bigint NOT NULL,
    through_on date NOT NULL,
    in_service_on date,
    starts_on date,
    cost bigint,
    opening bigint,
    residual bigint,
    terms_id bigint,
    PRIMARY KEY (company_id, book_id, asset_id),
    CHECK (way <> 1 OR num_nulls(in_service_on, starts_on, cost, opening, residual, terms_id) = 0)
);
COMMENT ON COLUMN assets_standing.way IS '0: nothing moves with time; 1: depreciation alone, by this segment; 2: more than that, read the facts.';
COMMENT ON COLUMN assets_standing.through_on IS 'The day up to which the book spoke of the asset when this was worked out.';
