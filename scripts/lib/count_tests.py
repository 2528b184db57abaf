"""Adds up JUnit files to the plain count line: count_tests.py CODE FILE [CODE FILE...].

CODE is the exit code of the runner that wrote FILE. A runner that failed without naming a failed test (it crashed, or
found no test) counts as one failure, so that no breakdown can pass for a success. Exits with 1 where a test failed.
"""

import os
import sys
import xml.etree.ElementTree as ElementTree


def outcomes(path):
    """(passed, failed, skipped) of one JUnit file, as GoogleTest and pytest write it, or of all files of a folder; None
    where there is none that can be read."""
    if os.path.isdir(path):
        # A file that cannot be read is a program that broke down.
        files = [outcomes(os.path.join(path, name)) or (0, 1, 0) for name in sorted(os.listdir(path))]
        return tuple(map(sum, zip(*files))) if files else None
    if not os.path.exists(path):
        return None
    try:
        root = ElementTree.parse(path).getroot()
    except ElementTree.ParseError:
        return None
    passed = failed = skipped = 0
    for case in root.iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif case.find("skipped") is not None or case.get("status") == "notrun":
            skipped += 1
        else:
            passed += 1
    return passed, failed, skipped


def count(runs):
    """The sum over (exit code, file) pairs, with the notes to print first."""
    total, notes = [0, 0, 0], []
    for code, path in runs:
        seen = outcomes(path) or (0, 0, 0)
        total = [a + b for a, b in zip(total, seen)]
        if code != 0 and seen[1] == 0:
            total[1] += 1
            notes.append(f"the runner of {os.path.basename(path)} ended with {code} and named no failed test: "
                         "counted as one failure")
    return total, notes


def main(arguments):
    if not arguments or len(arguments) % 2:
        sys.exit(__doc__)
    runs = [(int(code), path) for code, path in zip(arguments[::2], arguments[1::2])]
    (passed, failed, skipped), notes = count(runs)
    for note in notes:
        print(note)
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
