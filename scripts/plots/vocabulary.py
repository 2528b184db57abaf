"""Findings, mechanisms and faults as walsoak's tables have them: schemas/vocabulary.json, which scripts/dev/generate-vocabulary writes.

Contract: FINDINGS are rows {"name", "harm", "colour", "meaning"}, worst first; MECHANISMS are those with a letter;
FAULTS are rows {"name", "keys", "lasts", "summary"}.
"""

import json
from pathlib import Path

_WORDS = json.loads((Path(__file__).resolve().parents[2] / "schemas" / "vocabulary.json").read_text(encoding="utf-8"))

FINDINGS = tuple(_WORDS["findings"])
FAULTS = tuple(_WORDS["faults"])
MECHANISMS = tuple(row for row in _WORDS["mechanisms"] if row["letter"])
