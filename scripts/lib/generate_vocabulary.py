"""Writes the vocabulary into the schemas, or says where they differ from it.

usage: scripts/dev/generate-vocabulary [--check]          which calls this with `walsoak list --json` on stdin

Contract: stdin is that JSON; argv is the checkout's folder and, with --check, nothing is written. Exit codes: 1 with the
list of the files that differ (--check), 0.
"""

import json
import sys
from pathlib import Path

VERSION_PATTERN = "^(system|[0-9]+\\.[0-9]+\\.[0-9]+)$"


def whole(value):
    """A limit as JSON has it: 1 rather than 1.0."""
    return int(value) if float(value).is_integer() else value


def setting_schema(setting):
    kind = setting["kind"]
    schema = {"description": setting["summary"]}
    if kind == "choice":
        schema["enum"] = setting["choices"]
    elif kind == "faults":
        schema |= {"type": "array", "items": {"$ref": "#/definitions/fault"}}
    elif kind in ("text", "order"):
        schema["type"] = "string"
        if setting["name"].startswith("sqlite."):
            schema["pattern"] = VERSION_PATTERN
    else:
        schema |= {"type": kind, "minimum": whole(setting["minimum"]), "maximum": whole(setting["maximum"])}
    return schema | {"default": setting["default"]}


def axis_schema(name, description):
    return {"description": description, "type": "array", "items": {"$ref": f"#/definitions/settings/properties/{name}"},
            "minItems": 1, "uniqueItems": True}


MOST = 1000000000
KEYS_OF_FAULTS = {
    "how": "what is overwritten, how the board comes back, or whose connection a child has",
    "sidecars": "whether -wal and -shm are unlinked first",
    "holders": "whether it is refused while a process has the board open",
    "operation": "what fails",
    "file": "the kind of file that it fails on",
    "where": "who reads",
}
NUMBERS_OF_FAULTS = {
    "count": {"description": "how many; 0: all", "type": "integer", "minimum": 0, "maximum": MOST, "default": 1},
    "after": {"description": "the first that fails, counted from the fault's beginning", "type": "integer",
              "minimum": 1, "maximum": MOST, "default": 1},
    "soft": {"description": "the limit", "type": "integer", "minimum": 8, "maximum": MOST},
}
# Keys that a fault must have: the table has no column for it, and faults.cc checks it.
NEEDED = {"fd-limit": ["soft"], "fork": ["until_tick"]}


def key_of_fault(fault, key):
    if key in fault.get("words", {}):
        return {"description": KEYS_OF_FAULTS[key], "enum": fault["words"][key], "default": fault["words"][key][0]}
    if key == "board":
        left_out = "the seed draws one" if fault["needs_board"] else "every board"
        return {"description": f"the board's name, such as b01; {left_out} where it is left out", "type": "string",
                "minLength": 1}
    if (fault["name"], key) == ("worker-kill", "count"):
        return NUMBERS_OF_FAULTS[key] | {"description": "how many", "minimum": 1}
    return NUMBERS_OF_FAULTS[key]


def fault_schema(fault):
    properties = {"fault": {"const": fault["name"]}, "at_tick": {"$ref": "#/definitions/at_tick"}}
    if fault["lasts"]:
        properties["until_tick"] = {
            "description": "the tick before which it ends; to the end of the cell where it is left out",
            "type": "integer", "minimum": 1, "maximum": 10000000}
    return {"description": fault["summary"], "type": "object",
            "required": ["fault", "at_tick", *NEEDED.get(fault["name"], [])], "additionalProperties": False,
            "properties": properties | {key: key_of_fault(fault, key) for key in fault["keys"]}}


def scenario(schema, words):
    """scenario.schema.json: settings and axes whole, findings and mechanisms by name, a description a fault."""
    definitions = schema["definitions"]
    old = definitions["settings"]["properties"]
    settings = {"sqlite": old["sqlite"]} | {one["name"]: setting_schema(one) for one in words["settings"]}
    definitions["settings"]["properties"] = settings
    definitions["axes"]["properties"] = {name: axis_schema(name, one["description"]) for name, one in settings.items()}
    definitions["finding"]["enum"] = names(words["findings"])
    definitions["mechanism"]["enum"] = [one["name"] for one in words["mechanisms"] if one["letter"]]
    definitions["fault"]["oneOf"] = [fault_schema(fault) for fault in words["faults"]]


def summary(schema, words):
    """summary.schema.json: a running cell has no rows looked at, so that data loss is not among its findings."""
    properties = schema["$defs"]["cell"]["properties"]
    found = names(words["findings"])
    properties["finding"]["enum"] = found
    properties["also"]["items"]["enum"] = found
    properties["so_far"]["enum"] = [one["name"] for one in words["findings"] if one["harm"] != "rows"] + [None]


def diagnosis(schema, words):
    schema["$defs"]["name"]["enum"] = names(words["mechanisms"])


def stream(schema, words):
    for one in all_objects(schema):
        fault = one.get("fault")
        if isinstance(fault, dict) and "enum" in fault:
            fault["enum"] = names(words["faults"])


def names(rows):
    return [row["name"] for row in rows]


def all_objects(value):
    if isinstance(value, dict):
        yield value
        for one in value.values():
            yield from all_objects(one)
    elif isinstance(value, list):
        for one in value:
            yield from all_objects(one)


SCHEMAS = {"scenarios/scenario.schema.json": scenario, "schemas/summary.schema.json": summary,
           "schemas/diagnosis.schema.json": diagnosis, "schemas/stream.schema.json": stream}


def main(home, check):
    words = json.load(sys.stdin)
    texts = {"schemas/vocabulary.json": json.dumps(words, indent=2, ensure_ascii=False) + "\n"}
    for path, fill in SCHEMAS.items():
        schema = json.loads((home / path).read_text(encoding="utf-8"))
        fill(schema, words)
        texts[path] = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    differing = [path for path, text in texts.items()
                 if not (home / path).exists() or (home / path).read_text(encoding="utf-8") != text]
    if check:
        for path in differing:
            print(path)
        return 1 if differing else 0
    for path in differing:
        (home / path).write_text(texts[path], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), "--check" in sys.argv[2:]))
