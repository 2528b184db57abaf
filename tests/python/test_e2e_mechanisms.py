"""Every mechanism has a scenario that shows it beside a control that does not, and those scenarios bite."""

import json
import subprocess

import pytest
from e2e import PROJECT, WALSOAK, Run, call, carry_out, needs_sqlite, validator

FOLDER = PROJECT / "scenarios" / "mechanism"
SCENARIOS = {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}


def mechanism_names():
    """As the program lists them: with hyphens, each at the start of a line."""
    listed = subprocess.run([WALSOAK, "list", "mechanisms"], capture_output=True, text=True, check=True)
    return {line.split()[0] for line in listed.stdout.splitlines()}


def pinned(name):
    """The version of SQLite that a scenario names, or system."""
    return SCENARIOS[name]["settings"].get("sqlite", "system")


def can_run(name):
    """Whether the SQLite that it names is on this machine."""
    try:
        needs_sqlite(pinned(name))
    except pytest.skip.Exception:
        return False
    return True


def unknown_in(cell):
    return {unknown["name"] for unknown in cell.recorded["mechanisms_unknown"]}


@pytest.fixture(name="cells", scope="module")
def run_all(tmp_path_factory):
    """All of them in one run, which must pass: the cells by the mechanism of their scenario."""
    folder = tmp_path_factory.mktemp("mechanisms")
    names = [name for name in SCENARIOS if can_run(name)]
    result = call("run", *(FOLDER / f"{name}.json" for name in names), "--out", folder / "run", cwd=folder)
    assert result.returncode == 0, result.stderr + result.stdout
    cells = Run(folder / "run").cells()
    return {name: [cell for cell in cells if cell.name.startswith(f"mechanism-{name}.")] for name in names}


def test_each_mechanism_of_the_program_has_a_scenario():
    assert set(SCENARIOS) == mechanism_names()


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_mechanism_is_seen_and_its_control_never_shows_it(name, cells):
    if name not in cells:
        pytest.skip(f"SQLite {pinned(name)} is not here for {name}")
    mechanism = name.replace("-", " ")
    controls = [cell for cell in cells[name] if cell.recorded["control_of"]]
    with_it = [cell for cell in cells[name] if mechanism in cell.mechanisms]
    assert controls and with_it
    assert not set(map(id, controls)) & set(map(id, with_it))
    (axis,) = SCENARIOS[name]["control"]
    for control in controls:
        twin = next(cell for cell in cells[name] if cell.name == control.recorded["control_of"])
        # A mechanism that takes a ledger which the subject cannot give is unknown there, on both sides.
        assert twin in with_it or (mechanism in unknown_in(twin) and twin.metrics["vfs_main_last"] is None)
        assert (mechanism in unknown_in(control)) is (mechanism in unknown_in(twin))
        assert [key for key in twin.settings if twin.settings[key] != control.settings[key]] == [axis]


@pytest.mark.parametrize("name", SCENARIOS)
def test_diagnose_names_the_mechanism_and_not_for_its_control(name, cells, tmp_path):
    if name not in cells:
        pytest.skip(f"SQLite {pinned(name)} is not here for {name}")
    mechanism = name.replace("-", " ")
    for cell in cells[name]:
        result = call("diagnose", cell.folder.parents[1], "--cell", cell.name, "--json", cwd=tmp_path)
        assert result.returncode == 0, result.stderr
        document = json.loads(result.stdout)
        validator("diagnosis")(document)
        (diagnosis,) = document["cells"]
        assert (mechanism in diagnosis["named"]) is not bool(cell.recorded["control_of"]), diagnosis["verdict"]
        assert all(candidate["certain"] for candidate in diagnosis["consistent_with"])


# What takes the cause away and leaves the control as it is.
MUTATIONS = {
    "unclosed-connection": "collector=every-n",
    "deferred-collection": "collector_every=1",
    "sidecar-churn": "journal_mode=delete",
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_without_its_cause_a_scenario_fails(name, tmp_path):
    run = carry_out(tmp_path, FOLDER / f"{name}.json", "--set", MUTATIONS[name], code=1)
    mechanism = name.replace("-", " ")
    verdicts = {bool(cell.recorded["control_of"]): set() for cell in run.cells()}
    for cell in run.cells():
        verdicts[bool(cell.recorded["control_of"])].add(cell.recorded["verdict"])
        assert mechanism not in cell.mechanisms
    assert verdicts == {True: {"pass"}, False: {"fail"}}
