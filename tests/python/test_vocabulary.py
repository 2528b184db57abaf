"""schemas/vocabulary.json and the enums of the schemas are what walsoak's tables make of them."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from e2e import BUILD, PROJECT, WALSOAK

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
