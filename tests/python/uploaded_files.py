"""Which files actions/upload-artifact takes: the patterns of a workflow's step, and @actions/glob's rules for them.

@actions/glob in short (0.5, as upload-artifact v4 calls it): of the patterns, in order, each that fits a path puts it in or,
with `!`, out. `*` is a part of a name, `**` any number of folders, also none. A pattern fits what lies below it, too, and one
that ends with `**` fits the path in front of that, be it a file: `!cells/*/**` takes `cells/c01.jsonl` out. Names that begin
with a dot are left out unless `include-hidden-files` is set. Of what is found the files alone go into the artifact.
tests/python/real_glob.cjs asks the package itself.
"""

import os
import re
from fnmatch import fnmatchcase
from pathlib import Path


def upload_steps(workflow):
    """The steps that upload, as (patterns, include_hidden). Reads the few forms of YAML that our workflows have."""
    steps = re.split(r"(?m)^ *- (?=\w)", Path(workflow).read_text())
    for step in steps:
        if "uses: actions/upload-artifact@" not in step:
            continue
        block = re.search(r"(?m)^( *)path: \|\n((?:\1 .*\n)+)", step)
        patterns = [line.strip() for line in block[2].splitlines()]
        yield patterns, re.search(r"(?m)^ *include-hidden-files: true\b", step) is not None


def fits(pattern, parts):
    """Whether the parts of a pattern fit the parts of a path."""
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return fits(pattern[1:], parts) or bool(parts) and fits(pattern, parts[1:])
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and fits(pattern[1:], parts[1:])


def taken(patterns, include_hidden, folder):
    """The files below `folder`, where the job runs, that are uploaded: sorted, relative to it."""
    files = []
    for at, folders, names in os.walk(folder):
        if not include_hidden:
            folders[:] = [name for name in folders if not name.startswith(".")]
            names = [name for name in names if not name.startswith(".")]
        files += [Path(at, name).relative_to(folder) for name in names]
    return sorted(str(file) for file in files if is_taken(patterns, file.parts))


def is_taken(patterns, parts):
    result = False
    for pattern in patterns:
        segments = pattern.lstrip("!").strip("/").split("/")
        # A file does not fit a pattern for folders, but lies below it.
        whole = not pattern.endswith("/") and fits(segments, parts)
        if whole or fits([*segments, "**", "*"], parts):
            result = not pattern.startswith("!")
    return result
