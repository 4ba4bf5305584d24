-- What was picked of each line of an order, and what could not be, and why not.
CREATE TABLE order_pick (
    tenant    text     NOT NULL,
    order_id  uuid     NOT NULL,
    line      smallint NOT NULL,
    picked    bigint   NOT NULL CHECK (picked >= 0),
    rejected  bigint   NOT NULL CHECK (rejected >= 0),
    reason    text     CHECK (reason IN ('not_found', 'damaged', 'on_display')),
    PRIMARY KEY (tenant, order_id, line),
    FOREIGN KEY (tenant, order_id) REFERENCES orders
);

-- Units that nobody may be promised though they are there: on display. They are part of the level's `reserved`.
CREATE TABLE stock_hold (
    tenant     text    NOT NULL,
    sku_id     uuid    NOT NULL,
    seller_id  uuid    NOT NULL,
    order_id   uuid    NOT NULL,
    quantity   bigint  NOT NULL CHECK (quantity > 0),
    actor      text    NOT NULL,
    at_us      bigint  NOT NULL,
    PRIMARY KEY (tenant, sku_id, seller_id, order_id)
);
CREATE INDEX stock_hold_by_seller ON stock_hold (tenant, seller_id, at_us);

-- A level is changed by hand as well: 4 corrected by a picker, 5 held, 6 given back.
ALTER TABLE stock_ledger DROP CONSTRAINT stock_ledger_cause_check,
    ADD CONSTRAINT stock_ledger_cause_check CHECK (cause BETWEEN 1 AND 6);

-- What needs a person: a few lines among millions.
CREATE INDEX order_log_for_people ON order_log (tenant, created_us)
    WHERE type IN ('PaidAfterCancellation', 'OutOfStock', 'ItemRejected');

-- An order's deliveries, whichever webhook they went to.
CREATE INDEX webhook_attempt_by_subject ON webhook_attempt (tenant, subject, attempt_id);
