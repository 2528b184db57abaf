"""Adds a dummy of each kind to a checkout: scripts/dev/check-additions calls it in a clone, and a test counts the files.

usage: additions.py count                  a line a kind: how many files an addition touches, and which
       additions.py apply FOLDER           adds all of them to the checkout in FOLDER

Contract: an addition is a list of (file, anchor, text): the text goes before the anchor; without an anchor it is a new
file. Documents and what scripts/dev/generate-vocabulary writes are not counted. Exit codes: 1 an anchor is not there (one
line), 3 usage, 0.
"""

import sys
from pathlib import Path

MECHANISM = [
    ("harness/model/vocabulary/mechanisms.h", "\n// Conditions that a diagnosis tells apart",
     'inline constexpr const char* kDummyCause = "dummy cause";\n'),
    ("harness/model/vocabulary/mechanisms.cc", "      {kSidecarChurn,\n",
     "      {kDummyCause, 'Y', \"a dummy\", \"\", {\"take it away\"}, {}},\n"),
    ("harness/model/vocabulary/mechanisms.cc", "kSidecarChurn};", "kDummyCause, "),
    ("harness/judgement/mechanism/mechanisms.cc", "    {kSidecarChurn, nullptr, sidecar_churn},",
     "    {kDummyCause, nullptr, [](const Facts&) { return no(); }},\n"),
    ("scenarios/mechanism/dummy-cause.json", None,
     '{"schema_version": 1, "name": "mechanism-dummy-cause", "title": "A dummy", "question": "None?", "expect": "any"}\n'),
    ("scripts/repro/dummy-cause.py", None, '"""dummy cause: shows nothing."""\n'),
]
SETTING = [
    ("harness/model/vocabulary/settings.h", "  std::uint64_t seed;", "  std::int64_t dummy_setting;\n"),
    ("harness/model/vocabulary/settings.cc", '      integer("seed", 1, 0, kLargest,',
     '      integer("dummy_setting", 0, 0, 9, "nothing"),\n'),
    ("harness/model/vocabulary/settings.cc", '  get("seed", s.seed);', '  get("dummy_setting", s.dummy_setting);\n'),
    ("harness/boards/board/connect.cc", "}  // namespace walsoak::board",
     "[[maybe_unused]] static std::int64_t acts_on(const Settings& settings) {\n  return settings.dummy_setting;\n}\n\n"),
]
METRIC = [
    ("harness/model/vocabulary/metrics.cc", '    {"steps", "", counted, none,',
     '    {"dummy_metric", "", counted, none, "nothing"},\n'),
    ("harness/judgement/finding/metrics.cc", '  metrics["steps"] = steps.steps();', '  metrics["dummy_metric"] = 0;\n'),
]
FAULT = [
    ("harness/model/vocabulary/faults.cc", '      {"init-failure",', '      {"dummy-fault", {}, false, false, "does nothing"},\n'),
    ("harness/lab/session/fault_acts.cc", "}  // namespace walsoak::lab",
     "[[maybe_unused]] static bool is_dummy(const Fault& fault) {\n  return fault.name == \"dummy-fault\";\n}\n\n"),
    ("scripts/plots/palette.py", '                 "disk-full": "++",', '                 "dummy-fault": "oo",\n'),
]
STRATEGY = [
    ("strategies/dummy.cc", None, """// dummy: opens and closes for each use, as noop does nothing.
#include "strategies/strategy.h"

namespace walsoak {
namespace {

class Dummy final : public Strategy {
 public:
  bool use(const board::Board&, sqlite::Actor, const Work&) override { return false; }
};

const Registration registration({.name = "dummy", .summary = "does nothing, to try an addition"},
                                [](Host&) { return std::make_unique<Dummy>(); });

}  // namespace
}  // namespace walsoak
"""),
]
PICTURE = [
    ("scripts/plots/dummy.py", None, '"""Nothing, drawn."""\n\n\ndef tells(run):\n    return False\n\n\ndef figure(run):\n    return None\n'),
    ("scripts/plots/all.py", "import field_table\n", "import dummy\n"),
    ("scripts/plots/all.py", 'AFTER = {"rows": rows,', ""),
    ("harness/report/blocks/pictures.cc", '    {"locks", "locks held over time"},', '    {"dummy", "nothing over time"},\n'),
]
SECTION = [
    ("harness/report/blocks/dummy.h", None, """// A section that says nothing.
#pragma once

#include <string>

namespace walsoak::report {

std::string dummy_section();

}  // namespace walsoak::report
"""),
    ("harness/report/blocks/dummy.cc", None, """#include "harness/report/blocks/dummy.h"

namespace walsoak::report {

std::string dummy_section() {
  return {};
}

}  // namespace walsoak::report
"""),
    ("harness/report/blocks/CMakeLists.txt", "  DEPS", "  dummy.cc\n"),
    ("harness/report/render/report.cc", '#include "harness/report/blocks/field.h"', '#include "harness/report/blocks/dummy.h"\n'),
]
KINDS = {"mechanism": MECHANISM, "setting": SETTING, "metric": METRIC, "fault": FAULT, "strategy": STRATEGY,
         "picture": PICTURE, "report section": SECTION}


def files(kind):
    return list(dict.fromkeys(path for path, _, _ in KINDS[kind]))


def apply(home):
    """The first anchor that is missing, or None."""
    for additions in KINDS.values():
        for path, anchor, text in additions:
            file = home / path
            if anchor is None:
                file.write_text(text, encoding="utf-8")
                continue
            old = file.read_text(encoding="utf-8")
            if anchor not in old:
                return f"{path}: no line {anchor.strip()!r}"
            file.write_text(old.replace(anchor, text + anchor, 1), encoding="utf-8")
    return None


def main(arguments):
    match arguments:
        case ["count"]:
            for kind in KINDS:
                print(f"{kind}: {len(files(kind))} files: {', '.join(files(kind))}")
        case ["apply", folder]:
            if missing := apply(Path(folder)):
                print(missing, file=sys.stderr)
                return 1
        case _:
            print(__doc__, file=sys.stderr)
            return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
