-- What stores have of a SKU is read off the key alone, as long as it rests: in the table it lies in as many pages as there
-- are stores. Every change of a row writes its entry in the key anyway. As every row's entry is written, it takes a while.
SET LOCAL statement_timeout = '15min';
ALTER TABLE stock DROP CONSTRAINT stock_pkey,
    ADD PRIMARY KEY (tenant, sku_id, seller_id) INCLUDE (on_hand, reserved);
