"""schemas/vocabulary.json and the enums of the schemas are what walsoak's tables make of them."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from e2e import BUILD, PROJECT, WALSOAK, call, scenario

sys.path.insert(0, str(PROJECT / "scripts" / "lib"))

import generate_vocabulary  # noqa: E402

GENERATE = PROJECT / "scripts" / "dev" / "generate-vocabulary"


def generate(*arguments, build=BUILD):
    return subprocess.run([GENERATE, *arguments], capture_output=True, text=True, check=False,
                          env={**os.environ, "WALSOAK_BUILD": str(build)})


def test_nothing_is_to_be_generated():
    result = generate("--check")
    assert (result.returncode, result.stdout) == (0, ""), result.stdout + result.stderr


def test_the_json_has_every_table_with_its_meanings():
    words = json.loads(subprocess.run([WALSOAK, "list", "--json"], capture_output=True, text=True, check=True).stdout)
    assert list(words) == ["findings", "mechanisms", "metrics", "settings", "faults"]
    assert all(row["meaning"] for kind in ("findings", "mechanisms", "metrics") for row in words[kind])
    assert all(row["summary"] for kind in ("settings", "faults") for row in words[kind])


def test_metrics_are_listed_with_a_meaning():
    lines = subprocess.run([WALSOAK, "list", "metrics"], capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(lines) > 200 and all(len(line.split()) > 2 for line in lines)


@pytest.mark.parametrize("arguments", [["metrics", "--json"], ["--json", "--path", "quick"]], ids=" ".join)
def test_json_takes_no_kind(arguments):
    result = subprocess.run([WALSOAK, "list", *arguments], capture_output=True, text=True, check=False)
    assert result.returncode == 3 and "--json" in result.stderr


def test_a_generator_without_a_build_says_what_to_do(tmp_path):
    result = generate("--check", build=tmp_path)
    assert result.returncode == 4 and "scripts/soak --dry-run" in result.stderr
    assert generate("--chek").returncode == 3


def test_a_forgotten_word_is_found(tmp_path):
    for name in ("schemas", "scenarios"):
        shutil.copytree(PROJECT / name, tmp_path / name)
    words = subprocess.run([WALSOAK, "list", "--json"], capture_output=True, text=True, check=True).stdout
    check = [sys.executable, "-I", PROJECT / "scripts" / "lib" / "generate_vocabulary.py", tmp_path, "--check"]
    assert subprocess.run(check, input=words, text=True, check=False).returncode == 0
    path = tmp_path / "scenarios" / "scenario.schema.json"
    schema = json.loads(path.read_text())
    schema["definitions"]["finding"]["enum"].remove("wedged")
    path.write_text(json.dumps(schema, indent=2) + "\n")
    result = subprocess.run(check, input=words, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (1, "scenarios/scenario.schema.json\n")


def test_the_stream_names_the_jobs_that_have_metrics():
    metrics = json.loads(subprocess.run([WALSOAK, "list", "--json"], capture_output=True, text=True, check=True).stdout)["metrics"]
    of_jobs = {row["name"].removesuffix("_ran") for row in metrics if row["name"].endswith("_ran")} - {"ticks"}
    definitions = json.loads((PROJECT / "schemas" / "stream.schema.json").read_text())
    (jobs,) = [one["propertyNames"]["enum"] for one in generate_vocabulary.all_objects(definitions)
               if "notifier" in one.get("propertyNames", {}).get("enum", ())]
    assert {job.replace("-", "_") for job in jobs} == of_jobs


def test_the_schema_names_the_states_that_a_fix_may_have(tmp_path):
    fix = {"title": "t", "state": "mergd", "settings": {}}
    (tmp_path / "fixes.json").write_text(json.dumps({"schema_version": 1, "presets": {"p": fix}}))
    path = scenario(tmp_path, {"fix": "p"})
    result = call("run", path, "--dry-run", cwd=tmp_path)
    schema = json.loads((PROJECT / "scenarios" / "scenario.schema.json").read_text())
    (states,) = [one["state"]["enum"] for one in generate_vocabulary.all_objects(schema) if "enum" in one.get("state", ())]
    assert result.returncode == 3 and 'did you mean "merged"?' in result.stderr
    assert all(word in result.stderr for word in states) and result.stderr.strip().endswith("valid: " + ", ".join(states))
