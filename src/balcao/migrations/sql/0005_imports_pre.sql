-- Batches as they were sent, durable before they are answered. `number` is the order in which a tenant's batches were
-- received, from `import_counter`. `position` is how many of its records have been applied: it moves in the transaction that
-- applies them.
CREATE TABLE import_counter (
    tenant  text   NOT NULL PRIMARY KEY REFERENCES tenant,
    number  bigint NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE import_batch (
    tenant       text     NOT NULL REFERENCES tenant,
    batch_id     uuid     NOT NULL,
    number       bigint   NOT NULL,
    lane         text     NOT NULL CHECK (lane IN ('stores', 'catalogue', 'prices', 'stocks')),
    kind         text     NOT NULL CHECK (kind IN ('sellers', 'categories', 'products', 'skus', 'prices', 'stocks')),
    actor        text     NOT NULL,
    seller_cnpj  text,
    how          jsonb    NOT NULL,
    bytes        integer  NOT NULL,
    rows         integer  NOT NULL,
    position     integer  NOT NULL,
    done         integer  NOT NULL,
    inserted     integer  NOT NULL,
    updated      integer  NOT NULL,
    failed       integer  NOT NULL,
    received_us  bigint   NOT NULL,
    started_us   bigint,
    finished_us  bigint,
    PRIMARY KEY (tenant, batch_id)
) WITH (fillfactor = 70);
CREATE INDEX import_batch_waiting ON import_batch (tenant, lane, number) WHERE finished_us IS NULL;
CREATE INDEX import_batch_by_received ON import_batch (tenant, received_us);

-- The body, until it is applied. It is written before the number is taken, which holds back the tenant's other senders.
CREATE TABLE import_body (
    tenant    text  NOT NULL,
    batch_id  uuid  NOT NULL,
    body      bytea NOT NULL,
    PRIMARY KEY (tenant, batch_id)
);
-- JSON of some megabytes: compressing it takes longer than writing it.
ALTER TABLE import_body ALTER COLUMN body SET STORAGE EXTERNAL;

-- What is to be said about a batch's rows: errors, and warnings of rows that a later one replaced or that came too late.
CREATE TABLE import_issue (
    tenant    text    NOT NULL,
    batch_id  uuid    NOT NULL,
    place     integer NOT NULL,
    is_error  boolean NOT NULL,
    row       integer NOT NULL,
    code      text,
    field     text    NOT NULL,
    message   text    NOT NULL,
    PRIMARY KEY (tenant, batch_id, is_error, place),
    FOREIGN KEY (tenant, batch_id) REFERENCES import_batch (tenant, batch_id) ON DELETE CASCADE
);
