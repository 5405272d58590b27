-- A party belongs to a company that exists.
ALTER TABLE parties_party ADD FOREIGN KEY (company_id) REFERENCES ledger_company (id);
