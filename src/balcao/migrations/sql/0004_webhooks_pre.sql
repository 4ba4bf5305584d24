-- Addresses that want to be told what happens. Secrets are encrypted by the application; two sign while one replaces the
-- other. `failing_since_us`: the first failure since the last success. `hold_until_us`: nothing is sent before.
CREATE TABLE webhook (
    tenant            text    NOT NULL REFERENCES tenant,
    webhook_id        uuid    NOT NULL,
    url               text    NOT NULL,
    description       text    NOT NULL,
    types             text[]  NOT NULL,
    channels          text[]  NOT NULL,
    seller_ids        uuid[]  NOT NULL,
    is_active         boolean NOT NULL,
    disabled_reason   text,
    secret            bytea   NOT NULL,
    former_secret     bytea,
    former_until_us   bigint,
    failing_since_us  bigint,
    hold_until_us     bigint  NOT NULL,
    created_us        bigint  NOT NULL,
    changed_us        bigint  NOT NULL,
    PRIMARY KEY (tenant, webhook_id)
);

-- Bookmarks in the log: everything up to `seq` is queued for the webhook. The reader 00000000-0000-0000-0000-000000000000
-- follows the log, the others are replays up to `upto`.
CREATE TABLE webhook_reader (
    tenant      text   NOT NULL,
    webhook_id  uuid   NOT NULL,
    reader_id   uuid   NOT NULL,
    seq         bigint NOT NULL,
    upto        bigint,
    PRIMARY KEY (tenant, webhook_id, reader_id),
    FOREIGN KEY (tenant, webhook_id) REFERENCES webhook (tenant, webhook_id) ON DELETE CASCADE
) WITH (fillfactor = 50);

-- What is still to be delivered, and (`died_us`) what was given up. A row is claimed by one process until `lease_us`; of a
-- subject only the oldest row is. Delivered rows are deleted.
CREATE TABLE webhook_delivery (
    tenant      text     NOT NULL,
    webhook_id  uuid     NOT NULL,
    seq         bigint   NOT NULL,
    type        text     NOT NULL,
    subject     text     NOT NULL,
    body        text     NOT NULL,
    attempts    smallint NOT NULL,
    due_us      bigint   NOT NULL,
    lease_us    bigint   NOT NULL,
    claim       uuid,
    status      smallint,
    error       text,
    died_us     bigint,
    PRIMARY KEY (tenant, webhook_id, seq)
) WITH (fillfactor = 70);
CREATE INDEX webhook_delivery_by_subject ON webhook_delivery (tenant, webhook_id, subject, seq) WHERE died_us IS NULL;
CREATE INDEX webhook_delivery_by_due ON webhook_delivery (tenant, webhook_id, due_us, seq) WHERE died_us IS NULL;

-- The delivery log: every attempt, for 30 days. Ids grow with time.
CREATE TABLE webhook_attempt (
    tenant       text     NOT NULL,
    attempt_id   uuid     NOT NULL,
    webhook_id   uuid     NOT NULL,
    seq          bigint   NOT NULL,
    type         text     NOT NULL,
    subject      text     NOT NULL,
    number       smallint NOT NULL,
    at_us        bigint   NOT NULL,
    duration_ms  integer  NOT NULL,
    outcome      text     NOT NULL CHECK (outcome IN ('delivered', 'failed')),
    status       smallint,
    error        text,
    url          text     NOT NULL,
    headers      jsonb    NOT NULL,
    body         text     NOT NULL,
    answer       text     NOT NULL,
    PRIMARY KEY (tenant, attempt_id)
);
CREATE INDEX webhook_attempt_by_webhook ON webhook_attempt (tenant, webhook_id, attempt_id);
