-- The freight engine. Amounts are whole ten-thousandths of BRL and percentages whole ten-thousandths of a percent, so that
-- server processes read a table's rows as plain integers of fixed width.

-- `body`: how volume becomes weight, what the carrier takes, where it goes.
ALTER TABLE freight_carrier
    ADD COLUMN is_active  boolean NOT NULL DEFAULT true,
    ADD COLUMN body       jsonb   NOT NULL DEFAULT '{}';

-- When anything of the freight's settings changed last: carriers, rules or which tables are in force. Server processes
-- that hold another `version` read anew.
CREATE TABLE freight_state (
    tenant      text   NOT NULL PRIMARY KEY REFERENCES tenant,
    version     uuid   NOT NULL,
    changed_us  bigint NOT NULL
);

-- Free shipping and surcharges.
CREATE TABLE freight_rule (
    tenant      text   NOT NULL REFERENCES tenant,
    code        text   NOT NULL,
    body        jsonb  NOT NULL,
    changed_us  bigint NOT NULL,
    PRIMARY KEY (tenant, code)
);

-- Tables are versions: one a carrier and origin is in force, the ones before are kept. The origin is a store, a state
-- (`origin_state`, the store 00000000-0000-0000-0000-000000000000) or neither: every store.
ALTER TABLE freight_table
    ADD COLUMN origin_state  text   NOT NULL DEFAULT '',
    ADD COLUMN in_force_us   bigint NOT NULL DEFAULT 0,
    ADD COLUMN loaded_by     text   NOT NULL DEFAULT '',
    ADD COLUMN source        text   NOT NULL DEFAULT '',
    DROP COLUMN weight_starts_g,
    DROP COLUMN weight_ends_g;
UPDATE freight_table SET in_force_us = loaded_us;
DROP INDEX freight_table_current;
DROP INDEX freight_table_former;
CREATE UNIQUE INDEX freight_table_current ON freight_table (tenant, reference, seller_id, origin_state) WHERE is_current;
CREATE INDEX freight_table_versions ON freight_table (tenant, reference, seller_id, origin_state, in_force_us);

-- A table's rows, never changed once written. Without a foreign key: its check would be asked for each of a million rows,
-- and rows are written and deleted only together with their table. `volume_max_cm3` 0: any volume; `cut_off_min`: minutes
-- after midnight, 1440 for none.
CREATE TABLE freight_row (
    tenant          text     NOT NULL,
    table_id        uuid     NOT NULL,
    line            integer  NOT NULL,
    cep_start       integer  NOT NULL,
    cep_end         integer  NOT NULL,
    weight_start_g  integer  NOT NULL,
    weight_end_g    integer  NOT NULL,
    price           bigint   NOT NULL CHECK (price >= 0),
    percent         integer  NOT NULL CHECK (percent >= 0),
    extra_per_kg    bigint   NOT NULL CHECK (extra_per_kg >= 0),
    insured_min     bigint   NOT NULL CHECK (insured_min >= 0),
    volume_max_cm3  bigint   NOT NULL CHECK (volume_max_cm3 >= 0),
    delivery_days   smallint NOT NULL CHECK (delivery_days >= 0),
    cut_off_min     smallint NOT NULL CHECK (cut_off_min BETWEEN 0 AND 1440),
    PRIMARY KEY (tenant, table_id, line)
);
INSERT INTO freight_row
SELECT tenant, table_id, line, cep_start, cep_end, weight_start_g, weight_end_g, round(price * 10000)::bigint, 0, 0, 0, 0,
       delivery_days, 1440
  FROM freight_rate;
DROP TABLE freight_rate;
INSERT INTO freight_state (tenant, version, changed_us)
SELECT tenant, (array_agg(table_id ORDER BY loaded_us DESC))[1], max(loaded_us) FROM freight_table GROUP BY tenant;

-- What was the newest change of a store: quotes ask it each time.
CREATE INDEX seller_by_last_update ON seller (tenant, last_update_us);
