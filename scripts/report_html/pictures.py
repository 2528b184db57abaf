"""Pictures that can stand inside a page: a run's SVGs cleaned and with ids of their own, or its PNGs as data.

Contract: what comes out holds no script, no reference to anything outside, no XML prolog; ids begin with the
picture's prefix. A picture that cannot be read, or that would make the page too large, is left out.
"""

import base64
import re
import xml.etree.ElementTree as ElementTree
from html import escape
from pathlib import Path

SVG, XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
ELEMENTS = {"svg", "g", "defs", "path", "use", "clipPath", "rect", "line", "polyline", "polygon", "circle", "ellipse",
            "text", "tspan", "image", "pattern", "symbol", "linearGradient", "radialGradient", "stop", "mask"}
OWN = re.compile(r"url\(\s*['\"]?#([^'\")]*)['\"]?\s*\)")
PNG_DATA = re.compile(r"data:image/png;base64,[A-Za-z0-9+/=\s]*$")
# Of an SVG; a larger one is shown as PNG. All together: the page stays a few MB.
MOST_SVG_BYTES, MOST_BYTES = 600_000, 2_000_000


class _Foreign(Exception):
    """The file holds what has no place in a page."""


def _value(name, value, prefix, named):
    """An attribute's value with the ids that it names; None where it must not stay."""
    if name == "id":
        # Of two elements with one id the first is meant; an id that nobody refers to names nothing.
        there = value in named
        named.discard(value)
        return prefix + value if there else None
    if name == "href":
        if value.startswith("#"):
            return f"#{prefix}{value[1:]}"
        return value if PNG_DATA.match(value) else None
    owned = OWN.sub(lambda found: f"url(#{prefix}{found[1]})", value)
    foreign = "url(" in OWN.sub("", value).replace(" ", "").lower() or "\\" in value
    return None if foreign or name.lower().startswith("on") else owned


def _named(root):
    """The ids that something in the picture refers to."""
    values = [value for element in root.iter() for value in element.attrib.values()]
    return {value[1:] for value in values if value.startswith("#")} | {
        name for value in values for name in OWN.findall(value)}


def _markup(element, prefix, named, out, root=None):
    if not isinstance(element.tag, str) or not element.tag.startswith(SVG):
        return
    tag = element.tag.removeprefix(SVG)
    if tag not in ELEMENTS:
        return
    out.append(f"<{tag}")
    attributes = {name.removeprefix(XLINK): value for name, value in element.attrib.items()}
    if root:
        attributes = {name: value for name, value in attributes.items() if name == "viewBox"} | root
    for name, value in attributes.items():
        # What is still in another namespace (xml:space, a drawing program's own) says nothing to a page.
        if "{" not in name and (kept := value if root else _value(name, value, prefix, named)) is not None:
            out.append(f' {name}="{escape(kept)}"')
    out.append(">")
    if tag in ("text", "tspan"):
        out.append(escape(element.text or ""))
    for child in element:
        _markup(child, prefix, named, out)
        if tag in ("text", "tspan"):
            out.append(escape(child.tail or ""))
    out.append(f"</{tag}>")


def _view_box(root):
    found = re.match(r"\s*0(?:\.0*)?[\s,]+0(?:\.0*)?[\s,]+([0-9.]+)[\s,]+([0-9.]+)\s*$", root.get("viewBox", ""))
    if root.tag != f"{SVG}svg" or not found:
        raise _Foreign
    return float(found[1]), float(found[2])


def inline_svg(text, prefix, label):
    """The SVG as markup for a page; `label` is what it shows, for who cannot see it. Raises _Foreign."""
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise _Foreign from error
    width, height = _view_box(root)
    # What matplotlib says in a style sheet of the picture would hold for the whole page.
    own = {"role": "img", "aria-label": label, "width": f"{width * 4 / 3:.0f}", "height": f"{height * 4 / 3:.0f}",
           "stroke-linejoin": "round", "stroke-linecap": "butt"}
    out = []
    _markup(root, prefix, _named(root), out, own)
    return "".join(out)


def _read(path, most):
    try:
        content = path.read_bytes() if path.stat().st_size <= most else b""
    except OSError:
        return b""
    return content


class Gallery:
    """The pictures of a run folder, each handed out once: `{"svg": markup}` or `{"png": data, "label": ...}`."""

    def __init__(self, folder):
        self.folder = Path(folder) / "pictures"
        self.left = MOST_BYTES
        names = {path.stem for ending in ("svg", "png") for path in self.folder.glob(f"*.{ending}")}
        self.waiting = sorted(names)
        self.left_out = []
        self.shown = 0

    def take(self, name, label):
        """The picture of this name (a stem); None where it is not there, was taken, or cannot be shown."""
        if name not in self.waiting:
            return None
        self.waiting.remove(name)
        self.shown += 1
        picture = self._svg(name, label) or self._png(name, label)
        if not picture:
            self.left_out.append(name)
        return picture

    def _svg(self, name, label):
        content = _read(self.folder / f"{name}.svg", min(MOST_SVG_BYTES, self.left))
        try:
            markup = inline_svg(content, f"p{self.shown}-", label) if content else ""
        except _Foreign:
            return None
        self.left -= len(markup)
        return {"svg": markup} if markup else None

    def _png(self, name, label):
        content = _read(self.folder / f"{name}.png", self.left * 3 // 4)
        if not content.startswith(b"\x89PNG\r\n\x1a\n"):
            return None
        data = base64.b64encode(content).decode()
        self.left -= len(data)
        return {"png": f"data:image/png;base64,{data}", "label": label}
