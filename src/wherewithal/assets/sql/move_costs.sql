-- What goods that became an asset (or came from one) cost, when a book last said what it should about the asset. Late
-- receipts and bills change the cost of goods: where it is another one now, the next run looks at the asset again.
CREATE TABLE assets_move_cost (
    company_id int NOT NULL,
    book_id int NOT NULL,
    asset_id bigint NOT NULL,
    move_id bigint NOT NULL,
    amount bigint NOT NULL,
    PRIMARY KEY (company_id, book_id, asset_id, move_id)
);
