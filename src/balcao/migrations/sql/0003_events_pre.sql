-- The log, one partition a day (UTC) of `at_us`: a day that is old enough is dropped whole. Sequence numbers and instants
-- grow together, so whoever knows from when an event is, looks at its day only. The key ends with the instant because a
-- partitioned table's key must hold it; that (tenant, seq) is unique is the clock's doing.
-- The worker makes the days ahead; what has no day yet goes to `event_default`, and stays there.
ALTER TABLE event RENAME TO event_before;
ALTER INDEX event_pkey RENAME TO event_before_pkey;

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
    PRIMARY KEY (tenant, seq, at_us)
) PARTITION BY RANGE (at_us);

CREATE TABLE event_default PARTITION OF event DEFAULT;

DO $$
DECLARE
    day_us  constant bigint := 86400000000;
    today   constant bigint := floor(extract(epoch FROM clock_timestamp()) / 86400);
    first   bigint := today;
BEGIN
    SELECT greatest(least(today, min(at_us) / day_us), today - 90) INTO first FROM event_before;
    FOR day IN coalesce(first, today) .. today + 7 LOOP
        EXECUTE format('CREATE TABLE %I PARTITION OF event FOR VALUES FROM (%s) TO (%s)',
                       'event_' || to_char(date '1970-01-01' + day::integer, 'YYYYMMDD'), day * day_us, (day + 1) * day_us);
    END LOOP;
END $$;

INSERT INTO event SELECT * FROM event_before;
DROP TABLE event_before;

-- Where the log stood at some instant, once a day: later events have larger sequence numbers and later instants, so that a
-- reader's sequence number tells the days in which to look.
CREATE TABLE event_mark (
    tenant  text   NOT NULL REFERENCES tenant,
    seq     bigint NOT NULL,
    at_us   bigint NOT NULL,
    PRIMARY KEY (tenant, seq)
);

-- How far a named consumer has read. `channel` and `seller_cnpj` are the bindings of the credential that made it.
CREATE TABLE event_consumer (
    tenant       text   NOT NULL REFERENCES tenant,
    name         text   NOT NULL,
    channel      text,
    seller_cnpj  text,
    seq          bigint NOT NULL CHECK (seq >= 0),
    created_us   bigint NOT NULL,
    updated_us   bigint NOT NULL,
    PRIMARY KEY (tenant, name)
);
