-- Of the row of a batch that made a product what it is, so that the same row need not be read again as long as it is:
-- null where something that rows say was changed since.
ALTER TABLE product ADD COLUMN row_digest bytea;
