-- When the depreciation of a book is run by itself: so many days after the end of each of its periods, at an hour of the
-- company's time zone.
CREATE TABLE assets_timetable (
    company_id int NOT NULL,
    book_id int NOT NULL,
    days_after smallint NOT NULL CHECK (days_after BETWEEN 0 AND 90),
    hour smallint NOT NULL CHECK (hour BETWEEN 0 AND 23),
    since timestamptz NOT NULL,
    actor_id bigint,
    PRIMARY KEY (company_id, book_id),
    FOREIGN KEY (company_id, book_id) REFERENCES ledger_book (company_id, id)
);
COMMENT ON TABLE assets_timetable IS 'Depreciation that is run by itself, a row for each book that has it.';
COMMENT ON COLUMN assets_timetable.since IS 'When it was set: what had been due before is not made up for.';
COMMENT ON COLUMN assets_timetable.actor_id IS 'Who set it, and in whose name it runs.';
