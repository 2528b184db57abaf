"""Tables as the templates take them: every value with what a reader's eye and a sort need to know of its column.

Contract: a table is {"label", "columns": [{"spans", "kind"}], "rows": [{"cells": [{"spans", "finding", "link"}]}]};
the kind of a column is `number`, `short` or `long`. Values are spans (dialect.py), never HTML.
"""

import json
import re
from pathlib import Path

from dialect import text_of

NUMBER = re.compile(r"[+-]?\d+(\.\d+)?( ?[%A-Za-z]{1,2})?$")
UNKNOWN = {"", "?", "-", "none"}
SHORT = 26
# Rows {"name", "harm", "colour", "meaning"} of walsoak's own table, worst first.
VOCABULARY = Path(__file__).resolve().parents[2] / "schemas" / "vocabulary.json"
FINDING_ROWS = json.loads(VOCABULARY.read_text(encoding="utf-8"))["findings"]
FINDINGS = tuple(row["name"] for row in FINDING_ROWS)


def shown(value):
    """A value of JSON as people write it; `?` is not known."""
    if value is None:
        return "?"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list):
        return ", ".join(shown(one) for one in value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{key} = {shown(one)}" for key, one in value.items()) or "none"
    return str(value)


def _kind(texts):
    told = [text for text in texts if text not in UNKNOWN]
    if told and all(NUMBER.match(text) for text in told):
        return "number"
    return "short" if all(len(text) <= SHORT for text in texts) else "long"


def _finding(column, text):
    """The finding that a value names first, in columns that hold findings."""
    if column not in ("finding", "found"):
        return None
    return next((name for name in FINDINGS if text == name or text.startswith((f"{name} ", f"{name},"))), None)


def _link(column, number, text, targets):
    """The detail of the cell that a row is about."""
    return targets.get(text) if number == 0 and column in ("cell", "segment") else None


def table(label, columns, rows, targets=None):
    """Of spans; `targets` are the places of cells by name."""
    names = [text_of(column).lower() for column in columns]
    texts = [[text_of(value) for value in row] for row in rows]
    kinds = [_kind([row[number] for row in texts]) for number in range(len(names))]
    return {
        "kind": "table", "label": label,
        "columns": [{"spans": column, "kind": kind} for column, kind in zip(columns, kinds)],
        "rows": [{"cells": [{"spans": value, "kind": kinds[number], "finding": _finding(names[number], words[number]),
                             "link": _link(names[number], number, words[number], targets or {})}
                            for number, value in enumerate(row)]}
                 for row, words in zip(rows, texts)],
    }


def plain_table(label, columns, rows):
    """Of plain values as JSON has them; None where there is no row."""
    if not rows:
        return None
    return table(label, [[("text", name)] for name in columns],
                 [[[("text", shown(value))] for value in row] for row in rows])
