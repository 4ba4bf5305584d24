"""What the freight engine says, in Portuguese: nothing is left in English."""

import ast
import inspect

from balcao.doors.console.freight_words import VERDICTS, detail_of
from balcao.doors.console.words import Lang, Words
from balcao.freight.rules import explain
from balcao.freight.rules.model import Reason

PT = Words(Lang.PT, 0)


def test_every_verdict_has_words() -> None:
    assert set(VERDICTS) == set(explain.Why) | set(Reason)


def test_every_detail_is_translated() -> None:
    """Every sentence in the engine's own source, with numbers and names where it puts some."""
    tree = ast.parse(inspect.getsource(explain))
    told = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    details = {
        text
        for text in told
        if text == text.strip(" .,") and " " in text and not text.endswith(".") and "\n" not in text
    }
    sentences = {
        f"one unit of A is {text}" if text.startswith(("heavier", "longer", "larger, its", "worth")) else text
        for text in details
    } | {
        "3 business days after it was handed over",
        "3 business days after it was handed over, an order from 15:00 on counts as the next day's",
        "1200 g; the table's rows for this CEP take up to 1000 g",
        "not enough of A (asked 2, available 1), B (asked 1, available 0)",
    }
    assert len(sentences) > 15
    left = {text for text in sentences if detail_of(PT, text) == text}
    assert left - {"one unit of", "business days after it was handed over", "not enough of"} == set()


def test_numbers_stay() -> None:
    assert detail_of(PT, "not enough of A (asked 2, available 1)") == "falta A (pedido 2, disponível 1)"
    assert detail_of(Words(Lang.EN, 0), "has everything") == "has everything"
