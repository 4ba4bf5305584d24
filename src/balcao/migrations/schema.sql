-- The tables as the migrations leave them: `make schema` rewrites this file, tests compare it. An empty database is
-- made from it in one go (`balcao.base.migrate`); one that holds something already goes through the migrations.

SET LOCAL check_function_bodies = off;

CREATE EXTENSION IF NOT EXISTS btree_gin;

CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TYPE pgqueuer_status AS ENUM ('queued', 'picked', 'successful', 'exception', 'canceled', 'deleted', 'failed');

CREATE SEQUENCE pgqueuer_id_seq;

CREATE SEQUENCE pgqueuer_schedules_id_seq;

CREATE SEQUENCE pgqueuer_statistics_id_seq;

CREATE OR REPLACE FUNCTION fn_pgqueuer_changed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    to_emit BOOLEAN := false;  -- Flag to decide whether to emit a notification
BEGIN
    -- Check operation type and set the emit flag accordingly
    IF TG_OP = 'UPDATE' AND OLD IS DISTINCT FROM NEW THEN
        to_emit := true;
    ELSIF TG_OP = 'DELETE' THEN
        to_emit := true;
    ELSIF TG_OP = 'INSERT' THEN
        to_emit := true;
    ELSIF TG_OP = 'TRUNCATE' THEN
        to_emit := true;
    END IF;

    -- Perform notification if the emit flag is set
    IF to_emit THEN
        PERFORM pg_notify(
            'ch_pgqueuer',
            json_build_object(
                'channel', 'ch_pgqueuer',
                'operation', lower(TG_OP),
                'sent_at', NOW(),
                'table', TG_TABLE_NAME,
                'type', 'table_changed_event'
            )::text
        );
    END IF;

    -- Return appropriate value based on the operation
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        RETURN NEW;
    ELSIF TG_OP = 'DELETE' THEN
        RETURN OLD;
    ELSE
        RETURN NULL; -- For TRUNCATE and other non-row-specific contexts
    END IF;

END;
$function$
;

CREATE TABLE category (
    tenant text NOT NULL,
    category_id uuid NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    parent_id uuid,
    is_active boolean NOT NULL,
    is_deleted boolean DEFAULT false NOT NULL,
    body jsonb NOT NULL,
    created_us bigint NOT NULL,
    last_update_us bigint NOT NULL,
    CONSTRAINT category_pkey PRIMARY KEY (tenant, category_id),
    CONSTRAINT category_tenant_code_key UNIQUE (tenant, code)
);
CREATE INDEX category_by_last_update ON category USING btree (tenant, last_update_us);

CREATE TABLE channel (
    tenant text NOT NULL,
    channel text NOT NULL,
    document_check text NOT NULL,
    stock_policy text NOT NULL,
    quote_policy text NOT NULL,
    amount_check text NOT NULL,
    discount_basis text NOT NULL,
    payment_cover text NOT NULL,
    paid_on_create boolean NOT NULL,
    cancel_on_denied boolean NOT NULL,
    cancel_needs_consent boolean NOT NULL,
    ship_without_invoice boolean NOT NULL,
    payment_expiry_s bigint NOT NULL,
    CONSTRAINT channel_pkey PRIMARY KEY (tenant, channel),
    CONSTRAINT channel_amount_check_check CHECK ((amount_check = ANY (ARRAY['off'::text, 'warn'::text, 'reject'::text]))),
    CONSTRAINT channel_discount_basis_check CHECK ((discount_basis = ANY (ARRAY['unit'::text, 'line'::text]))),
    CONSTRAINT channel_document_check_check CHECK ((document_check = ANY (ARRAY['off'::text, 'warn'::text, 'reject'::text]))),
    CONSTRAINT channel_payment_cover_check CHECK ((payment_cover = ANY (ARRAY['total'::text, 'any'::text]))),
    CONSTRAINT channel_payment_expiry_s_check CHECK ((payment_expiry_s > 0)),
    CONSTRAINT channel_quote_policy_check CHECK ((quote_policy = ANY (ARRAY['off'::text, 'warn'::text, 'reject'::text]))),
    CONSTRAINT channel_stock_policy_check CHECK ((stock_policy = ANY (ARRAY['reject'::text, 'accept'::text, 'off'::text])))
);

CREATE TABLE collection (
    tenant text NOT NULL,
    collection_id uuid NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    is_active boolean NOT NULL,
    body jsonb NOT NULL,
    created_us bigint NOT NULL,
    last_update_us bigint NOT NULL,
    CONSTRAINT collection_pkey PRIMARY KEY (tenant, collection_id),
    CONSTRAINT collection_tenant_code_key UNIQUE (tenant, code)
);
CREATE INDEX collection_by_last_update ON collection USING btree (tenant, last_update_us);

CREATE TABLE console_attempt (
    tenant text NOT NULL,
    subject text NOT NULL,
    attempts integer NOT NULL,
    since_us bigint NOT NULL,
    CONSTRAINT console_attempt_pkey PRIMARY KEY (tenant, subject)
);
CREATE INDEX console_attempt_by_age ON console_attempt USING btree (tenant, since_us);

CREATE TABLE console_seen (
    tenant text NOT NULL,
    what text NOT NULL,
    upto_us bigint NOT NULL,
    actor text NOT NULL,
    CONSTRAINT console_seen_pkey PRIMARY KEY (tenant, what)
);

CREATE TABLE console_session (
    tenant text NOT NULL,
    token_hash bytea NOT NULL,
    user_id uuid NOT NULL,
    seller_cnpj text,
    created_us bigint NOT NULL,
    expires_us bigint NOT NULL,
    CONSTRAINT console_session_pkey PRIMARY KEY (tenant, token_hash)
);
CREATE INDEX console_session_by_expiry ON console_session USING btree (tenant, expires_us);
CREATE INDEX console_session_by_user ON console_session USING btree (tenant, user_id);

CREATE TABLE console_user (
    tenant text NOT NULL,
    user_id uuid NOT NULL,
    email text NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    seller_cnpjs text[] NOT NULL,
    password_hash text NOT NULL,
    created_us bigint NOT NULL,
    disabled_us bigint,
    CONSTRAINT console_user_pkey PRIMARY KEY (tenant, user_id),
    CONSTRAINT console_user_tenant_email_key UNIQUE (tenant, email),
    CONSTRAINT console_user_role_check CHECK ((role = ANY (ARRAY['operator'::text, 'admin'::text])))
);

CREATE TABLE credential (
    tenant text NOT NULL,
    client_id text NOT NULL,
    secret_hash bytea NOT NULL,
    role text NOT NULL,
    channel text,
    seller_cnpj text,
    carrier text,
    created_us bigint NOT NULL,
    revoked_us bigint,
    CONSTRAINT credential_pkey PRIMARY KEY (tenant, client_id),
    CONSTRAINT credential_role_check CHECK ((role = ANY (ARRAY['channel'::text, 'erp'::text, 'carrier'::text, 'operator'::text, 'admin'::text])))
);
CREATE INDEX credential_by_revocation ON credential USING btree (tenant, revoked_us) WHERE (revoked_us IS NOT NULL);

CREATE TABLE event (
    tenant text NOT NULL,
    seq bigint NOT NULL,
    at_us bigint NOT NULL,
    type text NOT NULL,
    subject text NOT NULL,
    channel text,
    seller_id uuid,
    actor text NOT NULL,
    data jsonb NOT NULL,
    CONSTRAINT event_pkey PRIMARY KEY (tenant, seq, at_us)
) PARTITION BY RANGE (at_us);
CREATE INDEX event_by_instant ON event USING brin (tenant, at_us) WITH (pages_per_range='32', autosummarize='on');

CREATE TABLE event_consumer (
    tenant text NOT NULL,
    name text NOT NULL,
    channel text,
    seller_cnpj text,
    seq bigint NOT NULL,
    created_us bigint NOT NULL,
    updated_us bigint NOT NULL,
    CONSTRAINT event_consumer_pkey PRIMARY KEY (tenant, name),
    CONSTRAINT event_consumer_seq_check CHECK ((seq >= 0))
);

CREATE TABLE event_mark (
    tenant text NOT NULL,
    seq bigint NOT NULL,
    at_us bigint NOT NULL,
    CONSTRAINT event_mark_pkey PRIMARY KEY (tenant, seq)
);

CREATE TABLE freight_carrier (
    tenant text NOT NULL,
    reference text NOT NULL,
    description text NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    body jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT freight_carrier_pkey PRIMARY KEY (tenant, reference)
);

CREATE TABLE freight_offer (
    tenant text NOT NULL,
    calculation_key text NOT NULL,
    quote_id uuid NOT NULL,
    seller_id uuid NOT NULL,
    reference text NOT NULL,
    amount numeric NOT NULL,
    expires_us bigint NOT NULL,
    body jsonb NOT NULL,
    CONSTRAINT freight_offer_pkey PRIMARY KEY (tenant, calculation_key)
);
CREATE INDEX freight_offer_by_expiry ON freight_offer USING btree (tenant, expires_us);

CREATE TABLE freight_row (
    tenant text NOT NULL,
    table_id uuid NOT NULL,
    line integer NOT NULL,
    cep_start integer NOT NULL,
    cep_end integer NOT NULL,
    weight_start_g integer NOT NULL,
    weight_end_g integer NOT NULL,
    price bigint NOT NULL,
    percent integer NOT NULL,
    extra_per_kg bigint NOT NULL,
    insured_min bigint NOT NULL,
    volume_max_cm3 bigint NOT NULL,
    delivery_days smallint NOT NULL,
    cut_off_min smallint NOT NULL,
    CONSTRAINT freight_row_pkey PRIMARY KEY (tenant, table_id, line),
    CONSTRAINT freight_row_cut_off_min_check CHECK (((cut_off_min >= 0) AND (cut_off_min <= 1440))),
    CONSTRAINT freight_row_delivery_days_check CHECK ((delivery_days >= 0)),
    CONSTRAINT freight_row_extra_per_kg_check CHECK ((extra_per_kg >= 0)),
    CONSTRAINT freight_row_insured_min_check CHECK ((insured_min >= 0)),
    CONSTRAINT freight_row_percent_check CHECK ((percent >= 0)),
    CONSTRAINT freight_row_price_check CHECK ((price >= 0)),
    CONSTRAINT freight_row_volume_max_cm3_check CHECK ((volume_max_cm3 >= 0))
);

CREATE TABLE freight_rule (
    tenant text NOT NULL,
    code text NOT NULL,
    body jsonb NOT NULL,
    changed_us bigint NOT NULL,
    CONSTRAINT freight_rule_pkey PRIMARY KEY (tenant, code)
);

CREATE TABLE freight_state (
    tenant text NOT NULL,
    version uuid NOT NULL,
    changed_us bigint NOT NULL,
    CONSTRAINT freight_state_pkey PRIMARY KEY (tenant)
);

CREATE TABLE freight_table (
    tenant text NOT NULL,
    table_id uuid NOT NULL,
    reference text NOT NULL,
    seller_id uuid NOT NULL,
    loaded_us bigint NOT NULL,
    is_current boolean NOT NULL,
    row_count integer NOT NULL,
    origin_state text DEFAULT ''::text NOT NULL,
    in_force_us bigint DEFAULT 0 NOT NULL,
    loaded_by text DEFAULT ''::text NOT NULL,
    source text DEFAULT ''::text NOT NULL,
    CONSTRAINT freight_table_pkey PRIMARY KEY (tenant, table_id)
);
CREATE UNIQUE INDEX freight_table_current ON freight_table USING btree (tenant, reference, seller_id, origin_state) WHERE is_current;
CREATE INDEX freight_table_versions ON freight_table USING btree (tenant, reference, seller_id, origin_state, in_force_us);

CREATE TABLE idempotency (
    tenant text NOT NULL,
    client_id text NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    status smallint NOT NULL,
    headers jsonb NOT NULL,
    body bytea NOT NULL,
    created_us bigint NOT NULL,
    CONSTRAINT idempotency_pkey PRIMARY KEY (tenant, client_id, key)
);
CREATE INDEX idempotency_by_age ON idempotency USING btree (tenant, created_us);

CREATE TABLE import_batch (
    tenant text NOT NULL,
    batch_id uuid NOT NULL,
    number bigint NOT NULL,
    lane text NOT NULL,
    kind text NOT NULL,
    actor text NOT NULL,
    seller_cnpj text,
    how jsonb NOT NULL,
    bytes integer NOT NULL,
    rows integer NOT NULL,
    "position" integer NOT NULL,
    done integer NOT NULL,
    inserted integer NOT NULL,
    updated integer NOT NULL,
    failed integer NOT NULL,
    received_us bigint NOT NULL,
    started_us bigint,
    finished_us bigint,
    CONSTRAINT import_batch_pkey PRIMARY KEY (tenant, batch_id),
    CONSTRAINT import_batch_kind_check CHECK ((kind = ANY (ARRAY['sellers'::text, 'categories'::text, 'products'::text, 'skus'::text, 'prices'::text, 'stocks'::text]))),
    CONSTRAINT import_batch_lane_check CHECK ((lane = ANY (ARRAY['stores'::text, 'catalogue'::text, 'prices'::text, 'stocks'::text])))
) WITH (fillfactor=70);
CREATE INDEX import_batch_by_received ON import_batch USING btree (tenant, received_us);
CREATE INDEX import_batch_waiting ON import_batch USING btree (tenant, lane, number) WHERE (finished_us IS NULL);

CREATE TABLE import_body (
    tenant text NOT NULL,
    batch_id uuid NOT NULL,
    body bytea NOT NULL,
    place integer DEFAULT 0 NOT NULL,
    CONSTRAINT import_body_pkey PRIMARY KEY (tenant, batch_id, place)
) WITH (toast_tuple_target=8160);
ALTER TABLE import_body ALTER COLUMN body SET STORAGE EXTERNAL;

CREATE TABLE import_counter (
    tenant text NOT NULL,
    number bigint NOT NULL,
    CONSTRAINT import_counter_pkey PRIMARY KEY (tenant)
) WITH (fillfactor=50);

CREATE TABLE import_issue (
    tenant text NOT NULL,
    batch_id uuid NOT NULL,
    place integer NOT NULL,
    is_error boolean NOT NULL,
    "row" integer NOT NULL,
    code text,
    field text NOT NULL,
    message text NOT NULL,
    CONSTRAINT import_issue_pkey PRIMARY KEY (tenant, batch_id, is_error, place)
);

CREATE TABLE invoice_key (
    tenant text NOT NULL,
    access_key text NOT NULL,
    order_id uuid NOT NULL,
    CONSTRAINT invoice_key_pkey PRIMARY KEY (tenant, access_key)
);

CREATE TABLE omnichat_hook (
    tenant text NOT NULL,
    hook_id uuid NOT NULL,
    integration_id text NOT NULL,
    object_id text NOT NULL,
    kind text NOT NULL,
    status text NOT NULL,
    responsible text NOT NULL,
    said_us bigint NOT NULL,
    hash bytea NOT NULL,
    body text NOT NULL,
    received_us bigint NOT NULL,
    is_parked boolean NOT NULL,
    done_us bigint,
    outcome text,
    detail text,
    CONSTRAINT omnichat_hook_pkey PRIMARY KEY (tenant, hook_id),
    CONSTRAINT omnichat_hook_kind_check CHECK ((kind = ANY (ARRAY['provision'::text, 'status'::text, 'cancellation'::text])))
);
CREATE UNIQUE INDEX omnichat_hook_once ON omnichat_hook USING btree (tenant, integration_id, object_id, kind, hash);
CREATE INDEX omnichat_hook_refused ON omnichat_hook USING btree (tenant, integration_id, done_us) WHERE (outcome = ANY (ARRAY['refused'::text, 'failed'::text]));
CREATE INDEX omnichat_hook_waiting ON omnichat_hook USING btree (tenant, hook_id) WHERE ((done_us IS NULL) AND (NOT is_parked));

CREATE TABLE omnichat_integration (
    tenant text NOT NULL,
    integration_id text NOT NULL,
    name text NOT NULL,
    channel text NOT NULL,
    checkout text NOT NULL,
    inbound_hash bytea NOT NULL,
    former_hash bytea,
    former_until_us bigint,
    webhook_id uuid NOT NULL,
    responsible text NOT NULL,
    checkout_url text NOT NULL,
    seller_id uuid,
    teams jsonb NOT NULL,
    is_active boolean NOT NULL,
    created_us bigint NOT NULL,
    changed_us bigint NOT NULL,
    CONSTRAINT omnichat_integration_pkey PRIMARY KEY (tenant, integration_id),
    CONSTRAINT omnichat_integration_checkout_check CHECK ((checkout = ANY (ARRAY['omni'::text, 'own'::text])))
);

CREATE TABLE omnichat_lane (
    tenant text NOT NULL,
    seq bigint NOT NULL,
    CONSTRAINT omnichat_lane_pkey PRIMARY KEY (tenant)
) WITH (fillfactor=50);

CREATE TABLE omnichat_order (
    tenant text NOT NULL,
    integration_id text NOT NULL,
    object_id text NOT NULL,
    order_id uuid,
    heard_us bigint NOT NULL,
    is_closed boolean NOT NULL,
    CONSTRAINT omnichat_order_pkey PRIMARY KEY (tenant, integration_id, object_id)
);
CREATE UNIQUE INDEX omnichat_order_by_order ON omnichat_order USING btree (tenant, order_id) WHERE (order_id IS NOT NULL);

CREATE TABLE order_invoice (
    tenant text NOT NULL,
    order_id uuid NOT NULL,
    access_key text NOT NULL,
    number text NOT NULL,
    serie text NOT NULL,
    total_amount numeric,
    issued_us bigint,
    body jsonb NOT NULL,
    created_us bigint NOT NULL,
    CONSTRAINT order_invoice_pkey PRIMARY KEY (tenant, order_id, access_key)
);

CREATE TABLE order_item (
    tenant text NOT NULL,
    order_id uuid NOT NULL,
    line smallint NOT NULL,
    sku_id uuid NOT NULL,
    sku_code text NOT NULL,
    product_code text NOT NULL,
    quantity bigint NOT NULL,
    unit_price numeric NOT NULL,
    discount_price numeric NOT NULL,
    is_gift boolean NOT NULL,
    reserved bigint NOT NULL,
    consumed bigint NOT NULL,
    body jsonb NOT NULL,
    CONSTRAINT order_item_pkey PRIMARY KEY (tenant, order_id, line),
    CONSTRAINT order_item_consumed_check CHECK ((consumed >= 0)),
    CONSTRAINT order_item_quantity_check CHECK ((quantity > 0)),
    CONSTRAINT order_item_reserved_check CHECK ((reserved >= 0))
);
CREATE INDEX order_item_holding ON order_item USING btree (tenant, sku_id) WHERE (reserved > 0);

CREATE TABLE order_key (
    tenant text NOT NULL,
    external_id text NOT NULL,
    channel text NOT NULL,
    order_id uuid NOT NULL,
    content_hash bytea NOT NULL,
    CONSTRAINT order_key_pkey PRIMARY KEY (tenant, external_id, channel)
);

CREATE TABLE order_label (
    tenant text NOT NULL,
    order_id uuid NOT NULL,
    number smallint NOT NULL,
    file_name text NOT NULL,
    content_type text NOT NULL,
    path text NOT NULL,
    created_us bigint NOT NULL,
    CONSTRAINT order_label_pkey PRIMARY KEY (tenant, order_id, number)
);

CREATE TABLE order_log (
    tenant text NOT NULL,
    order_id uuid NOT NULL,
    log_id uuid NOT NULL,
    type text NOT NULL,
    display_message text NOT NULL,
    internal_message text NOT NULL,
    issuer text NOT NULL,
    created_us bigint NOT NULL,
    CONSTRAINT order_log_pkey PRIMARY KEY (tenant, order_id, log_id)
);
CREATE INDEX order_log_for_people ON order_log USING btree (tenant, created_us) WHERE (type = ANY (ARRAY['PaidAfterCancellation'::text, 'OutOfStock'::text, 'ItemRejected'::text]));

CREATE TABLE order_payment (
    tenant text NOT NULL,
    order_id uuid NOT NULL,
    line smallint NOT NULL,
    type smallint NOT NULL,
    status smallint NOT NULL,
    amount numeric NOT NULL,
    body jsonb NOT NULL,
    CONSTRAINT order_payment_pkey PRIMARY KEY (tenant, order_id, line),
    CONSTRAINT order_payment_status_check CHECK (((status >= 0) AND (status <= 5)))
);

CREATE TABLE order_pick (
    tenant text NOT NULL,
    order_id uuid NOT NULL,
    line smallint NOT NULL,
    picked bigint NOT NULL,
    rejected bigint NOT NULL,
    reason text,
    CONSTRAINT order_pick_pkey PRIMARY KEY (tenant, order_id, line),
    CONSTRAINT order_pick_picked_check CHECK ((picked >= 0)),
    CONSTRAINT order_pick_reason_check CHECK ((reason = ANY (ARRAY['not_found'::text, 'damaged'::text, 'on_display'::text]))),
    CONSTRAINT order_pick_rejected_check CHECK ((rejected >= 0))
);

CREATE TABLE order_step (
    tenant text NOT NULL,
    order_id uuid NOT NULL,
    seq bigint NOT NULL,
    number smallint NOT NULL,
    status smallint NOT NULL,
    description text NOT NULL,
    created_us bigint NOT NULL,
    CONSTRAINT order_step_pkey PRIMARY KEY (tenant, order_id, seq, number)
);

CREATE TABLE order_term (
    tenant text NOT NULL,
    kind smallint NOT NULL,
    term text NOT NULL,
    order_id uuid NOT NULL,
    name text NOT NULL,
    seller_id uuid NOT NULL,
    channel text NOT NULL,
    CONSTRAINT order_term_pkey PRIMARY KEY (tenant, kind, term, order_id) INCLUDE (name, seller_id, channel),
    CONSTRAINT order_term_kind_check CHECK (((kind >= 1) AND (kind <= 5)))
);

CREATE TABLE order_term_mark (
    tenant text NOT NULL,
    last_update_us bigint NOT NULL,
    CONSTRAINT order_term_mark_pkey PRIMARY KEY (tenant)
);

CREATE TABLE orders (
    tenant text NOT NULL,
    order_id uuid NOT NULL,
    channel text NOT NULL,
    external_id text NOT NULL,
    friendly_code text NOT NULL,
    seller_id uuid NOT NULL,
    seller_order_id text,
    status smallint NOT NULL,
    resume_status smallint,
    is_delivery boolean NOT NULL,
    is_short boolean NOT NULL,
    create_us bigint NOT NULL,
    last_update_us bigint NOT NULL,
    expires_us bigint,
    sub_total_amount numeric NOT NULL,
    discount_amount numeric NOT NULL,
    freight_amount numeric NOT NULL,
    fee_amount numeric NOT NULL,
    bonus_amount numeric NOT NULL,
    total_amount numeric NOT NULL,
    freight_reference text NOT NULL,
    freight_description text NOT NULL,
    payment_types smallint[] NOT NULL,
    buyer_document text,
    buyer_name text NOT NULL,
    invoice_key text,
    tracking_code text,
    created_by text NOT NULL,
    body jsonb NOT NULL,
    CONSTRAINT orders_pkey PRIMARY KEY (tenant, order_id),
    CONSTRAINT orders_resume_status_check CHECK (((resume_status >= 0) AND (resume_status <= 21))),
    CONSTRAINT orders_status_check CHECK (((status >= 0) AND (status <= 21)))
);
CREATE INDEX orders_by_carrier ON orders USING btree (tenant, freight_reference, channel, status, create_us, order_id);
CREATE INDEX orders_by_channel_create ON orders USING btree (tenant, channel, status, create_us, order_id);
CREATE INDEX orders_by_channel_update ON orders USING btree (tenant, channel, status, last_update_us, order_id);
CREATE INDEX orders_by_create ON orders USING btree (tenant, create_us, order_id);
CREATE INDEX orders_by_expiry ON orders USING btree (tenant, expires_us) WHERE (expires_us IS NOT NULL);
CREATE INDEX orders_by_freight_description ON orders USING btree (tenant, freight_description);
CREATE UNIQUE INDEX orders_by_friendly_code ON orders USING btree (tenant, friendly_code);
CREATE INDEX orders_by_last_update ON orders USING btree (tenant, last_update_us);
CREATE INDEX orders_by_payment ON orders USING btree (tenant, payment_types, channel, status, create_us, order_id);
CREATE INDEX orders_by_seller_order_id ON orders USING btree (tenant, seller_order_id) WHERE (seller_order_id IS NOT NULL);
CREATE INDEX orders_by_store ON orders USING btree (tenant, seller_id, status, last_update_us, order_id) INCLUDE (create_us);

CREATE TABLE pgqueuer (
    id bigint DEFAULT nextval('pgqueuer_id_seq'::regclass) NOT NULL,
    priority integer NOT NULL,
    queue_manager_id uuid,
    created timestamp with time zone DEFAULT now() NOT NULL,
    updated timestamp with time zone DEFAULT now() NOT NULL,
    heartbeat timestamp with time zone DEFAULT now() NOT NULL,
    execute_after timestamp with time zone DEFAULT now() NOT NULL,
    status pgqueuer_status NOT NULL,
    entrypoint text NOT NULL,
    dedupe_key text,
    payload bytea,
    headers jsonb,
    attempts integer DEFAULT 0 NOT NULL,
    slot bigint,
    CONSTRAINT pgqueuer_pkey PRIMARY KEY (id)
);
CREATE INDEX pgqueuer_ep_ea_idx ON pgqueuer USING btree (entrypoint, execute_after) WHERE (status = 'queued'::pgqueuer_status);
CREATE INDEX pgqueuer_ep_prio_id_idx ON pgqueuer USING btree (entrypoint, priority DESC, id) WHERE (status = 'queued'::pgqueuer_status);
CREATE INDEX pgqueuer_picked_heartbeat_idx ON pgqueuer USING btree (heartbeat) WHERE (status = 'picked'::pgqueuer_status);
CREATE UNIQUE INDEX pgqueuer_picked_slot_idx ON pgqueuer USING btree (entrypoint, slot) WHERE ((status = 'picked'::pgqueuer_status) AND (slot IS NOT NULL));
CREATE INDEX pgqueuer_priority_id_id1_idx ON pgqueuer USING btree (priority, id DESC) INCLUDE (id) WHERE (status = 'queued'::pgqueuer_status);
CREATE INDEX pgqueuer_queue_manager_id_idx ON pgqueuer USING btree (queue_manager_id) WHERE (queue_manager_id IS NOT NULL);
CREATE UNIQUE INDEX pgqueuer_unique_dedupe_key ON pgqueuer USING btree (dedupe_key) WHERE ((status = ANY (ARRAY['queued'::pgqueuer_status, 'picked'::pgqueuer_status])) AND (dedupe_key IS NOT NULL));
CREATE INDEX pgqueuer_updated_id_id1_idx ON pgqueuer USING btree (updated, id DESC) INCLUDE (id) WHERE (status = 'picked'::pgqueuer_status);

CREATE TABLE pgqueuer_log (
    id bigint GENERATED BY DEFAULT AS IDENTITY NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    job_id bigint NOT NULL,
    status pgqueuer_status NOT NULL,
    priority integer NOT NULL,
    entrypoint text NOT NULL,
    traceback jsonb,
    aggregated boolean DEFAULT false,
    CONSTRAINT pgqueuer_log_pkey PRIMARY KEY (id)
);
CREATE INDEX pgqueuer_log_created ON pgqueuer_log USING btree (created);
CREATE INDEX pgqueuer_log_job_id_status ON pgqueuer_log USING btree (job_id, created DESC);
CREATE INDEX pgqueuer_log_not_aggregated ON pgqueuer_log USING btree ((1)) WHERE (NOT aggregated);
CREATE INDEX pgqueuer_log_status ON pgqueuer_log USING btree (status);

CREATE TABLE pgqueuer_schedules (
    id bigint DEFAULT nextval('pgqueuer_schedules_id_seq'::regclass) NOT NULL,
    expression text NOT NULL,
    entrypoint text NOT NULL,
    heartbeat timestamp with time zone DEFAULT now() NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    updated timestamp with time zone DEFAULT now() NOT NULL,
    next_run timestamp with time zone DEFAULT now() NOT NULL,
    last_run timestamp with time zone,
    status pgqueuer_status DEFAULT 'queued'::pgqueuer_status,
    CONSTRAINT pgqueuer_schedules_pkey PRIMARY KEY (id),
    CONSTRAINT pgqueuer_schedules_expression_entrypoint_key UNIQUE (expression, entrypoint)
);

CREATE TABLE pgqueuer_statistics (
    id bigint DEFAULT nextval('pgqueuer_statistics_id_seq'::regclass) NOT NULL,
    created timestamp with time zone DEFAULT date_trunc('sec'::text, now()) NOT NULL,
    count bigint NOT NULL,
    priority integer NOT NULL,
    status pgqueuer_status NOT NULL,
    entrypoint text NOT NULL,
    CONSTRAINT pgqueuer_statistics_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX pgqueuer_statistics_unique_count ON pgqueuer_statistics USING btree (priority, date_trunc('sec'::text, timezone('UTC'::text, created)), status, entrypoint);

CREATE TABLE price (
    tenant text NOT NULL,
    product_id uuid NOT NULL,
    seller_id uuid NOT NULL,
    price numeric NOT NULL,
    old_price numeric,
    last_update_us bigint NOT NULL,
    is_deleted boolean DEFAULT false NOT NULL,
    CONSTRAINT price_pkey PRIMARY KEY (tenant, product_id, seller_id),
    CONSTRAINT price_price_check CHECK ((price >= (0)::numeric))
);
CREATE INDEX price_by_last_update ON price USING btree (tenant, last_update_us);

CREATE TABLE price_change (
    tenant text NOT NULL,
    product_id uuid NOT NULL,
    seller_id uuid NOT NULL,
    at_us bigint NOT NULL,
    price numeric,
    old_price numeric,
    actor text NOT NULL,
    CONSTRAINT price_change_pkey PRIMARY KEY (tenant, product_id, at_us)
);
CREATE INDEX price_change_by_time ON price_change USING brin (tenant, at_us);

CREATE TABLE product (
    tenant text NOT NULL,
    product_id uuid NOT NULL,
    code text NOT NULL,
    aux_code text,
    reference_code text,
    name text NOT NULL,
    is_active boolean NOT NULL,
    is_deleted boolean DEFAULT false NOT NULL,
    height_cm numeric,
    length_cm numeric,
    width_cm numeric,
    weight_kg numeric,
    body jsonb NOT NULL,
    created_us bigint NOT NULL,
    last_update_us bigint NOT NULL,
    row_digest bytea,
    CONSTRAINT product_pkey PRIMARY KEY (tenant, product_id),
    CONSTRAINT product_tenant_code_key UNIQUE (tenant, code)
);
CREATE INDEX product_by_aux_code ON product USING btree (tenant, aux_code) WHERE (aux_code IS NOT NULL);
CREATE INDEX product_by_created ON product USING btree (tenant, created_us, product_id);
CREATE INDEX product_by_last_update ON product USING btree (tenant, last_update_us);
CREATE INDEX product_by_name ON product USING btree (tenant, "left"(name, 200), product_id);
CREATE INDEX product_by_reference_code ON product USING btree (tenant, reference_code) WHERE (reference_code IS NOT NULL);
CREATE INDEX product_inactive ON product USING btree (tenant, last_update_us, product_id) WHERE (NOT is_active);

CREATE TABLE product_category (
    tenant text NOT NULL,
    product_id uuid NOT NULL,
    category_id uuid NOT NULL,
    CONSTRAINT product_category_pkey PRIMARY KEY (tenant, product_id, category_id)
);
CREATE INDEX product_category_by_category ON product_category USING btree (tenant, category_id, product_id);

CREATE TABLE product_collection (
    tenant text NOT NULL,
    product_id uuid NOT NULL,
    collection_id uuid NOT NULL,
    CONSTRAINT product_collection_pkey PRIMARY KEY (tenant, product_id, collection_id)
);
CREATE INDEX product_collection_by_collection ON product_collection USING btree (tenant, collection_id, product_id);

CREATE TABLE product_words (
    tenant text NOT NULL,
    product_id uuid NOT NULL,
    words tsvector NOT NULL,
    url text,
    CONSTRAINT product_words_pkey PRIMARY KEY (tenant, product_id)
);
CREATE INDEX product_words_by_url ON product_words USING btree (tenant, url) WHERE (url IS NOT NULL);
CREATE INDEX product_words_by_words ON product_words USING gin (tenant, words);

CREATE TABLE search_word (
    tenant text NOT NULL,
    word text NOT NULL,
    CONSTRAINT search_word_pkey PRIMARY KEY (tenant, word)
);
CREATE INDEX search_word_by_likeness ON search_word USING gin (tenant, word gin_trgm_ops);

CREATE TABLE seller (
    tenant text NOT NULL,
    seller_id uuid NOT NULL,
    cnpj text NOT NULL,
    point_sale_id text,
    name text NOT NULL,
    is_active boolean NOT NULL,
    pickup_enabled boolean NOT NULL,
    delivery_enabled boolean NOT NULL,
    handling_days integer NOT NULL,
    safety_stock bigint NOT NULL,
    priority integer NOT NULL,
    body jsonb NOT NULL,
    created_us bigint NOT NULL,
    last_update_us bigint NOT NULL,
    CONSTRAINT seller_pkey PRIMARY KEY (tenant, seller_id),
    CONSTRAINT seller_tenant_cnpj_key UNIQUE (tenant, cnpj),
    CONSTRAINT seller_tenant_point_sale_id_key UNIQUE (tenant, point_sale_id),
    CONSTRAINT seller_handling_days_check CHECK ((handling_days >= 0)),
    CONSTRAINT seller_safety_stock_check CHECK ((safety_stock >= 0))
);
CREATE INDEX seller_by_last_update ON seller USING btree (tenant, last_update_us);

CREATE TABLE sku (
    tenant text NOT NULL,
    sku_id uuid NOT NULL,
    product_id uuid NOT NULL,
    code text NOT NULL,
    aux_code text,
    barcode text,
    name text NOT NULL,
    is_active boolean NOT NULL,
    is_deleted boolean DEFAULT false NOT NULL,
    min_stock bigint DEFAULT 0 NOT NULL,
    body jsonb NOT NULL,
    created_us bigint NOT NULL,
    last_update_us bigint NOT NULL,
    CONSTRAINT sku_pkey PRIMARY KEY (tenant, sku_id),
    CONSTRAINT sku_tenant_code_key UNIQUE (tenant, code)
);
CREATE INDEX sku_by_aux_code ON sku USING btree (tenant, aux_code) WHERE (aux_code IS NOT NULL);
CREATE INDEX sku_by_barcode ON sku USING btree (tenant, barcode) WHERE (barcode IS NOT NULL);
CREATE INDEX sku_by_product ON sku USING btree (tenant, product_id);

CREATE TABLE stock (
    tenant text NOT NULL,
    seller_id uuid NOT NULL,
    sku_id uuid NOT NULL,
    on_hand bigint NOT NULL,
    reserved bigint NOT NULL,
    last_update_us bigint NOT NULL,
    counted_us bigint,
    ledger_us bigint,
    CONSTRAINT stock_pkey PRIMARY KEY (tenant, sku_id, seller_id) INCLUDE (on_hand, reserved),
    CONSTRAINT stock_reserved_check CHECK ((reserved >= 0))
) WITH (fillfactor=70);
CREATE INDEX stock_by_last_update ON stock USING btree (tenant, last_update_us);

CREATE TABLE stock_counts (
    tenant text NOT NULL,
    at_us bigint NOT NULL,
    lines integer NOT NULL,
    batch_id uuid,
    actor text NOT NULL,
    body bytea NOT NULL,
    CONSTRAINT stock_counts_pkey PRIMARY KEY (tenant, at_us)
);
ALTER TABLE stock_counts ALTER COLUMN body SET STORAGE EXTERNAL;

CREATE TABLE stock_hold (
    tenant text NOT NULL,
    sku_id uuid NOT NULL,
    seller_id uuid NOT NULL,
    order_id uuid NOT NULL,
    quantity bigint NOT NULL,
    actor text NOT NULL,
    at_us bigint NOT NULL,
    CONSTRAINT stock_hold_pkey PRIMARY KEY (tenant, sku_id, seller_id, order_id),
    CONSTRAINT stock_hold_quantity_check CHECK ((quantity > 0))
);
CREATE INDEX stock_hold_by_seller ON stock_hold USING btree (tenant, seller_id, at_us);

CREATE TABLE stock_ledger (
    tenant text NOT NULL,
    sku_id uuid NOT NULL,
    seller_id uuid NOT NULL,
    at_us bigint NOT NULL,
    cause smallint NOT NULL,
    subject_id uuid,
    actor text NOT NULL,
    on_hand bigint,
    on_hand_change bigint NOT NULL,
    reserved_change bigint NOT NULL,
    CONSTRAINT stock_ledger_pkey PRIMARY KEY (tenant, sku_id, seller_id, at_us),
    CONSTRAINT stock_ledger_cause_check CHECK (((cause >= 1) AND (cause <= 6)))
);
CREATE INDEX stock_ledger_by_time ON stock_ledger USING brin (tenant, at_us);

CREATE TABLE tenant (
    tenant text NOT NULL,
    name text NOT NULL,
    created_us bigint NOT NULL,
    CONSTRAINT tenant_pkey PRIMARY KEY (tenant)
);

CREATE TABLE tenant_clock (
    tenant text NOT NULL,
    seq bigint NOT NULL,
    at_us bigint NOT NULL,
    CONSTRAINT tenant_clock_pkey PRIMARY KEY (tenant)
) WITH (fillfactor=50);

CREATE TABLE webhook (
    tenant text NOT NULL,
    webhook_id uuid NOT NULL,
    url text NOT NULL,
    description text NOT NULL,
    types text[] NOT NULL,
    channels text[] NOT NULL,
    seller_ids uuid[] NOT NULL,
    is_active boolean NOT NULL,
    disabled_reason text,
    secret bytea NOT NULL,
    former_secret bytea,
    former_until_us bigint,
    failing_since_us bigint,
    hold_until_us bigint NOT NULL,
    created_us bigint NOT NULL,
    changed_us bigint NOT NULL,
    way text DEFAULT 'standard'::text NOT NULL,
    CONSTRAINT webhook_pkey PRIMARY KEY (tenant, webhook_id),
    CONSTRAINT webhook_way_check CHECK ((way = ANY (ARRAY['standard'::text, 'omnichat'::text])))
);

CREATE TABLE webhook_attempt (
    tenant text NOT NULL,
    attempt_id uuid NOT NULL,
    webhook_id uuid NOT NULL,
    seq bigint NOT NULL,
    type text NOT NULL,
    subject text NOT NULL,
    number smallint NOT NULL,
    at_us bigint NOT NULL,
    duration_ms integer NOT NULL,
    outcome text NOT NULL,
    status smallint,
    error text,
    url text NOT NULL,
    headers jsonb NOT NULL,
    body text NOT NULL,
    answer text NOT NULL,
    CONSTRAINT webhook_attempt_pkey PRIMARY KEY (tenant, attempt_id),
    CONSTRAINT webhook_attempt_outcome_check CHECK ((outcome = ANY (ARRAY['delivered'::text, 'failed'::text])))
);
CREATE INDEX webhook_attempt_by_subject ON webhook_attempt USING btree (tenant, subject, attempt_id);
CREATE INDEX webhook_attempt_by_webhook ON webhook_attempt USING btree (tenant, webhook_id, attempt_id);

CREATE TABLE webhook_delivery (
    tenant text NOT NULL,
    webhook_id uuid NOT NULL,
    seq bigint NOT NULL,
    type text NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    attempts smallint NOT NULL,
    due_us bigint NOT NULL,
    lease_us bigint NOT NULL,
    claim uuid,
    status smallint,
    error text,
    died_us bigint,
    CONSTRAINT webhook_delivery_pkey PRIMARY KEY (tenant, webhook_id, seq)
) WITH (fillfactor=70);
CREATE INDEX webhook_delivery_by_due ON webhook_delivery USING btree (tenant, webhook_id, due_us, seq) WHERE (died_us IS NULL);
CREATE INDEX webhook_delivery_by_subject ON webhook_delivery USING btree (tenant, webhook_id, subject, seq) WHERE (died_us IS NULL);
CREATE INDEX webhook_delivery_dead ON webhook_delivery USING btree (tenant, webhook_id, died_us) WHERE (died_us IS NOT NULL);

CREATE TABLE webhook_reader (
    tenant text NOT NULL,
    webhook_id uuid NOT NULL,
    reader_id uuid NOT NULL,
    seq bigint NOT NULL,
    upto bigint,
    CONSTRAINT webhook_reader_pkey PRIMARY KEY (tenant, webhook_id, reader_id)
) WITH (fillfactor=50);

CREATE TABLE event_default PARTITION OF event DEFAULT;

ALTER TABLE category ADD CONSTRAINT category_tenant_fkey FOREIGN KEY (tenant) REFERENCES tenant(tenant);
ALTER TABLE category ADD CONSTRAINT category_tenant_parent_id_fkey FOREIGN KEY (tenant, parent_id) REFERENCES category(tenant, category_id);
ALTER TABLE channel ADD CONSTRAINT channel_tenant_fkey FOREIGN KEY (tenant) REFERENCES tenant(tenant);
ALTER TABLE collection ADD CONSTRAINT collection_tenant_fkey FOREIGN KEY (tenant) REFERENCES tenant(tenant);
ALTER TABLE console_session ADD CONSTRAINT console_session_tenant_user_id_fkey FOREIGN KEY (tenant, user_id) REFERENCES console_user(tenant, user_id);
ALTER TABLE console_user ADD CONSTRAINT console_user_tenant_fkey FOREIGN KEY (tenant) REFERENCES tenant(tenant);
ALTER TABLE credential ADD CONSTRAINT credential_tenant_fkey FOREIGN KEY (tenant) REFERENCES tenant(tenant);
ALTER TABLE event_consumer ADD CONSTRAINT event_consumer_tenant_fkey FOREIGN KEY (tenant) REFERENCES tenant(tenant);
ALTER TABLE event_mark ADD CONSTRAINT event_mark_tenant_fkey FOREIGN KEY (tenant) REFERENCES tenant(tenant);
ALTER TABLE freight_carrier ADD CONSTRAINT freight_carrier_tenant_fkey FOREIGN KEY (tenant) REFERENCES tenant(tenant);
ALTER TABLE freight_offer ADD CONSTRAINT freight_offer_tenant_fkey FOREIGN KEY (tenant) REFERENCES tenant(tenant);
ALTER TABLE freight_rule ADD CONSTRAINT freight_rule_tenant_fkey FOREIGN KEY (tenant) REFERENCES tenant(tenant);
ALTER TABLE freight_state ADD CONSTRAINT freight_state_tenant_fkey FOREIGN KEY (tenant) REFERENCES tenant(tenant);
ALTER TABLE freight_table ADD CONSTRAINT freight_table_tenant_reference_fkey FOREIGN KEY (tenant, reference) REFERENCES freight_carrier(tenant, reference);
ALTER TABLE idempotency ADD CONSTRAINT idempotency_tenant_fkey FOREIGN KEY (tenant) REFERENCES tenant(tenant);
ALTER TABLE import_batch ADD CONSTRAINT import_batch_tenant_fkey FOREIGN KEY (tenant) REFERENCES tenant(tenant);
ALTER TABLE import_counter ADD CONSTRAINT import_counter_tenant_fkey FOREIGN KEY (tenant) REFERENCES tenant(tenant);
ALTER TABLE import_issue ADD CONSTRAINT import_issue_tenant_batch_id_fkey FOREIGN KEY (tenant, batch_id) REFERENCES import_batch(tenant, batch_id) ON DELETE CASCADE;
ALTER TABLE omnichat_hook ADD CONSTRAINT omnichat_hook_tenant_fkey FOREIGN KEY (tenant) REFERENCES tenant(tenant);
ALTER TABLE omnichat_integration ADD CONSTRAINT omnichat_integration_tenant_fkey FOREIGN KEY (tenant) REFERENCES tenant(tenant);
ALTER TABLE omnichat_lane ADD CONSTRAINT omnichat_lane_tenant_fkey FOREIGN KEY (tenant) REFERENCES tenant(tenant);
ALTER TABLE omnichat_order ADD CONSTRAINT omnichat_order_tenant_fkey FOREIGN KEY (tenant) REFERENCES tenant(tenant);
ALTER TABLE order_pick ADD CONSTRAINT order_pick_tenant_order_id_fkey FOREIGN KEY (tenant, order_id) REFERENCES orders(tenant, order_id);
ALTER TABLE product_collection ADD CONSTRAINT product_collection_tenant_collection_id_fkey FOREIGN KEY (tenant, collection_id) REFERENCES collection(tenant, collection_id);
ALTER TABLE product_collection ADD CONSTRAINT product_collection_tenant_product_id_fkey FOREIGN KEY (tenant, product_id) REFERENCES product(tenant, product_id);
ALTER TABLE seller ADD CONSTRAINT seller_tenant_fkey FOREIGN KEY (tenant) REFERENCES tenant(tenant);
ALTER TABLE tenant_clock ADD CONSTRAINT tenant_clock_tenant_fkey FOREIGN KEY (tenant) REFERENCES tenant(tenant);
ALTER TABLE webhook ADD CONSTRAINT webhook_tenant_fkey FOREIGN KEY (tenant) REFERENCES tenant(tenant);
ALTER TABLE webhook_reader ADD CONSTRAINT webhook_reader_tenant_webhook_id_fkey FOREIGN KEY (tenant, webhook_id) REFERENCES webhook(tenant, webhook_id) ON DELETE CASCADE;

ALTER SEQUENCE pgqueuer_id_seq OWNED BY pgqueuer.id;
ALTER SEQUENCE pgqueuer_schedules_id_seq OWNED BY pgqueuer_schedules.id;
ALTER SEQUENCE pgqueuer_statistics_id_seq OWNED BY pgqueuer_statistics.id;

CREATE TRIGGER tg_pgqueuer_changed AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON pgqueuer FOR EACH STATEMENT EXECUTE FUNCTION fn_pgqueuer_changed();
