"""The fixed colours of walsoak's pictures, after Okabe and Ito: safe for the colour-blind.

A class, a strategy and a finding look the same in every picture. No meaning hangs on colour alone: classes
are stacked in a fixed order and differ in brightness, deleted files are hatched, strategies and findings are
written out beside.
"""

BLACK, GREY, SILVER = "#000000", "#777777", "#BBBBBB"
ORANGE, SKY, GREEN, YELLOW = "#E69F00", "#56B4E9", "#009E73", "#F0E442"
BLUE, VERMILION, PURPLE = "#0072B2", "#D55E00", "#CC79A7"

# Descriptor classes, dark to light: they stay apart in grey. DARK are shades for lines drawn upon them.
CLASSES = {"main": BLUE, "wal": ORANGE, "shm": YELLOW}
DARK = {"main": "#00304D", "wal": "#6B4A00", "shm": "#6B6400"}
CLASS_NAMES = {"main": "main file", "wal": "-wal", "shm": "-shm"}

DELETED_HATCH = "/////"
NOT_RUN_HATCH = "///"

STRATEGIES = {
    "per-tick": BLUE,
    "wal-safe-close": SKY,
    "persistent": GREEN,
    "unclosed": VERMILION,
    "shared": PURPLE,
    "thread-local": ORANGE,
    "pool": YELLOW,
    "noop": SILVER,
    "planted-leak": BLACK,
}

FINDING_COLOURS = {
    "data loss": VERMILION,
    "wedged": PURPLE,
    "leak": ORANGE,
    "bounded growth": YELLOW,
    "churn": SKY,
    "clean": GREEN,
    "unknown": SILVER,
}

# One letter a mechanism, the same in every picture; a legend below spells those out that occur.
MECHANISM_LETTERS = {
    "unclosed connection": "U", "deferred collection": "D", "zombie connection": "Z", "parked descriptors": "P",
    "connection per thread": "T", "lock lost": "L", "split generation": "S", "stale checkpoint": "K",
    "checkpoint starvation": "W", "descriptor exhaustion": "X", "replaced board": "R", "sidecar churn": "C",
}

VERDICT_MARKS = {"pass": "\u2713", "fail": "\u2717", "unknown": "?"}


def strategy_colour(name):
    """A strategy that is not walsoak's own is grey: its name stands beside its bars anyway."""
    return STRATEGIES.get(name, GREY)


def finding_colour(name):
    return FINDING_COLOURS.get(name, SILVER)
