-- How deliveries are addressed and signed: to subscribers by the Standard Webhooks specification, or to a partner's API.
-- A partner's line has no bookmark in the log: whoever knows what the partner is to be told queues it.
ALTER TABLE webhook ADD COLUMN way text NOT NULL DEFAULT 'standard' CHECK (way IN ('standard', 'omnichat'));

-- A shop's account at OmniChat. `webhook_id` is the line on which we call its orders API; it keeps address and secret.
-- `teams`: which store each of its teams sells for, external id → id of the store.
CREATE TABLE omnichat_integration (
    tenant           text    NOT NULL REFERENCES tenant,
    integration_id   text    NOT NULL,
    name             text    NOT NULL,
    channel          text    NOT NULL,
    checkout         text    NOT NULL CHECK (checkout IN ('omni', 'own')),
    inbound_hash     bytea   NOT NULL,
    former_hash      bytea,
    former_until_us  bigint,
    webhook_id       uuid    NOT NULL,
    responsible      text    NOT NULL,
    checkout_url     text    NOT NULL,
    seller_id        uuid,
    teams            jsonb   NOT NULL,
    is_active        boolean NOT NULL,
    created_us       bigint  NOT NULL,
    changed_us       bigint  NOT NULL,
    PRIMARY KEY (tenant, integration_id)
);

-- What OmniChat sent, kept before it is answered and for 30 days. `said_us` is the sender's own time of it; `hash` is what
-- makes two sends the same. A parked one waits for the order that it is about.
CREATE TABLE omnichat_hook (
    tenant          text    NOT NULL REFERENCES tenant,
    hook_id         uuid    NOT NULL,
    integration_id  text    NOT NULL,
    object_id       text    NOT NULL,
    kind            text    NOT NULL CHECK (kind IN ('provision', 'status', 'cancellation')),
    status          text    NOT NULL,
    responsible     text    NOT NULL,
    said_us         bigint  NOT NULL,
    hash            bytea   NOT NULL,
    body            text    NOT NULL,
    received_us     bigint  NOT NULL,
    is_parked       boolean NOT NULL,
    done_us         bigint,
    outcome         text,
    detail          text,
    PRIMARY KEY (tenant, hook_id)
);
CREATE UNIQUE INDEX omnichat_hook_once ON omnichat_hook (tenant, integration_id, object_id, kind, hash);
CREATE INDEX omnichat_hook_waiting ON omnichat_hook (tenant, hook_id) WHERE done_us IS NULL AND NOT is_parked;

-- Which order an order of OmniChat's became; none yet, or none at all, where its provisioning was refused.
-- `heard_us`: OmniChat's own time of the newest payment that was taken over. `is_closed`: it cancelled what was shipped already, and
-- is told nothing more.
CREATE TABLE omnichat_order (
    tenant          text    NOT NULL REFERENCES tenant,
    integration_id  text    NOT NULL,
    object_id       text    NOT NULL,
    order_id        uuid,
    heard_us        bigint  NOT NULL,
    is_closed       boolean NOT NULL,
    PRIMARY KEY (tenant, integration_id, object_id)
);
CREATE UNIQUE INDEX omnichat_order_by_order ON omnichat_order (tenant, order_id) WHERE order_id IS NOT NULL;

-- One row a tenant: whoever works off its hooks or reads its log for OmniChat holds it. All up to `seq` is told.
CREATE TABLE omnichat_lane (
    tenant  text   PRIMARY KEY REFERENCES tenant,
    seq     bigint NOT NULL
) WITH (fillfactor = 50);
