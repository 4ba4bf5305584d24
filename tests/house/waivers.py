"""The exceptions to the house rules, each with its reason. One that is no longer needed fails its test."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import pytest


class Waiver(NamedTuple):
    """Where a rule does not hold (as its test names the place), and why."""

    rule: str
    where: str
    reason: str


WAIVERS: tuple[Waiver, ...] = (
    Waiver(
        "function size",
        "src/balcao/doors/neomode/orders/show.py::show_order",
        "one expression that fills every field of the documented body, one a line, in the documented order",
    ),
    Waiver(
        "no query in a loop",
        "src/balcao/base/db.py::Database.run",
        "the loop tries a transaction again that lost a deadlock or a serialisation: three times at most",
    ),
    Waiver(
        "no query in a loop",
        "src/balcao/base/jobs.py::run_jobs",
        "the loop connects again after the database was away",
    ),
    Waiver(
        "no query in a loop",
        "src/balcao/doors/gate.py::watch_revocations",
        "the loop is the process's life: one small question every few seconds",
    ),
    Waiver(
        "no query in a loop",
        "src/balcao/imports/report.py::every_issue",
        "some thousands a statement, so that a file of any length passes through little memory",
    ),
    Waiver(
        "no query in a loop",
        "src/balcao/imports/report.py::wait_finished",
        "each turn is a look whether a batch is applied, a little later than the one before",
    ),
    Waiver(
        "no query in a loop",
        "src/balcao/orders/expire.py::expire_due_orders",
        "a transaction touches one tenant; within it, a batch is one statement",
    ),
    Waiver(
        "no query in a loop",
        "src/balcao/orders/note_terms.py::keep_searchable",
        "the loop is the worker's life: one small question for all tenants twice a second",
    ),
    Waiver(
        "no query in a loop",
        "src/balcao/orders/note_terms.py::note_all",
        "a transaction touches one tenant; within it, a batch is three statements",
    ),
    Waiver(
        "no query in a loop",
        "src/balcao/tenants/answers.py::claim_answer",
        "turns a second time only when another transaction's claim ended between the two statements",
    ),
    Waiver(
        "no query in a loop",
        "src/balcao/worker.py::_in_each_tenant",
        "a transaction touches one tenant",
    ),
    Waiver(
        "no query in a loop",
        "src/balcao/commands/export.py::_parts",
        "some thousands of rows a statement: a file of any length passes through little memory",
    ),
    Waiver(
        "no query in a loop",
        "src/balcao/commands/import_rows.py::_import",
        "a statement a batch of fifty thousand rows, as the ERP sends them",
    ),
    Waiver(
        "no query in a loop",
        "src/balcao/bench/bench.py::Bench.fill",
        "fifty thousand orders a statement, so that a million can be watched coming",
    ),
    Waiver(
        "no query in a loop",
        "src/balcao/bench/events.py::_raw_rate",
        "a bench repeats what it measures",
    ),
    Waiver(
        "no query in a loop",
        "src/balcao/bench/past.py::_branches",
        "five channels, each set once",
    ),
    Waiver(
        "no query in a loop",
        "src/balcao/bench/past.py::open_past",
        "fifty thousand orders a transaction, so that a million can be watched coming",
    ),
    Waiver(
        "no query in a loop",
        "src/balcao/bench/store/past.py::fill_past",
        "a statement a table",
    ),
    Waiver(
        "no query in a loop",
        "src/balcao/bench/telling.py::_until_delivered",
        "the loop looks twice a second whether a worker is done",
    ),
    Waiver(
        "no query in a loop",
        "src/balcao/bench/feeds.py::_open",
        "fifty thousand products a statement, so that a million can be watched coming",
    ),
    Waiver(
        "no query in a loop",
        "src/balcao/bench/freight.py::_set_up",
        "twelve carriers, which are put one by one",
    ),
    Waiver(
        "no query in a loop",
        "src/balcao/bench/limits.py::raw_orders",
        "a bench repeats what it measures",
    ),
    Waiver(
        "no query in a loop",
        "src/balcao/bench/limits.py::single_commits.caller",
        "measures what one statement a row costs",
    ),
    Waiver(
        "no query in a loop",
        "src/balcao/bench/limits.py::single_reads.caller",
        "measures what one statement a row costs",
    ),
    Waiver(
        "no query in a loop",
        "src/balcao/bench/paying.py::bench_payments",
        "each run changes orders of its own",
    ),
    Waiver(
        "no query in a loop",
        "src/balcao/bench/store/copied.py::copy_rate",
        "one COPY a table, whatever the number of rows",
    ),
    Waiver(
        "no query in a loop",
        "src/balcao/bench/store/copies.py::insert_copies",
        "one statement a table, whatever the number of rows",
    ),
    Waiver(
        "no query in a loop",
        "src/balcao/bench/store/copies.py::read_template",
        "one statement a table, once a run",
    ),
    Waiver(
        "no query in a loop",
        "src/balcao/bench/store/fill.py::Filler.fill",
        "one statement a table, whatever the number of rows",
    ),
    Waiver(
        "every table of a statement bound to the tenant",
        "src/balcao/webhooks/store/queue.py::claim_due",
        "rows are reached by the place at which a part that is bound has locked them (decision 0032)",
    ),
    Waiver(
        "every table of a statement bound to the tenant",
        "src/balcao/webhooks/store/queue.py::delete_delivered",
        "rows are reached by the place at which a part that is bound has locked them (decision 0032)",
    ),
    Waiver(
        "every table of a statement bound to the tenant",
        "src/balcao/webhooks/store/queue.py::update_failed",
        "rows are reached by the place at which a part that is bound has locked them (decision 0032)",
    ),
    Waiver(
        "every table of a statement bound to the tenant",
        "src/balcao/events/store/days.py::delete_stray",
        "the upkeep of the log's days is that of every tenant's: a partition holds a day of all of them",
    ),
    Waiver(
        "every table of a statement bound to the tenant",
        "src/balcao/events/store/days.py::list_days.rows",
        "asks the catalogue which days have a partition",
    ),
    Waiver(
        "every table of a statement bound to the tenant",
        "src/balcao/events/store/days.py::list_stray_days.rows",
        "looks for days without a partition, of all tenants at once; there are none where a worker runs",
    ),
    Waiver(
        "every table of a statement bound to the tenant",
        "src/balcao/events/store/log.py::find_newest.rows",
        "one small read for all the tenants that somebody waits for, in no transaction",
    ),
    Waiver(
        "every table of a statement bound to the tenant",
        "src/balcao/imports/store.py::list_heads.rows",
        "the worker asks whose batches wait: one small read for all tenants, no transaction",
    ),
    Waiver(
        "every table of a statement bound to the tenant",
        "src/balcao/freight/store/settings.py::find_versions.rows",
        "each server process asks how new the tables are that it holds: one small read for all tenants, no transaction",
    ),
    Waiver(
        "every table of a statement bound to the tenant",
        "src/balcao/orders/store/counts.py::_counted",
        "the frame around counts of orders, which are bound: `Lanes.over` puts them in",
    ),
    Waiver(
        "every table of a statement bound to the tenant",
        "src/balcao/orders/store/lists.py::_counted.every",
        "the frame around a select from orders, which is bound: `Lanes.over` puts it in",
    ),
    Waiver(
        "every table of a statement bound to the tenant",
        "src/balcao/orders/store/lists.py::_ends",
        "the frame around a select from orders, which is bound: `Lanes.over` puts it in",
    ),
    Waiver(
        "every table of a statement bound to the tenant",
        "src/balcao/orders/store/lists.py::_sorted",
        "the frame around a select from orders, which is bound: `Lanes.over` puts it in",
    ),
    Waiver(
        "every table of a statement bound to the tenant",
        "src/balcao/orders/store/lists.py::list_lines.row",
        "the frame around selects from orders, which are bound each",
    ),
    Waiver(
        "every table of a statement bound to the tenant",
        "src/balcao/orders/store/load.py::load_picked.orders",
        "the frame around selects from orders, which are bound each",
    ),
    Waiver(
        "every table of a statement bound to the tenant",
        "src/balcao/orders/store/terms.py::list_behind.rows",
        "the worker asks whose orders changed: one small read for all tenants, no transaction",
    ),
    Waiver(
        "every table of a statement bound to the tenant",
        "src/balcao/tenants/store.py::list_revoked.rows",
        "every server process must hear of every tenant's revocations: one small read for all of them, no transaction",
    ),
    Waiver(
        "every table of a statement bound to the tenant",
        "src/balcao/tenants/store.py::list_tenants",
        "the worker and the commands go from tenant to tenant, each in its own transaction",
    ),
    Waiver(
        "every table of a statement bound to the tenant",
        "src/balcao/omnichat/store/lane.py::list_work.rows",
        "the worker asks whose hooks or log wait: one small read for all tenants, no transaction",
    ),
    Waiver(
        "every table of a statement bound to the tenant",
        "src/balcao/webhooks/store/queue.py::list_due.rows",
        "the worker asks once a second for every tenant's deliveries that became due: one read, no transaction",
    ),
    Waiver(
        "every table of a statement bound to the tenant",
        "src/balcao/webhooks/store/readers.py::newest_of_tenants.rows",
        "the worker asks whose log grew: one small read for all tenants, no transaction",
    ),
    Waiver(
        "no clock, chance or sequence of the database",
        "src/balcao/base/jobs.py::purge_log",
        "the job queue's own tables, which are not distributed and keep the database's time",
    ),
    Waiver(
        "variables documented",
        "src/balcao/fiscal/sample_fields.py: BALCAO_DEMO",
        "no variable: the name of the issuing program that a sample NF-e carries",
    ),
)


def hold(rule: str, found: Mapping[str, str] | Iterable[str]) -> None:
    """Fail with all there is to mend for this rule: places without a waiver, and waivers without a place.

    `found` are the places, with what is wrong there where that is not plain.
    """
    told = dict(found) if isinstance(found, Mapping) else dict.fromkeys(found, "")
    waived = {waiver.where for waiver in WAIVERS if waiver.rule == rule}
    wrong = sorted(f"{where}: {what}".rstrip(": ") for where, what in told.items() if where not in waived)
    wrong += sorted(f"the waiver for {where} is not needed any more" for where in waived - told.keys())
    if wrong:
        pytest.fail("\n".join((f"{rule}:", *wrong)), pytrace=False)
