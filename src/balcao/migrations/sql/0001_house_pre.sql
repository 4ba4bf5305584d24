-- Every table starts with `tenant` in its keys, so that a cluster distributes it by tenant unchanged.
-- Instants are whole microseconds since 1970 (bigint): they come from the tenant's clock or in as arguments, never from now().
-- Ids are UUIDv7 made by the application. The id 00000000-0000-0000-0000-000000000000 as seller means "every seller".

CREATE TABLE tenant (
    tenant       text   NOT NULL PRIMARY KEY,
    name         text   NOT NULL,
    created_us   bigint NOT NULL
);

-- One row a tenant, updated by every transaction that changes anything and locked from the tick to the commit:
-- ticks are therefore in commit order. Half-empty pages keep the updates on the page (HOT).
CREATE TABLE tenant_clock (
    tenant  text   NOT NULL PRIMARY KEY REFERENCES tenant,
    seq     bigint NOT NULL,
    at_us   bigint NOT NULL
) WITH (fillfactor = 50);

-- The one log: what happened, in commit order, without gaps.
CREATE TABLE event (
    tenant     text   NOT NULL,
    seq        bigint NOT NULL,
    at_us      bigint NOT NULL,
    type       text   NOT NULL,
    subject    text   NOT NULL,
    channel    text,
    seller_id  uuid,
    actor      text   NOT NULL,
    data       jsonb  NOT NULL,
    PRIMARY KEY (tenant, seq)
);

CREATE TABLE channel (
    tenant                 text    NOT NULL REFERENCES tenant,
    channel                text    NOT NULL,
    document_check         text    NOT NULL CHECK (document_check IN ('off', 'warn', 'reject')),
    stock_policy           text    NOT NULL CHECK (stock_policy IN ('reject', 'accept', 'off')),
    quote_policy           text    NOT NULL CHECK (quote_policy IN ('off', 'warn', 'reject')),
    amount_check           text    NOT NULL CHECK (amount_check IN ('off', 'warn', 'reject')),
    discount_basis         text    NOT NULL CHECK (discount_basis IN ('unit', 'line')),
    payment_cover          text    NOT NULL CHECK (payment_cover IN ('total', 'any')),
    paid_on_create         boolean NOT NULL,
    cancel_on_denied       boolean NOT NULL,
    cancel_needs_consent   boolean NOT NULL,
    ship_without_invoice   boolean NOT NULL,
    payment_expiry_s       bigint  NOT NULL CHECK (payment_expiry_s > 0),
    PRIMARY KEY (tenant, channel)
);

CREATE TABLE credential (
    tenant       text   NOT NULL REFERENCES tenant,
    client_id    text   NOT NULL,
    secret_hash  bytea  NOT NULL,
    role         text   NOT NULL CHECK (role IN ('channel', 'erp', 'carrier', 'operator', 'admin')),
    channel      text,
    seller_cnpj  text,
    carrier      text,
    created_us   bigint NOT NULL,
    revoked_us   bigint,
    PRIMARY KEY (tenant, client_id)
);
CREATE INDEX credential_by_revocation ON credential (tenant, revoked_us) WHERE revoked_us IS NOT NULL;

-- The answer given to a write that carried an Idempotency-Key, to be given again.
CREATE TABLE idempotency (
    tenant        text     NOT NULL REFERENCES tenant,
    client_id     text     NOT NULL,
    key           text     NOT NULL,
    request_hash  bytea    NOT NULL,
    status        smallint NOT NULL,
    headers       jsonb    NOT NULL,
    body          bytea    NOT NULL,
    created_us    bigint   NOT NULL,
    PRIMARY KEY (tenant, client_id, key)
);
CREATE INDEX idempotency_by_age ON idempotency (tenant, created_us);

CREATE TABLE seller (
    tenant            text    NOT NULL REFERENCES tenant,
    seller_id         uuid    NOT NULL,
    cnpj              text    NOT NULL,
    point_sale_id     text,
    name              text    NOT NULL,
    is_active         boolean NOT NULL,
    pickup_enabled    boolean NOT NULL,
    delivery_enabled  boolean NOT NULL,
    handling_days     integer NOT NULL CHECK (handling_days >= 0),
    safety_stock      bigint  NOT NULL CHECK (safety_stock >= 0),
    priority          integer NOT NULL,
    body              jsonb   NOT NULL,
    created_us        bigint  NOT NULL,
    last_update_us    bigint  NOT NULL,
    PRIMARY KEY (tenant, seller_id),
    UNIQUE (tenant, cnpj),
    UNIQUE (tenant, point_sale_id)
);

CREATE TABLE category (
    tenant          text    NOT NULL REFERENCES tenant,
    category_id     uuid    NOT NULL,
    code            text    NOT NULL,
    name            text    NOT NULL,
    parent_id       uuid,
    is_active       boolean NOT NULL,
    is_deleted      boolean NOT NULL DEFAULT false,
    body            jsonb   NOT NULL,
    created_us      bigint  NOT NULL,
    last_update_us  bigint  NOT NULL,
    PRIMARY KEY (tenant, category_id),
    UNIQUE (tenant, code),
    FOREIGN KEY (tenant, parent_id) REFERENCES category (tenant, category_id)
);

CREATE TABLE product (
    tenant          text    NOT NULL REFERENCES tenant,
    product_id      uuid    NOT NULL,
    code            text    NOT NULL,
    aux_code        text,
    reference_code  text,
    name            text    NOT NULL,
    is_active       boolean NOT NULL,
    is_deleted      boolean NOT NULL DEFAULT false,
    height_cm       numeric,
    length_cm       numeric,
    width_cm        numeric,
    weight_kg       numeric,
    body            jsonb   NOT NULL,
    created_us      bigint  NOT NULL,
    last_update_us  bigint  NOT NULL,
    PRIMARY KEY (tenant, product_id),
    UNIQUE (tenant, code)
);
CREATE INDEX product_by_aux_code ON product (tenant, aux_code) WHERE aux_code IS NOT NULL;
CREATE INDEX product_by_reference_code ON product (tenant, reference_code) WHERE reference_code IS NOT NULL;
CREATE INDEX product_by_last_update ON product (tenant, last_update_us);

CREATE TABLE product_category (
    tenant       text NOT NULL,
    product_id   uuid NOT NULL,
    category_id  uuid NOT NULL,
    PRIMARY KEY (tenant, product_id, category_id),
    FOREIGN KEY (tenant, product_id) REFERENCES product (tenant, product_id),
    FOREIGN KEY (tenant, category_id) REFERENCES category (tenant, category_id)
);
CREATE INDEX product_category_by_category ON product_category (tenant, category_id, product_id);

CREATE TABLE sku (
    tenant          text    NOT NULL,
    sku_id          uuid    NOT NULL,
    product_id      uuid    NOT NULL,
    code            text    NOT NULL,
    aux_code        text,
    barcode         text,
    name            text    NOT NULL,
    is_active       boolean NOT NULL,
    is_deleted      boolean NOT NULL DEFAULT false,
    min_stock       bigint  NOT NULL DEFAULT 0,
    body            jsonb   NOT NULL,
    created_us      bigint  NOT NULL,
    last_update_us  bigint  NOT NULL,
    PRIMARY KEY (tenant, sku_id),
    UNIQUE (tenant, code),
    FOREIGN KEY (tenant, product_id) REFERENCES product (tenant, product_id)
);
CREATE INDEX sku_by_product ON sku (tenant, product_id);
CREATE INDEX sku_by_aux_code ON sku (tenant, aux_code) WHERE aux_code IS NOT NULL;
CREATE INDEX sku_by_barcode ON sku (tenant, barcode) WHERE barcode IS NOT NULL;

CREATE TABLE price (
    tenant          text    NOT NULL,
    product_id      uuid    NOT NULL,
    seller_id       uuid    NOT NULL,
    price           numeric NOT NULL CHECK (price >= 0),
    old_price       numeric,
    last_update_us  bigint  NOT NULL,
    PRIMARY KEY (tenant, product_id, seller_id),
    FOREIGN KEY (tenant, product_id) REFERENCES product (tenant, product_id)
);
CREATE INDEX price_by_last_update ON price (tenant, last_update_us);

-- on_hand is what the ERP counted less what was invoiced since; reserved is the sum of what open orders hold.
CREATE TABLE stock (
    tenant          text   NOT NULL,
    seller_id       uuid   NOT NULL,
    sku_id          uuid   NOT NULL,
    on_hand         bigint NOT NULL,
    reserved        bigint NOT NULL CHECK (reserved >= 0),
    last_update_us  bigint NOT NULL,
    PRIMARY KEY (tenant, seller_id, sku_id),
    FOREIGN KEY (tenant, seller_id) REFERENCES seller (tenant, seller_id),
    FOREIGN KEY (tenant, sku_id) REFERENCES sku (tenant, sku_id)
) WITH (fillfactor = 70);
CREATE INDEX stock_by_sku ON stock (tenant, sku_id);
CREATE INDEX stock_by_last_update ON stock (tenant, last_update_us);

CREATE TABLE freight_carrier (
    tenant       text NOT NULL REFERENCES tenant,
    reference    text NOT NULL,
    description  text NOT NULL,
    PRIMARY KEY (tenant, reference)
);

-- A table belongs to a carrier and one seller, or (seller zero) to every seller. Loading makes a new version and moves `is_current`.
-- The weight brackets are those of its rates, each once, by position in both arrays: within a bracket no two rates share a CEP.
CREATE TABLE freight_table (
    tenant           text      NOT NULL,
    table_id         uuid      NOT NULL,
    reference        text      NOT NULL,
    seller_id        uuid      NOT NULL,
    loaded_us        bigint    NOT NULL,
    is_current       boolean   NOT NULL,
    row_count        integer   NOT NULL,
    weight_starts_g  integer[] NOT NULL,
    weight_ends_g    integer[] NOT NULL,
    PRIMARY KEY (tenant, table_id),
    FOREIGN KEY (tenant, reference) REFERENCES freight_carrier (tenant, reference)
);
CREATE UNIQUE INDEX freight_table_current ON freight_table (tenant, seller_id, reference) WHERE is_current;
CREATE INDEX freight_table_former ON freight_table (tenant, reference, seller_id) WHERE NOT is_current;

CREATE TABLE freight_rate (
    tenant          text    NOT NULL,
    table_id        uuid    NOT NULL,
    line            integer NOT NULL,
    cep_start       integer NOT NULL,
    cep_end         integer NOT NULL,
    weight_start_g  integer NOT NULL,
    weight_end_g    integer NOT NULL,
    price           numeric NOT NULL CHECK (price >= 0),
    delivery_days   integer NOT NULL CHECK (delivery_days >= 0),
    PRIMARY KEY (tenant, table_id, line),
    FOREIGN KEY (tenant, table_id) REFERENCES freight_table (tenant, table_id) ON DELETE CASCADE
);
-- One probe a bracket finds the only row that can hold a CEP: the first that ends at or after it.
CREATE INDEX freight_rate_by_bracket ON freight_rate (tenant, table_id, weight_start_g, weight_end_g, cep_end);

-- The options of quotes asked to persist, by the key that an order names.
CREATE TABLE freight_offer (
    tenant           text    NOT NULL REFERENCES tenant,
    calculation_key  text    NOT NULL,
    quote_id         uuid    NOT NULL,
    seller_id        uuid    NOT NULL,
    reference        text    NOT NULL,
    amount           numeric NOT NULL,
    expires_us       bigint  NOT NULL,
    body             jsonb   NOT NULL,
    PRIMARY KEY (tenant, calculation_key)
);
CREATE INDEX freight_offer_by_expiry ON freight_offer (tenant, expires_us);

-- Who owns an external id: inserted first in the transaction that creates the order, so that of any number of
-- simultaneous sends one wins and the others wait for its commit.
CREATE TABLE order_key (
    tenant        text  NOT NULL,
    external_id   text  NOT NULL,
    channel       text  NOT NULL,
    order_id      uuid  NOT NULL,
    content_hash  bytea NOT NULL,
    PRIMARY KEY (tenant, external_id, channel)
);

-- No foreign keys to tenant, channel and seller: those rows are never deleted, and every order taking a share lock on
-- the same few rows is what a flash sale would wait for.
CREATE TABLE orders (
    tenant              text       NOT NULL,
    order_id            uuid       NOT NULL,
    channel             text       NOT NULL,
    external_id         text       NOT NULL,
    friendly_code       text       NOT NULL,
    seller_id           uuid       NOT NULL,
    seller_order_id     text,
    status              smallint   NOT NULL CHECK (status BETWEEN 0 AND 21),
    resume_status       smallint   CHECK (resume_status BETWEEN 0 AND 21),
    is_delivery         boolean    NOT NULL,
    is_short            boolean    NOT NULL,
    create_us           bigint     NOT NULL,
    last_update_us      bigint     NOT NULL,
    expires_us          bigint,
    sub_total_amount    numeric    NOT NULL,
    discount_amount     numeric    NOT NULL,
    freight_amount      numeric    NOT NULL,
    fee_amount          numeric    NOT NULL,
    bonus_amount        numeric    NOT NULL,
    total_amount        numeric    NOT NULL,
    freight_reference   text       NOT NULL,
    freight_description text       NOT NULL,
    payment_types       smallint[] NOT NULL,
    buyer_document      text,
    buyer_name          text       NOT NULL,
    invoice_key         text,
    tracking_code       text,
    created_by          text       NOT NULL,
    body                jsonb      NOT NULL,
    PRIMARY KEY (tenant, order_id)
);
CREATE UNIQUE INDEX orders_by_friendly_code ON orders (tenant, friendly_code);
CREATE INDEX orders_by_seller_order_id ON orders (tenant, seller_order_id) WHERE seller_order_id IS NOT NULL;
CREATE INDEX orders_by_create ON orders (tenant, create_us, order_id);
CREATE INDEX orders_by_last_update ON orders (tenant, last_update_us);
CREATE INDEX orders_by_seller ON orders (tenant, seller_id, last_update_us);
CREATE INDEX orders_by_expiry ON orders (tenant, expires_us) WHERE expires_us IS NOT NULL;

-- The parts of an order have no foreign key to it either: one transaction writes them all, nothing deletes an order, and on
-- a new database the checks' plans, made while `orders` was empty, cost more than everything else together.

-- reserved and consumed are this line's share of the stock row's `reserved` and of what left its `on_hand`.
CREATE TABLE order_item (
    tenant          text     NOT NULL,
    order_id        uuid     NOT NULL,
    line            smallint NOT NULL,
    sku_id          uuid     NOT NULL,
    sku_code        text     NOT NULL,
    product_code    text     NOT NULL,
    quantity        bigint   NOT NULL CHECK (quantity > 0),
    unit_price      numeric  NOT NULL,
    discount_price  numeric  NOT NULL,
    is_gift         boolean  NOT NULL,
    reserved        bigint   NOT NULL CHECK (reserved >= 0),
    consumed        bigint   NOT NULL CHECK (consumed >= 0),
    body            jsonb    NOT NULL,
    PRIMARY KEY (tenant, order_id, line)
);
CREATE INDEX order_item_holding ON order_item (tenant, sku_id) WHERE reserved > 0;

CREATE TABLE order_payment (
    tenant    text     NOT NULL,
    order_id  uuid     NOT NULL,
    line      smallint NOT NULL,
    type      smallint NOT NULL,
    status    smallint NOT NULL CHECK (status BETWEEN 0 AND 5),
    amount    numeric  NOT NULL,
    body      jsonb    NOT NULL,
    PRIMARY KEY (tenant, order_id, line)
);

CREATE TABLE order_step (
    tenant       text     NOT NULL,
    order_id     uuid     NOT NULL,
    seq          bigint   NOT NULL,
    number       smallint NOT NULL,
    status       smallint NOT NULL,
    description  text     NOT NULL,
    created_us   bigint   NOT NULL,
    PRIMARY KEY (tenant, order_id, seq, number)
);

CREATE TABLE order_log (
    tenant            text   NOT NULL,
    order_id          uuid   NOT NULL,
    log_id            uuid   NOT NULL,
    type              text   NOT NULL,
    display_message   text   NOT NULL,
    internal_message  text   NOT NULL,
    issuer            text   NOT NULL,
    created_us        bigint NOT NULL,
    PRIMARY KEY (tenant, order_id, log_id)
);

-- Which order an invoice's access key belongs to: claimed before the invoice is written, as order_key is.
CREATE TABLE invoice_key (
    tenant      text NOT NULL,
    access_key  text NOT NULL,
    order_id    uuid NOT NULL,
    PRIMARY KEY (tenant, access_key)
);

CREATE TABLE order_invoice (
    tenant        text    NOT NULL,
    order_id      uuid    NOT NULL,
    access_key    text    NOT NULL,
    number        text    NOT NULL,
    serie         text    NOT NULL,
    total_amount  numeric,
    issued_us     bigint,
    body          jsonb   NOT NULL,
    created_us    bigint  NOT NULL,
    PRIMARY KEY (tenant, order_id, access_key)
);

CREATE TABLE order_label (
    tenant        text     NOT NULL,
    order_id      uuid     NOT NULL,
    number        smallint NOT NULL,
    file_name     text     NOT NULL,
    content_type  text     NOT NULL,
    path          text     NOT NULL,
    created_us    bigint   NOT NULL,
    PRIMARY KEY (tenant, order_id, number)
);
