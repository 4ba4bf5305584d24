-- Of the row of a batch that made a product what it is, so that the same row need not be read again as long as it is:
-- null where something that rows say was changed since.
ALTER TABLE product ADD COLUMN row_digest bytea;

-- Bodies in pieces that fill a page each. As one value of some megabytes a body was stored in pieces of a quarter of that, each
-- with an entry in an index, which took twice as long. Those that are there are one piece.
ALTER TABLE import_body
    ADD COLUMN place integer NOT NULL DEFAULT 0,
    DROP CONSTRAINT import_body_pkey,
    ADD PRIMARY KEY (tenant, batch_id, place);
ALTER TABLE import_body SET (toast_tuple_target = 8160);
