"""What this program can do and which SQLite it runs on: for `hello`, and for `--describe`."""

import json
import sqlite3

from . import strategies

CAPABILITIES = ["lockstep", "free", "spawn", "collector-every-n", "collector-auto", "module"]
# From CPython 3.12 on.
if hasattr(sqlite3.Connection, "setconfig"):
    CAPABILITIES.append("close-checkpoint")


def library():
    """The SQLite that CPython has loaded."""
    connection = sqlite3.connect(":memory:")
    source_id = connection.execute("SELECT sqlite_source_id()").fetchone()[0]
    options = [row[0] for row in connection.execute("PRAGMA compile_options")]
    connection.close()
    return {"version": sqlite3.sqlite_version, "source_id": source_id, "compile_options": options}


def print_description():
    declared = [strategy.declared() for _, strategy in sorted(strategies.load().items())]
    description = {"strategies": declared, "capabilities": CAPABILITIES, "sqlite": library()}
    print(json.dumps({**description, "sqlite_built_in": False}, indent=1))
    return 0
