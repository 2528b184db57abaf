"""What tests of the plots share: building a run to draw, and looking into figures. Puts scripts/plots on
the path."""

import itertools
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts" / "plots"))

import common  # noqa: F401 (chooses the Agg backend)
import synthetic_run as synthetic
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from recorded import Run


@pytest.fixture
def built(tmp_path):
    """Builds a run of (specs, axes) and reads it back."""
    numbers = itertools.count()
    return lambda made, **more: Run(synthetic.write_run(tmp_path / f"run{next(numbers)}", *made, **more))


def span_of(band):
    """The least and greatest x of a band, in data coordinates: axvspan() draws a polygon until Matplotlib 3.8, a rectangle since."""
    x = band.get_patch_transform().transform_path(band.get_path()).vertices[:, 0]
    return x.min(), x.max()


def drawn_texts(figure, monkeypatch):
    """Every text that is really drawn, with its box in pixels."""
    found = []
    draw = Text.draw

    def recording(self, renderer, *args, **kwargs):
        if self.get_visible() and self.get_text().strip():
            found.append(self)
        return draw(self, renderer, *args, **kwargs)

    monkeypatch.setattr(Text, "draw", recording)
    FigureCanvasAgg(figure).draw()
    monkeypatch.undo()
    assert found
    return [(text, text.get_window_extent()) for text in dict.fromkeys(found)]


def assert_readable(figure, monkeypatch):
    """No text below nine points, none cut off at the edge, none upon another; GitHub's width."""
    assert figure.get_figwidth() * figure.dpi == 1100
    texts = drawn_texts(figure, monkeypatch)
    for text, box in texts:
        assert text.get_fontsize() >= 9, text
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= 1100 and box.y1 <= figure.bbox.y1, f"cut off: {text}"
    for (one, a), (other, b) in itertools.combinations(texts, 2):
        apart = a.x1 <= b.x0 + 1 or b.x1 <= a.x0 + 1 or a.y1 <= b.y0 + 2 or b.y1 <= a.y0 + 2
        assert apart, f"{one} upon {other}"


def legend_of(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def text_of(figure):
    return "\n".join(text.get_text() for text in figure.findobj(Text))


def gids(axes):
    return [artist.get_gid() for artist in axes.get_children() if artist.get_gid()]


def line(axes, gid):
    return next(artist for artist in axes.lines if artist.get_gid() == gid)
