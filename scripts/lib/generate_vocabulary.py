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


def scenario(schema, words):
    """scenario.schema.json: settings and axes whole, findings and mechanisms by name, a description a fault."""
    definitions = schema["definitions"]
    old = definitions["settings"]["properties"]
    settings = {"sqlite": old["sqlite"]} | {one["name"]: setting_schema(one) for one in words["settings"]}
    definitions["settings"]["properties"] = settings
    definitions["axes"]["properties"] = {name: axis_schema(name, one["description"]) for name, one in settings.items()}
    definitions["finding"]["enum"] = names(words["findings"])
    definitions["mechanism"]["enum"] = [one["name"] for one in words["mechanisms"] if one["letter"]]
    for fault, says in zip(words["faults"], definitions["fault"]["oneOf"], strict=True):
        says["properties"]["fault"] = {"const": fault["name"]}
        says["description"] = fault["summary"]


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
