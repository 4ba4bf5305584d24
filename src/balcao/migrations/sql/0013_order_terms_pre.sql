-- What an order is found by beside its numbers: the words of its buyer's name, documents, e-mail address, phone number and
-- tracking codes. The worker notes them from the orders' changes. Ids rise with time, so the newest orders stand last.
-- What a search filters by lies in the index as well. Letters are compared by their codes, as beginnings of words need it.
CREATE TABLE order_term (
    tenant     text     NOT NULL,
    kind       smallint NOT NULL CHECK (kind BETWEEN 1 AND 5),
    term       text     COLLATE "C" NOT NULL,
    order_id   uuid     NOT NULL,
    name       text     COLLATE "C" NOT NULL,
    seller_id  uuid     NOT NULL,
    channel    text     NOT NULL,
    PRIMARY KEY (tenant, kind, term, order_id) INCLUDE (name, seller_id, channel)
);

-- Up to which of its changes a tenant's orders are noted there.
CREATE TABLE order_term_mark (
    tenant          text   NOT NULL PRIMARY KEY,
    last_update_us  bigint NOT NULL
);
