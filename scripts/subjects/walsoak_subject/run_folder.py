"""The marker of walsoak's own folders. A board outside one may be somebody's data and is never opened."""

from pathlib import Path

MARKER = ".walsoak-run"


def refuse_outside(path):
    """Raises ValueError with a line for the user, unless the path, links resolved, is in a marked folder."""
    for folder in Path(path).resolve().parents:
        if (folder / MARKER).exists():
            return
    raise ValueError(f"{path}: lies in no folder of walsoak's; refused")
