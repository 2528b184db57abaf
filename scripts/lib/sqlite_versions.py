"""Prints the SQLite versions that a scenario's `sqlite` settings name, one a line: sqlite_versions.py FILE."""

import json
import re
import sys

VERSION = re.compile(r"3\.\d+\.\d+")


def strings_below(node):
    """Every string below a node, whether it is a value, in a list or in an object by role."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for value in node.values():
            yield from strings_below(value)
    elif isinstance(node, list):
        for value in node:
            yield from strings_below(value)


def versions(node):
    """The versions under keys `sqlite`, `sqlite.subject`, ... wherever in the scenario they stand."""
    found = set()
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "sqlite" or key.startswith("sqlite."):
                found |= {text for text in strings_below(value) if VERSION.fullmatch(text)}
            else:
                found |= versions(value)
    elif isinstance(node, list):
        for value in node:
            found |= versions(value)
    return found


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as file:
        for version in sorted(versions(json.load(file)), key=lambda text: [int(part) for part in text.split(".")]):
            print(version)
