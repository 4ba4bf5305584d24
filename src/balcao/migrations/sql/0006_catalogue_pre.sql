-- Both come with PostgreSQL and are trusted: whoever may create in the database may create them. pg_trgm finds words that
-- are nearly the same; btree_gin lets such an index begin with the tenant, as every index does.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gin;

CREATE TABLE collection (
    tenant         text    NOT NULL REFERENCES tenant,
    collection_id  uuid    NOT NULL,
    code           text    NOT NULL,
    name           text    NOT NULL,
    is_active      boolean NOT NULL,
    body           jsonb   NOT NULL,
    created_us     bigint  NOT NULL,
    last_update_us bigint  NOT NULL,
    PRIMARY KEY (tenant, collection_id),
    UNIQUE (tenant, code)
);
CREATE INDEX collection_by_last_update ON collection (tenant, last_update_us);

CREATE TABLE product_collection (
    tenant        text NOT NULL,
    product_id    uuid NOT NULL,
    collection_id uuid NOT NULL,
    PRIMARY KEY (tenant, product_id, collection_id),
    FOREIGN KEY (tenant, product_id) REFERENCES product (tenant, product_id),
    FOREIGN KEY (tenant, collection_id) REFERENCES collection (tenant, collection_id)
);
CREATE INDEX product_collection_by_collection ON product_collection (tenant, collection_id, product_id);

-- What a living product is found by, beside its row, which changes with every price: its words without accents, and its
-- address without host.
CREATE TABLE product_words (
    tenant     text     NOT NULL,
    product_id uuid     NOT NULL,
    words      tsvector NOT NULL,
    url        text,
    PRIMARY KEY (tenant, product_id)
);
CREATE INDEX product_words_by_words ON product_words USING gin (tenant, words);
CREATE INDEX product_words_by_url ON product_words (tenant, url) WHERE url IS NOT NULL;

-- Every word with a letter in it that a tenant's products have, or once had: what a misspelt one is compared with.
CREATE TABLE search_word (
    tenant text NOT NULL,
    word   text NOT NULL,
    PRIMARY KEY (tenant, word)
);
CREATE INDEX search_word_by_likeness ON search_word USING gin (tenant, word gin_trgm_ops);

-- A deleted product's prices are gone with it, and their feed says so.
ALTER TABLE price ADD COLUMN is_deleted boolean NOT NULL DEFAULT false;
CREATE INDEX category_by_last_update ON category (tenant, last_update_us);

-- The products that are there already. From now on the words come with the product.
SET LOCAL statement_timeout = '15min';
INSERT INTO product_words (tenant, product_id, url, words)
SELECT p.tenant, p.product_id,
       nullif(left(regexp_replace(regexp_replace(p.body->>'url', '^[a-z]+://[^/?#]*|#.*$', '', 'g'), '/+$', ''), 500), ''),
       array_to_tsvector(array_remove(regexp_split_to_array(lower(regexp_replace(normalize(
           concat_ws(' ', p.name, p.code, p.aux_code, p.reference_code, s.names), NFKD), '[\u0300-\u036f]', '', 'g')),
           '[^[:alnum:]]+'), ''))
  FROM product p
  LEFT JOIN (SELECT tenant, product_id, string_agg(DISTINCT name, ' ') AS names FROM sku WHERE NOT is_deleted
              GROUP BY 1, 2) s ON s.tenant = p.tenant AND s.product_id = p.product_id
 WHERE NOT p.is_deleted;
INSERT INTO search_word (tenant, word)
SELECT DISTINCT tenant, word FROM product_words, unnest(tsvector_to_array(words)) AS word WHERE word ~ '[[:alpha:]]';
