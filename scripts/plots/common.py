"""What all plots share: the page (title, body, legend), command line, saving.

Contract: a figure is ten inches wide (1100 pixels, GitHub's width), no text is below 9 points, and the same
run gives the same bytes. Errors are one line on stderr; exit codes 3 (usage, no run folder) and 4 (could
not be drawn).
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
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties
    from matplotlib.layout_engine import ConstrainedLayoutEngine
    from matplotlib.textpath import TextToPath
except ImportError as missing:
    print(f"python3-matplotlib is needed: apt-get install python3-matplotlib ({missing})", file=sys.stderr)
    sys.exit(4)

from errors import RunError
from recorded import Run
from svg import embeddable

WIDTH_IN, DPI = 10.0, 110
SMALL, NORMAL, LARGE = 9, 9.5, 12
MARGIN_IN = 0.1
TEXT_LINE_IN, TITLE_LINE_IN, LEGEND_LINE_IN = 0.165, 0.215, 0.215

# A user's matplotlibrc must not change the pictures.
matplotlib.rcdefaults()
matplotlib.rcParams.update({
    "font.family": "DejaVu Sans", "font.size": NORMAL,
    "axes.titlesize": SMALL, "axes.labelsize": SMALL, "xtick.labelsize": SMALL, "ytick.labelsize": SMALL,
    "legend.fontsize": SMALL, "axes.grid": True, "axes.axisbelow": True, "grid.color": "#DDDDDD",
    "axes.spines.top": False, "axes.spines.right": False, "hatch.linewidth": 0.8,
    "svg.hashsalt": "walsoak", "svg.fonttype": "none",
})


def width_in(text, size=SMALL, weight="normal"):
    """The width of one line of text in inches."""
    font = FontProperties(family="DejaVu Sans", size=size, weight=weight)
    return TextToPath().get_text_width_height_descent(text, font, ismath=False)[0] / 72


def wrap(parts, limit_in, size=SMALL, weight="normal", gap="  "):
    """Fills lines of at most `limit_in` inches with the parts; one too long breaks after = _ - or a blank."""
    lines = []
    for part in parts:
        if lines and width_in(lines[-1] + gap + part, size, weight) <= limit_in:
            lines[-1] += gap + part
            continue
        pieces = [piece for piece in re.split("(?<=[=_ -])", part) if piece]
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
    for handle in legend:
        handle.set_label("\n".join(wrap(handle.get_label().split(" "), usable - 0.62, gap=" ")))
    columns = _legend_columns(legend, usable)
    header = MARGIN_IN + TITLE_LINE_IN * len(titles) + TEXT_LINE_IN * len(notes) + 0.06
    text_in = TEXT_LINE_IN * len(below)
    # The legend's rows are as high as its longest label.
    row_in = LEGEND_LINE_IN + TEXT_LINE_IN * max((handle.get_label().count("\n") for handle in legend), default=0)
    footer = MARGIN_IN + text_in + (0.05 if below else 0) + (row_in * math.ceil(len(legend) / columns) + 0.06
                                                             if legend else 0)
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
    widest = max(width_in(line) for handle in legend for line in handle.get_label().split("\n")) + 0.62
    return max(1, min(len(legend), int(usable / widest)))


def save(figure, path):
    """Writes PNG or SVG as the ending says, and returns the path."""
    path = Path(path)
    kind = path.suffix[1:]
    if kind not in ("png", "svg"):
        raise RunError(f"{path}: the name must end in .png or .svg", 3)
    # Drawn in memory first: no reader meets half a picture. No date: two draws are equal.
    image = io.BytesIO()
    figure.savefig(image, format=kind, metadata={"Date": None} if kind == "svg" else {"Software": None})
    content = image.getvalue()
    if kind == "svg":
        content = embeddable(content.decode(), path.stem, figure.texts[0].get_text()).encode()
    try:
        path.write_bytes(content)
    except OSError as error:
        raise RunError(f"{path}: cannot be written ({error.strerror})", 4) from None
    return path


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
        save(drawn, args.out)
        if args.svg and Path(args.out).suffix != ".svg":
            save(drawn, Path(args.out).with_suffix(".svg"))
        return 0

    return guarded(work)
