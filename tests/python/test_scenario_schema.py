"""The JSON Schema that editors use accepts every shipped scenario and refuses what walsoak refuses."""

import copy
import json
import pathlib

import jsonschema
import pytest

SCENARIOS = pathlib.Path(__file__).resolve().parents[2] / "scenarios"
SCHEMA_FILE = SCENARIOS / "scenario.schema.json"
PRESET_FILE = SCENARIOS / "fixes.json"
SCHEMA = json.loads(SCHEMA_FILE.read_text())
SHIPPED = sorted(
    path
    for path in SCENARIOS.rglob("*.json")
    if path != PRESET_FILE and not path.name.endswith(".schema.json")
)


def problems(document, schema=SCHEMA):
    return [error.message for error in jsonschema.Draft7Validator(schema).iter_errors(document)]


def test_schema_is_a_schema():
    jsonschema.Draft7Validator.check_schema(SCHEMA)


def test_scenarios_are_found():
    assert {"quick.json", "quick-may2026.json", "split-generation.json"} <= {path.name for path in SHIPPED}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_scenario_is_valid(path):
    document = json.loads(path.read_text())
    assert problems(document) == []
    assert (path.parent / document["$schema"]).resolve() == SCHEMA_FILE


def test_presets_are_valid():
    document = json.loads(PRESET_FILE.read_text())
    fixes = {**SCHEMA, **SCHEMA["definitions"]["fixes"]}
    assert problems(document, fixes) == []
    assert document["$schema"] == "./scenario.schema.json#/definitions/fixes"
    document["presets"]["may-2026"]["settings"]["header_chek"] = "raw"
    assert problems(document, fixes) != []


VALID = {
    "schema_version": 1,
    "settings": {
        "boards": 2,
        "sqlite": {"worker": "3.40.1"},
        "faults": [
            {"fault": "replace-board", "at_tick": [3, 8], "board": "b01", "how": "in-place", "sidecars": "remove"},
            {"fault": "fd-limit", "at_tick": 4, "until_tick": 9, "soft": 16},
        ],
    },
    "matrix": [{"strategy": ["per-tick"], "sqlite": ["system", {"subject": "3.54.1"}]}, {}],
    "control": {"header_check": "off"},
    "expect": [
        {
            "when": {"sqlite": "system"},
            "finding": ["clean", "churn"],
            "mechanisms": ["sidecar churn"],
            "not_mechanisms": [],
            "metrics": {"lost_commits": 0, "wal_unlinked": "== last_closes_in_scope", "steps": ">= 1e2"},
        }
    ],
}


def test_every_feature_is_valid():
    assert problems(VALID) == []


@pytest.mark.parametrize(
    "keys, value",
    [
        (["titel"], "x"),
        (["schema_version"], 2),
        (["name"], "Quick"),
        (["abort_on_fail"], True),
        (["settings", "bords"], 1),
        (["settings", "boards"], 0),
        (["settings", "boards"], "2"),
        (["settings", "sqlite"], "3.40"),
        (["settings", "sqlite"], {"observer": "system"}),
        (["settings", "header_check"], "row"),
        (["settings", "faults"], {"fault": "worker-kill", "at_tick": 3}),
        (["settings", "faults", 0, "fault"], "earthquake"),
        (["settings", "faults", 0, "at_tick"], -1),
        (["settings", "faults", 0, "at_tick"], [3]),
        (["settings", "faults", 0, "how"], "page"),
        (["settings", "faults", 0, "until_tick"], 9),
        (["settings", "faults", 1, "soft"], 7),
        (["settings", "faults", 1, "board"], "b01"),
        (["matrix"], []),
        (["matrix", 0, "strategy"], "per-tick"),
        (["matrix", 0, "strategy"], []),
        (["matrix", 0, "strategy"], ["noop", "noop"]),
        (["control", "header_check"], ["off"]),
        (["expect"], "all"),
        (["expect", 0, "finding"], "lost data"),
        (["expect", 0, "mechanisms"], ["churn"]),
        (["expect", 0, "metrics", "steps"], "= 3"),
        (["expect", 0, "metrics", "Steps"], 3),
        (["expect", 0, "note"], "x"),
    ],
)
def test_wrong_value_is_refused(keys, value):
    document = copy.deepcopy(VALID)
    inner = document
    for key in keys[:-1]:
        inner = inner[key]
    inner[keys[-1]] = value
    assert problems(document) != []


def test_missing_version_is_refused():
    assert problems({"settings": {}}) != []


def test_every_fix_names_its_thread_its_state_and_sets_something_of_its_own():
    presets = json.loads(PRESET_FILE.read_text())["presets"]
    fixes = {name: preset for name, preset in presets.items() if preset.get("state") != "condition"}
    threads = {name: preset for name, preset in fixes.items() if "thread" in preset}
    assert len(threads) >= 24
    for name, preset in threads.items():
        assert preset["state"] in ("proposed", "merged", "withdrawn", "before"), name
        assert name.endswith("-" + preset["thread"].removeprefix("#")), name
    # Two names for one thing would count twice.
    laid = [json.dumps({**presets["may-2026"]["settings"], **preset["settings"]}, sort_keys=True) for preset in fixes.values()]
    assert len(set(laid)) == len(laid)
