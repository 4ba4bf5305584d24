-- What somebody has seen to in the console: of one thing (a webhook, an integration, a batch), up to an instant.
CREATE TABLE console_seen (
    tenant   text   NOT NULL,
    what     text   NOT NULL,
    upto_us  bigint NOT NULL,
    actor    text   NOT NULL,
    PRIMARY KEY (tenant, what)
);

-- What needs a person among the integrations: a few rows among very many.
CREATE INDEX webhook_delivery_dead ON webhook_delivery (tenant, webhook_id, died_us) WHERE died_us IS NOT NULL;
CREATE INDEX omnichat_hook_refused ON omnichat_hook (tenant, integration_id, done_us) WHERE outcome IN ('refused', 'failed');

-- The events of one thing are found by the instants of its history. The log lies in their order: a few pages of index
-- for a day of millions, and next to nothing for who writes.
CREATE INDEX event_by_instant ON event USING brin (tenant, at_us) WITH (pages_per_range = 32, autosummarize = on);
