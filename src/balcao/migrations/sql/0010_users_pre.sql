-- People who use the console. `seller_cnpjs`: the stores that an operator works in, empty for all of them.
CREATE TABLE console_user (
    tenant         text    NOT NULL,
    user_id        uuid    NOT NULL,
    email          text    NOT NULL,
    name           text    NOT NULL,
    role           text    NOT NULL CHECK (role IN ('operator', 'admin')),
    seller_cnpjs   text[]  NOT NULL,
    password_hash  text    NOT NULL,
    created_us     bigint  NOT NULL,
    disabled_us    bigint,
    PRIMARY KEY (tenant, user_id),
    UNIQUE (tenant, email),
    FOREIGN KEY (tenant) REFERENCES tenant
);

-- Who is logged in: of the cookie's secret only its SHA-256. `seller_cnpj`: the store that is being worked in now.
CREATE TABLE console_session (
    tenant       text    NOT NULL,
    token_hash   bytea   NOT NULL,
    user_id      uuid    NOT NULL,
    seller_cnpj  text,
    created_us   bigint  NOT NULL,
    expires_us   bigint  NOT NULL,
    PRIMARY KEY (tenant, token_hash),
    FOREIGN KEY (tenant, user_id) REFERENCES console_user
);
CREATE INDEX console_session_by_user ON console_session (tenant, user_id);
CREATE INDEX console_session_by_expiry ON console_session (tenant, expires_us);

-- Attempts to log in of late, by e-mail, by address, and by both together: guessing is slowed for all processes at once.
CREATE TABLE console_attempt (
    tenant    text     NOT NULL,
    subject   text     NOT NULL,
    attempts  integer  NOT NULL,
    since_us  bigint   NOT NULL,
    PRIMARY KEY (tenant, subject)
);
CREATE INDEX console_attempt_by_age ON console_attempt (tenant, since_us);
