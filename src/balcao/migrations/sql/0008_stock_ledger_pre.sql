-- What changed of a stock row, when and why, for 90 days: a line for every count that changed it, and for what orders released
-- and consumed. What they reserved is read off the orders themselves: placing one must cost no line here.
-- `on_hand` is the count that the row held afterwards, known for counts. `subject_id` is the batch or the order.
CREATE TABLE stock_ledger (
    tenant           text     NOT NULL,
    sku_id           uuid     NOT NULL,
    seller_id        uuid     NOT NULL,
    at_us            bigint   NOT NULL,
    cause            smallint NOT NULL CHECK (cause BETWEEN 1 AND 3),
    subject_id       uuid,
    actor            text     NOT NULL,
    on_hand          bigint,
    on_hand_change   bigint   NOT NULL,
    reserved_change  bigint   NOT NULL,
    PRIMARY KEY (tenant, sku_id, seller_id, at_us)
);
-- Lines come in the order of time: which pages hold those of a batch is told by a few bytes.
CREATE INDEX stock_ledger_by_time ON stock_ledger USING brin (tenant, at_us);

-- When the sender took the count, where it says so: an older count that comes later is passed over.
ALTER TABLE stock ADD COLUMN counted_us bigint;

-- By SKU first, so that one index does for both: a row's every change writes all of them.
ALTER TABLE stock DROP CONSTRAINT stock_pkey, ADD PRIMARY KEY (tenant, sku_id, seller_id);
DROP INDEX stock_by_sku;

-- Products, SKUs and stores are never deleted, only marked so; asking for them again at each row cost more than the row.
ALTER TABLE stock DROP CONSTRAINT stock_tenant_seller_id_fkey, DROP CONSTRAINT stock_tenant_sku_id_fkey;
ALTER TABLE price DROP CONSTRAINT price_tenant_product_id_fkey;
