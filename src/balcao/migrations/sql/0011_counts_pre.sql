-- The ledger's lines of counts that were set together stand in one row, packed: a batch counts tens of thousands, and a row and
-- an index entry for each cost half of what counting costs. The nth line is of the instant `at_us` + n, from 0.
CREATE TABLE stock_counts (
    tenant    text    NOT NULL,
    at_us     bigint  NOT NULL,
    lines     integer NOT NULL,
    batch_id  uuid,
    actor     text    NOT NULL,
    body      bytea   NOT NULL,
    PRIMARY KEY (tenant, at_us)
);
-- Ids hardly get smaller; and a line is read from the middle of it.
ALTER TABLE stock_counts ALTER COLUMN body SET STORAGE EXTERNAL;

-- Where a level's newest line among them is; each line says where the one before it is.
ALTER TABLE stock ADD COLUMN ledger_us bigint;

-- A batch's body lives for a second: making it smaller took longer than writing it.
ALTER TABLE import_body ALTER COLUMN body SET STORAGE EXTERNAL;

-- Products, SKUs and categories are never deleted, only marked so, and the verbs look every one up: asking for them again at each
-- row cost a third of what writing a product costs.
ALTER TABLE product DROP CONSTRAINT product_tenant_fkey;
ALTER TABLE sku DROP CONSTRAINT sku_tenant_product_id_fkey;
ALTER TABLE product_category
    DROP CONSTRAINT product_category_tenant_product_id_fkey, DROP CONSTRAINT product_category_tenant_category_id_fkey;
