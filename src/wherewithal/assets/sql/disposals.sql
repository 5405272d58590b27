-- What passed through disposals, which `verify` adds up: few rows among those of depreciation.
CREATE INDEX assets_value_disposals ON assets_value (company_id, book_id, effective_on) INCLUDE (role, amount)
    WHERE role IN (168, 170, 171, 172, 173, 174, 175, 176, 177, 178, 179, 240);
