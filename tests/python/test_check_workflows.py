"""scripts/check-workflows: the workflows here are sound, and a planted mistake of each kind turns it red."""

import shutil
import subprocess

import pytest
from script_sandbox import PROJECT, Sandbox

# The registry cannot be reached; whatever else goes wrong is a failure.
UNREACHED = ("ENOTFOUND", "EAI_AGAIN", "ETIMEDOUT", "ECONNREFUSED")
SOAK = PROJECT / ".github" / "workflows" / "soak.yml"


def check(*files):
    result = subprocess.run([PROJECT / "scripts" / "check-workflows", *files], text=True, capture_output=True, check=False,
                            timeout=300)
    if result.returncode == 4 and any(word in result.stderr for word in UNREACHED):
        pytest.skip(result.stderr.strip().splitlines()[-1])
    return result


needs_npm = pytest.mark.skipif(not shutil.which("npm") or not shutil.which("node"), reason="no npm here")


@needs_npm
def test_the_workflows_here_are_sound():
    result = check()
    assert result.returncode == 0, result.stdout
    assert "2 files, 0 mistakes" in result.stderr


@needs_npm
@pytest.mark.parametrize("right, wrong, told", [
    ("timeout-minutes:", "timeout_minutes:", "timeout_minutes"),
    ("inputs.arguments }}", "inputs.argument }}", '"argument" is not defined'),
    ('cron: "17 2 * * *"', 'cron: "17 25 * * *"', "invalid CRON"),
    ("uses: actions/upload-artifact@v4", "uses: actions/upload-artifact", "upload-artifact"),
    ("permissions:\n  contents: read", "permissions:\n  content: read", "content"),
])
def test_a_planted_mistake_is_told(tmp_path, right, wrong, told):
    text = SOAK.read_text()
    assert right in text
    broken = tmp_path / "soak.yml"
    broken.write_text(text.replace(right, wrong))
    result = check(broken)
    assert result.returncode == 1
    assert any(line.startswith(f"{broken}:") and told in line for line in result.stdout.splitlines()), result.stdout


def test_without_npm_it_is_skipped_and_says_so(tmp_path):
    box = Sandbox(tmp_path)
    box.only_base()
    (box.root / "w.yml").write_text("on: push\n")
    result = box.call("check-workflows", str(box.root / "w.yml"))
    assert result.returncode == 0 and "skipped: no npm" in result.stderr


def test_a_wrong_call_is_one_line(tmp_path):
    result = Sandbox(tmp_path).call("check-workflows", "no-such.yml")
    assert result.returncode == 3 and result.stderr.count("\n") == 1 and "no-such.yml" in result.stderr
