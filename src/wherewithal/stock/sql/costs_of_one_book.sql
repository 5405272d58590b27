-- A cost that one book alone hears of (null: all of them). Kind 3 states what the goods of a move come in at in that book,
-- in its currency, in place of the amount of the move: it may be nothing.
ALTER TABLE stock_move_cost
    ADD COLUMN book_id int,
    ADD FOREIGN KEY (company_id, book_id) REFERENCES ledger_book (company_id, id),
    DROP CONSTRAINT stock_move_cost_amount_check,
    ADD CONSTRAINT stock_move_cost_amount_check CHECK (amount <> 0 OR kind = 3),
    ADD CONSTRAINT stock_move_cost_own_amount CHECK (kind <> 3 OR book_id IS NOT NULL);
COMMENT ON COLUMN stock_move_cost.book_id IS 'The one book that hears of it; null: every book.';
COMMENT ON TABLE stock_move_cost IS 'Money that belongs to a receipt: landed cost (1), price corrections (2), and what it is in one book (3). item and day are the receipt''s.';
