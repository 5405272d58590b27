-- What pools have said (the roles POOL_*), which every event and run holds against what they should say.
CREATE INDEX assets_value_pools ON assets_value (company_id, book_id, asset_id)
    WHERE role IN (124, 125, 126, 127, 128, 240, 241);
