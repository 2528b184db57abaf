"""What all plots share: the page (title, body, legend), reduction of long series, command line, saving.

Contract: a figure is ten inches wide (1100 pixels, GitHub's width), no text is below 9 points, and the same
run gives the same bytes. Errors are one line on stderr; exit codes 3 (usage, no run folder) and 4 (could not
be drawn).
"""

import argparse
import io
import math
import re
import sys
from pathlib import Path

try:
    import matplotlib

    matplotlib.use("Agg")
    import numpy as np
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties
    from matplotlib.layout_engine import ConstrainedLayoutEngine
    from matplotlib.textpath import TextToPath
except ImportError as missing:
    print(f"python3-matplotlib is needed: apt-get install python3-matplotlib ({missing})", file=sys.stderr)
    sys.exit(4)

from palette import GREY
from recorded import Run, RunError

WIDTH_IN, DPI = 10.0, 110
SMALL, NORMAL, LARGE = 9, 9.5, 12
MARGIN_IN = 0.1
TEXT_LINE_IN, TITLE_LINE_IN, LEGEND_LINE_IN = 0.165, 0.215, 0.215
MOST_POINTS = 600
TICK_LABEL = "tick (dispatcher pass; -1: before the first)"

# A user's matplotlibrc must not change the pictures.
matplotlib.rcdefaults()
matplotlib.rcParams.update({
    "font.family": "DejaVu Sans", "font.size": NORMAL,
    "axes.titlesize": SMALL, "axes.labelsize": SMALL, "xtick.labelsize": SMALL, "ytick.labelsize": SMALL,
    "legend.fontsize": SMALL, "axes.grid": True, "axes.axisbelow": True, "grid.color": "#DDDDDD",
    "axes.spines.top": False, "axes.spines.right": False, "hatch.linewidth": 0.8, "svg.hashsalt": "walsoak",
})


def width_in(text, size=SMALL, weight="normal"):
    """The width of one line of text in inches."""
    font = FontProperties(family="DejaVu Sans", size=size, weight=weight)
    return TextToPath().get_text_width_height_descent(text, font, ismath=False)[0] / 72


def wrap(parts, limit_in, size=SMALL, weight="normal", gap="  "):
    """Fills lines of at most `limit_in` inches with the parts; one too long breaks after = or _ or a blank."""
    lines = []
    for part in parts:
        if lines and width_in(lines[-1] + gap + part, size, weight) <= limit_in:
            lines[-1] += gap + part
            continue
        pieces = [piece for piece in re.split("(?<=[=_ ])", part) if piece]
        if len(pieces) == 1 or width_in(part, size, weight) <= limit_in:
            lines.append(part)
        else:
            lines += wrap(pieces, limit_in, size, weight, "")
    return lines


def page(body_in, title, notes=(), legend=(), below=()):
    """A figure with its title and notes above, legend and lines of text below, and `body_in` inches for axes.

    Title, legend and text stand in strips of their own, so that no panel can run into them.
    """
    usable = WIDTH_IN - 2 * MARGIN_IN
    titles = [line for text in title.split("\n") for line in wrap(text.split(), usable, LARGE, "bold", " ")]
    notes = [line for text in notes for line in wrap(text.split(), usable, gap=" ")]
    below = [line for text in below for line in wrap(text.split(" "), usable, gap=" ")]
    columns = _legend_columns(legend, usable)
    header = MARGIN_IN + TITLE_LINE_IN * len(titles) + TEXT_LINE_IN * len(notes) + 0.06
    text_in = TEXT_LINE_IN * len(below)
    footer = MARGIN_IN + text_in + (0.05 if below else 0) + (LEGEND_LINE_IN * math.ceil(len(legend) / columns)
                                                             + 0.06 if legend else 0)
    height = header + body_in + footer
    area = (0.004, footer / height, 0.992, 1 - (header + footer) / height)
    figure = Figure(figsize=(WIDTH_IN, height), dpi=DPI, layout=ConstrainedLayoutEngine(rect=area))
    left, y = MARGIN_IN / WIDTH_IN, height - MARGIN_IN
    for line in titles:
        figure.text(left, y / height, line, size=LARGE, weight="bold", va="top")
        y -= TITLE_LINE_IN
    for line in notes:
        figure.text(left, y / height, line, size=SMALL, color="#444444", va="top")
        y -= TEXT_LINE_IN
    if legend:
        figure.legend(handles=list(legend), ncol=columns, frameon=False, loc="lower left", borderaxespad=0,
                      borderpad=0,
                      bbox_to_anchor=(left, (text_in + 0.07 + (0.05 if below else 0)) / height),
                      columnspacing=1.5, handlelength=2.6)
    for i, line in enumerate(below):
        figure.text(left, (0.05 + text_in - TEXT_LINE_IN * i) / height, line, size=SMALL, va="top")
    return figure


def _legend_columns(legend, usable):
    if not legend:
        return 1
    widest = max(width_in(handle.get_label()) for handle in legend) + 0.62
    return max(1, min(len(legend), int(usable / widest)))


def keep(series, limit=MOST_POINTS):
    """Indices of at most about `limit` points that keep the least and greatest of every series in each bin.

    `series` are sequences of one length; all lines of a picture that share them stay aligned. NaN is a gap.
    """
    series = [np.asarray(values, dtype=float) for values in series]
    length = len(series[0])
    if length <= limit:
        return np.arange(length)
    chosen = {0, length - 1}
    for part in np.array_split(np.arange(length), max(1, limit // (2 * len(series)))):
        for values in series:
            there = part[~np.isnan(values[part])]
            if len(there) == 0:
                chosen.add(int(part[0]))
                continue
            chosen.update((int(there[values[there].argmin()]), int(there[values[there].argmax()])))
    return np.array(sorted(chosen))


def rug(axes, ticks):
    """Short strokes at the upper edge where a worker was killed: the faults of a cell."""
    axes.plot(ticks, [0.985] * len(ticks), "|", color=GREY, markersize=7,
              transform=axes.get_xaxis_transform(),
              clip_on=False, gid="kills")


def save(figure, path, svg=False):
    """Writes PNG or SVG as the ending says, with `svg` an SVG beside it; returns the paths."""
    path = Path(path)
    paths = [path] + ([path.with_suffix(".svg")] if svg and path.suffix != ".svg" else [])
    for target in paths:
        kind = target.suffix[1:]
        if kind not in ("png", "svg"):
            raise RunError(f"{target}: the name must end in .png or .svg", 3)
        # Drawn in memory first: no reader meets half a picture. No date: two draws are equal.
        image = io.BytesIO()
        figure.savefig(image, format=kind, metadata={"Date": None} if kind == "svg" else {"Software": None})
        try:
            target.write_bytes(image.getvalue())
        except OSError as error:
            raise RunError(f"{target}: cannot be written ({error.strerror})", 4) from None
    return paths


class Parser(argparse.ArgumentParser):
    """Usage errors are one line and exit code 3."""

    def __init__(self, doc):
        super().__init__(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
        self.add_argument("run", metavar="RUN", help="the folder of a run")

    def error(self, message):
        self.exit(3, f"{self.prog}: {message} (see --help)\n")


def plot_parser(doc):
    parser = Parser(doc)
    parser.add_argument("-o", metavar="FILE", dest="out", required=True, help="the picture; .png or .svg")
    parser.add_argument("--title", metavar="T", help="instead of the title made from the run")
    parser.add_argument("--svg", action="store_true", help="write an SVG of the same name beside a PNG")
    return parser


def guarded(work):
    """Runs `work()` and turns a RunError into its line and exit code."""
    try:
        return work()
    except RunError as error:
        print(error, file=sys.stderr)
        return error.exit_code


def main(parser, figure, *options):
    """The whole of a plot's command line: `options` are the names of the arguments handed on to `figure`."""
    args = parser.parse_args()

    def work():
        if Path(args.out).suffix not in (".png", ".svg"):
            raise RunError(f"{args.out}: the name must end in .png or .svg", 3)
        drawn = figure(Run(args.run), title=args.title, **{name: getattr(args, name) for name in options})
        save(drawn, args.out, args.svg)
        return 0

    return guarded(work)
