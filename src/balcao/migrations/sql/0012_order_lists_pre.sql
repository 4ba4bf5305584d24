-- What lists of orders run along: any set of channels and statuses is that many stretches of one index, each in the
-- order of the list. A poll of a store's orders does the same with its statuses.
SET LOCAL statement_timeout = '15min';
CREATE INDEX orders_by_channel_create ON orders (tenant, channel, status, create_us, order_id);
CREATE INDEX orders_by_channel_update ON orders (tenant, channel, status, last_update_us, order_id);
CREATE INDEX orders_by_store ON orders (tenant, seller_id, status, last_update_us, order_id) INCLUDE (create_us);
CREATE INDEX orders_by_carrier ON orders (tenant, freight_reference, channel, status, create_us, order_id);
CREATE INDEX orders_by_payment ON orders (tenant, payment_types, channel, status, create_us, order_id);
CREATE INDEX orders_by_freight_description ON orders (tenant, freight_description);
-- Nothing but speed depended on it, and orders_by_store has what it had.
DROP INDEX orders_by_seller;
