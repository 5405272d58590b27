-- What of the running segment is booked already: it may have been charged in the middle of a period, on the day of an event.
ALTER TABLE assets_standing ADD COLUMN charged bigint;
COMMENT ON COLUMN assets_standing.charged IS 'What of the segment was charged by through_on.';
