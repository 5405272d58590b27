-- A document names a party of its company, or none. The refusal is put into words where documents are recorded.
ALTER TABLE stock_document ADD CONSTRAINT stock_document_party
    FOREIGN KEY (company_id, party_id) REFERENCES parties_party (company_id, id);
