-- Each sort of the products is a walk along an index, so that a page by cursor costs the same at any depth. Of a name
-- the first letters do: the whole of a long one would not fit into an index.
CREATE INDEX product_by_created ON product (tenant, created_us, product_id);
CREATE INDEX product_by_name ON product (tenant, left(name, 200), product_id);

-- A few among very many.
CREATE INDEX product_inactive ON product (tenant, last_update_us, product_id) WHERE NOT is_active;
