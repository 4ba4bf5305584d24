-- What each price became, when and by whom, for two years; `price` is null where it went with its product. The store's id is
-- zero for the price in every store, as in `price`.
CREATE TABLE price_change (
    tenant      text    NOT NULL,
    product_id  uuid    NOT NULL,
    seller_id   uuid    NOT NULL,
    at_us       bigint  NOT NULL,
    price       numeric,
    old_price   numeric,
    actor       text    NOT NULL,
    PRIMARY KEY (tenant, product_id, at_us)
);
-- Lines come in the order of time: which pages hold the oldest is told by a few bytes.
CREATE INDEX price_change_by_time ON price_change USING brin (tenant, at_us);
