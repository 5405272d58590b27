-- What goods cost that became assets or came from some, by move: few among all values, and asked for at every run.
-- 14 and 27: the roles FROM_ASSET and TO_ASSET.
CREATE INDEX stock_value_of_assets ON stock_value (company_id, move_id) INCLUDE (book_id, amount) WHERE role IN (14, 27);
