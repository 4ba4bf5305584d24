"""The SQL that a cluster can run, and no statement that could touch another tenant's rows."""

import re

from tests.house.source import PACKAGE
from tests.house.statements import Statement, statements
from tests.house.waivers import hold

TABLES = re.findall(
    r"^CREATE TABLE (?!pgqueuer)(\w+)", (PACKAGE / "migrations" / "schema.sql").read_text("utf-8"), re.MULTILINE
)
READS_OR_WRITES = re.compile(rf"\b(?:FROM|JOIN|UPDATE|INTO|USING)\s+(?:ONLY\s+)?({'|'.join(TABLES)})\b(?!\.)")
BOUND_TO_TENANT = re.compile(r"\btenant\s*=\s*(?:\$\d+|\w+\.tenant)|\bUSING\s*\(tenant\b|\(\s*tenant\s*,")
ASKED_OF_DATABASE = re.compile(
    r"\b(?:now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday|random|gen_random_uuid|nextval|lastval)"
    r"\s*\(|\bcurrent_(?:timestamp|date|time)\b|\blocaltime(?:stamp)?\b|\binterval\b",
    re.IGNORECASE,
)


def _of_nouns() -> list[Statement]:
    return [statement for statement in statements() if statement.is_of_noun]


def test_statements_are_found() -> None:
    assert len(TABLES) > 20
    found = _of_nouns()
    assert len(found) > 50
    assert {table for statement in found for table in READS_OR_WRITES.findall(statement.text)} <= set(TABLES)


def test_sql_is_written_in_stores() -> None:
    hold("SQL in stores", {each.where: each.text[:60] for each in _of_nouns() if not each.is_in_store})


def test_every_statement_is_bound_to_one_tenant() -> None:
    found = {
        each.where: " ".join(each.text.split())
        for each in _of_nouns()
        if len(BOUND_TO_TENANT.findall(each.text)) < max(1, len(READS_OR_WRITES.findall(each.text)))
    }
    hold("every table of a statement bound to the tenant", found)


def test_times_and_ids_are_given_to_the_database() -> None:
    found = {each.where: match.group() for each in statements() if (match := ASKED_OF_DATABASE.search(each.text))}
    hold("no clock, chance or sequence of the database", found)
