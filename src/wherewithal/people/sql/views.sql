-- A view of a list that somebody keeps under a name: search, filters, sort and columns, as they stand in an address.
-- It is its maker's own, or shared with everybody in the company; a list is named by its page and its table.
CREATE TABLE people_saved_view (
    id bigint GENERATED ALWAYS AS IDENTITY,
    company_id int NOT NULL REFERENCES ledger_company (id),
    user_id bigint NOT NULL REFERENCES people_user (id),
    list text NOT NULL CHECK (length(list) BETWEEN 1 AND 100),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    query text NOT NULL CHECK (length(query) <= 4000),
    shared boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (company_id, user_id, list, name),
    PRIMARY KEY (company_id, id)
);
