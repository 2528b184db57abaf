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


@pytest.mark.parametrize("path", sorted((ROOT / "tests" / "fixtures" / "reports").glob("*/summary.json")),
                         ids=lambda path: path.parent.name)
def test_the_summaries_of_approved_reports_are_valid(path):
    validator("summary").validate(load(path))


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


@pytest.mark.parametrize("name", ["run", "summary"])
def test_a_run_with_repeats_is_valid(name):
    document = load(RUN / f"{name}.json")
    document["repeats"] = {"seed": 1, "order": ["c01", "c01r2"]}
    document["cells"][0].update(point="c01", repeat=1)
    document["cells"][1].update(cell="c01r2", point="c01", repeat=2)
    validator(name).validate(document)
    document["cells"][1]["cell"] = "c01-2"
    with pytest.raises(jsonschema.ValidationError):
        validator(name).validate(document)


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


# A free-running cell: the same lines with columns, and lines of its own.

ERROR = {"code": 5, "message": "database is locked", "where": None, "app": None}
TICK = {"type": "tick", "tick": 3, "t_us": 4000210, "late_us": 210, "missed": 0, "lag_us": 310, "ok": False,
        "steps": {"triage": {"ok": True, "latency_us": 1834, "wait_us": 40},
                  "dispatch": {"ok": False, "latency_us": 1834, "wait_us": 40, "looked": False,
                               "failed": [{"error": ERROR, "boards": ["b02", "b03"]}]}}}
SIDECARS = {"wal_created": 1, "wal_unlinked": 1, "shm_created": 1, "shm_unlinked": 1}
NOTIFIER = {"ran": 12, "missed": 0, "failed": 2, "latency_max_us": 2210, "wait_max_us": 90, "late_max_us": 300,
            "errors": [{"error": ERROR, "boards": ["b02"], "count": 2}]}
SAMPLE = {"type": "sample", "tick": 3, "t_us": 4010000, "quiet": True, "boards": {"b01": [1, 7, None]},
          "process": {"descriptors": 12, "descriptor_limit": 1024, "threads": 34, "rss_bytes": 9000000},
          "harness": {"rss_bytes": 18000000, "descriptors": 21, "jitter_us": 900},
          "subject": {"affinity_errors": 0, "lock_wait_us": None}, "sidecars": {"b01": SIDECARS, "b02": None},
          "activity": {"notifier": NOTIFIER, "visit": {"ran": 0, "missed": 0, "failed": 0}}}


def free_line(kind):
    if kind in ("header", "end"):
        more = {"columns": ["api_open", "api_opened", "wal_bytes"]} if kind == "header" else {"ticks": 478, "missed": 2}
        return {**line_of(kind), **more}
    return copy.deepcopy(TICK if kind == "tick" else SAMPLE)


@pytest.mark.parametrize("kind", ["header", "tick", "sample", "end"])
def test_a_line_of_a_free_running_cell_is_valid(kind):
    validator("stream").validate(free_line(kind))


@pytest.mark.parametrize("kind, change", [
    ("header", put([], "columns")), ("header", put(["api_open", "api_open"], "columns")),
    ("tick", without("late_us")), ("tick", put(-1, "missed")), ("tick", put([], "steps")),
    ("tick", lambda line: line["steps"]["triage"].pop("wait_us")),
    ("tick", put([], "steps", "dispatch", "failed", 0, "boards")),
    ("tick", put("locked", "steps", "dispatch", "failed", 0, "error")), ("tick", put("pool-0", "steps", "triage", "thread")),
    ("sample", put([], "boards", "b01")), ("sample", put([1, "7"], "boards", "b01")),
    ("sample", put({"rss_bytes": 1}, "harness")), ("sample", put({"rss": 1}, "subject")),
    ("sample", put({"wal_created": 1}, "sidecars", "b01")), ("sample", put(NOTIFIER, "activity", "checkpointer")),
    ("sample", put(0, "activity", "notifier", "errors", 0, "count")), ("sample", put({"ran": 1}, "activity", "visit")),
    ("end", put(-1, "missed")), ("end", put("478", "ticks")),
])
def test_a_line_of_a_free_running_cell_of_another_shape_is_refused(kind, change):
    line = free_line(kind)
    change(line)
    with pytest.raises(jsonschema.ValidationError):
        validator("stream").validate(line)


def summary_of(state, so_far):
    """The summary of run-small with its first cell in another state."""
    summary = load(RUN / "summary.json")
    summary["cells"][0].update(state=state, so_far=so_far)
    return summary


@pytest.mark.parametrize("state, so_far", [("running", "leak"), ("interrupted", "unknown"), ("failed", None)])
def test_a_cell_that_has_not_ended_says_what_was_seen_so_far(state, so_far):
    validator("summary").validate(summary_of(state, so_far))


@pytest.mark.parametrize("state, so_far", [("running", None), ("done", "clean"), ("running", "data loss")])
def test_so_far_stands_where_a_cell_has_not_ended_and_nowhere_else(state, so_far):
    with pytest.raises(jsonschema.ValidationError):
        validator("summary").validate(summary_of(state, so_far))


def test_a_free_running_cell_that_is_done_has_its_slots_counted():
    summary = load(RUN / "summary.json")
    cell = summary["cells"][0]
    cell["settings"]["mode"] = "free"
    with pytest.raises(jsonschema.ValidationError):
        validator("summary").validate(summary)
    jobs = ("notifier", "slash", "visit", "dashboard", "dispatcher_2")
    cell["metrics"].update({f"{job}_{what}": 0 for job in jobs for what in ("ran", "missed", "failed")})
    cell["metrics"].update(ticks_ran=478, ticks_missed=2, rates_known=1, wait_max_us=90)
    validator("summary").validate(summary)
    cell["metrics"]["rates_known"] = 2
    with pytest.raises(jsonschema.ValidationError):
        validator("summary").validate(summary)


FAULT = {"type": "event", "tick": 8, "source": "observer", "event": "fault", "fault": "replace-board", "number": 1,
         "phase": "begin", "board": "b01", "rows": {"dispatcher": [[1, 40]]}, "how": "rename", "sidecars": "keep"}


def test_a_faults_event_is_valid():
    validator("stream").validate(FAULT)
    limit = {"fault": "fd-limit", "phase": "end", "soft": 1024}
    validator("stream").validate({**{key: FAULT[key] for key in ("type", "tick", "event", "number")}, **limit})


@pytest.mark.parametrize("change", [{"fault": "earthquake"}, {"phase": "middle"}, {"number": 0}, {"board": ""}, {"how": "x"}])
def test_a_faults_event_with_a_wrong_value_is_refused(change):
    assert not validator("stream").is_valid({**FAULT, **change})


@pytest.mark.parametrize("key", ["fault", "number", "phase", "rows", "board", "how"])
def test_a_faults_event_that_lacks_something_is_refused(key):
    assert not validator("stream").is_valid({name: value for name, value in FAULT.items() if name != key})
