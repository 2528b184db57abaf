"""The JSON Schemas of what a run leaves on disk, held against the fixture run-small, and against what they must refuse."""
import copy
import json
import pathlib

import jsonschema
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
RUN = ROOT / "tests" / "fixtures" / "run-small"


def not_a_number(text):
    raise ValueError(f"{text} is no JSON")


def load(path):
    return json.loads(path.read_text(encoding="utf-8"), parse_constant=not_a_number)


def validator(name):
    schema = load(ROOT / "schemas" / f"{name}.schema.json")
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def lines_of(path):
    return [json.loads(line, parse_constant=not_a_number) for line in path.read_text(encoding="utf-8").splitlines()]


def line_of(kind):
    return copy.deepcopy(next(line for line in lines_of(RUN / "cells" / "c03.jsonl") if line["type"] == kind))


@pytest.mark.parametrize("name", ["run", "summary"])
def test_the_small_files_are_valid(name):
    validator(name).validate(load(RUN / f"{name}.json"))


@pytest.mark.parametrize("stream", sorted((RUN / "cells").glob("*.jsonl")), ids=lambda path: path.stem)
def test_every_line_of_a_stream_is_valid(stream):
    schema = validator("stream")
    lines = lines_of(stream)
    for line in lines:
        schema.validate(line)
    assert lines[0]["type"] == "header"
    assert lines[-1]["type"] == "end"


def test_the_fixture_has_every_type_of_line_of_lockstep():
    types = {line["type"] for line in lines_of(RUN / "cells" / "c03.jsonl")}
    assert types == set(validator("stream").schema["properties"]["type"]["enum"]) - {"tick"}


def without(key):
    return lambda value: value.pop(key)


def put(value, *path):
    def change(document):
        for key in path[:-1]:
            document = document[key]
        document[path[-1]] = value
    return change


@pytest.mark.parametrize("change", [
    put("leaking", "cells", 0, "finding"), put("passed", "verdict"), put(True, "cells", 0, "verdict"),
    put(1.5, "cells", 0, "metrics", "kernel_wal_growth"), put(2, "schema_version"), put("done!", "state"),
    put(["why"], "cells", 0, "reasons"), put("fail", "cells", 0, "verdict"), put([], "conditions", 0, "cells"),
    put("x", "cells", 0, "unknown_key"), without("environment"),
    lambda summary: summary["cells"][0]["metrics"].pop("lost_commits"),
])
def test_a_summary_of_another_shape_is_refused(change):
    summary = load(RUN / "summary.json")
    change(summary)
    with pytest.raises(jsonschema.ValidationError):
        validator("summary").validate(summary)


@pytest.mark.parametrize("change", [
    without("scenarios"), put("c1", "cells", 0, "cell"), put("lost", "cells", 0, "state"), put("today", "started"),
    put({"finding": "leak"}, "cells", 0, "expected"),
])
def test_a_run_of_another_shape_is_refused(change):
    run = load(RUN / "run.json")
    change(run)
    with pytest.raises(jsonschema.ValidationError):
        validator("run").validate(run)


@pytest.mark.parametrize("kind, change", [
    ("header", put(2, "schema_version")), ("header", without("roles")), ("header", put([], "boards")),
    ("step", put("w1", "actor")), ("step", put("yes", "ok")), ("step", put(-1, "latency_us")),
    ("step", put({"b01": {"wal_created": 1}}, "sidecars")),
    ("sample", lambda line: line["boards"]["b01"].pop("kernel_wal")), ("sample", put(-2, "tick")),
    ("sample", put("3", "boards", "b01", "vfs_wal")), ("sample", without("process")),
    ("check", put("midway", "check")), ("check", put({"w0001": [[1, 2, 3]]}, "boards", 0, "rows")),
    ("check", put("522", "boards", 0, "error", "code")), ("event", without("event")), ("end", without("reason")),
    ("end", put("finish", "type")),
])
def test_a_line_of_another_shape_is_refused(kind, change):
    line = line_of(kind)
    validator("stream").validate(line)
    change(line)
    with pytest.raises(jsonschema.ValidationError):
        validator("stream").validate(line)


@pytest.mark.parametrize("key", ["vfs_main", "vfs_wal", "api_open", "kernel_main", "wal_bytes"])
def test_what_is_not_known_is_null(key):
    line = line_of("sample")
    line["boards"]["b01"][key] = None
    validator("stream").validate(line)


def test_a_sidecar_count_that_overflowed_is_null():
    line = line_of("step")
    line["sidecars"] = {"b01": None}
    validator("stream").validate(line)
