"""A board, and the named statements of harness/boards/board/board.sql: the same text that every subject runs."""

import os
import sqlite3
from pathlib import Path
from typing import NamedTuple


class Board(NamedTuple):
    name: str
    path: str


def sql_path():
    """Where board.sql is: named by WALSOAK_BOARD_SQL, or in the tree that this file is part of."""
    named = os.environ.get("WALSOAK_BOARD_SQL")
    return Path(named) if named else Path(__file__).resolve().parents[3] / "harness" / "boards" / "board" / "board.sql"


def read_sections(text):
    """The text of each `-- name:` section, without comments."""
    sections = {}
    lines = None
    for line in text.splitlines():
        if line.startswith("-- name:"):
            lines = sections.setdefault(line[len("-- name:"):].strip(), [])
        elif lines is not None and not line.startswith("--"):
            lines.append(line)
    return {name: "\n".join(lines).strip() for name, lines in sections.items()}


def split_statements(text):
    """The statements of a script, one by one."""
    statement = ""
    for part in text.split(";"):
        statement += part + ";"
        if sqlite3.complete_statement(statement):
            if statement.strip(" \n;"):
                yield statement.strip()
            statement = ""


STATEMENTS = read_sections(sql_path().read_text(encoding="utf-8"))
SCHEMA = tuple(split_statements(STATEMENTS["schema"]))
