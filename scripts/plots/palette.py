"""The fixed colours of walsoak's pictures, after Okabe and Ito: safe for the colour-blind.

A class, a strategy, a fault and a finding look the same in every picture. No meaning hangs on colour alone:
classes are stacked in a fixed order and differ in brightness or hatch, deleted files are hatched,
strategies and findings are written out beside.
"""

from vocabulary import FINDINGS, MECHANISMS

BLACK, GREY, SILVER = "#000000", "#777777", "#BBBBBB"
ORANGE, SKY, GREEN, YELLOW = "#E69F00", "#56B4E9", "#009E73", "#F0E442"
BLUE, VERMILION, PURPLE, BROWN = "#0072B2", "#D55E00", "#CC79A7", "#6B3F1D"

# Descriptor classes in the order of their stack. The three of a WAL database differ most in grey; those that are rare
# are hatched. DARK are shades for lines drawn upon them.
CLASSES = {"other": "#E6E6E6", "main": BLUE, "guard": SKY, "wal": ORANGE, "shm": YELLOW, "journal": PURPLE}
DARK = {"main": "#00304D", "wal": "#6B4A00", "shm": "#6B6400"}
CLASS_NAMES = {"other": "all other descriptors", "main": "main file", "guard": "lock guard on main", "wal": "-wal",
               "shm": "-shm", "journal": "-journal"}
CLASS_HATCHES = {"guard": "..", "journal": "xx"}

# How a file stands for which a descriptor is held.
DELETED_HATCH, REPLACED_HATCH = "/////", "ooo"
NOT_RUN_HATCH, NOT_KNOWN_HATCH = "///", "xxx"

# The locks of a process on a board while it holds its files. No two alike in grey or without their hatch.
LOCKS = {
    "nothing held": ("#F4F4F4", ""),
    "held and locked": (SKY, ""),
    "-wal held without a lock": (VERMILION, "\\\\\\\\"),
    "deleted sidecar held": (BLACK, "..."),
}

# Faults are bands in one translucent grey over everything; their kinds differ in the hatch. What is missing
# is whitened.
FAULT_COLOUR, FAULT_EDGE = (0.45, 0.45, 0.45, 0.16), "#808080"
MISSING_COLOUR, MISSING_EDGE = (1, 1, 1, 0.6), "#888888"
FAULT_HATCHES = {"worker-kill": "", "fd-limit": "//", "corrupt-board": "xx", "replace-board": "\\\\", "io-error": "..",
                 "disk-full": "++", "long-reader": "--", "init-failure": "||", "raw-copy": "oo", "cut-shm": "**",
                 "hold-flock": "OO", "fork": "/."}

STRATEGIES = {
    "per-tick": BLUE,
    "wal-safe-close": SKY,
    "persistent": GREEN,
    "unclosed": VERMILION,
    "shared": PURPLE,
    "thread-local": ORANGE,
    "pool": YELLOW,
    "breathing-pool": BROWN,
    "noop": SILVER,
    "planted-leak": BLACK,
}

FINDING_COLOURS = {finding["name"]: finding["colour"] for finding in FINDINGS}

# One letter a mechanism, the same in every picture; a legend below spells those out that occur.
MECHANISM_LETTERS = {mechanism["name"]: mechanism["letter"] for mechanism in MECHANISMS}

VERDICT_MARKS = {"pass": "\u2713", "fail": "\u2717", "unknown": "?"}


# Where rows were looked for: colour and marker.
ROWS = {"inside": (ORANGE, "^"), "outside": (SKY, "v"), "final copy": (BLACK, "o")}

# Lines of cells with one strategy, which have one colour, differ in these.
LINE_STYLES = ("-", (0, (5, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)), (0, (3, 1, 1, 1, 1, 1)))
LINE_MARKERS = ("o", "s", "^", "D", "v", "P", "X")


def strategy_colour(name):
    """A strategy that is not walsoak's own is grey: its name stands beside its bars anyway."""
    return STRATEGIES.get(name, GREY)


def finding_colour(name):
    return FINDING_COLOURS.get(name, SILVER)
