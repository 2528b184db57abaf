"""Reads a page as a browser would take it apart, for the tests of report.html: what it asks for, whether its elements
are balanced, its outline.
"""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "img", "hr", "input"}
# What would make a browser load something, or run a script that is not the page's own.
LOADING = {"src", "srcset", "href", "action", "data", "poster", "background", "formaction", "ping"}
FORBIDDEN = {"iframe", "object", "embed", "base", "form", "foreignobject", "audio", "video", "source"}


@dataclass
class Element:
    tag: str
    attributes: dict
    children: list = field(default_factory=list)

    def text(self):
        return " ".join("".join(self._words()).split())

    def _words(self):
        for child in self.children:
            if isinstance(child, str):
                yield child
            elif child.tag not in ("style", "script"):
                yield from child._words()

    def all(self, *tags):
        """Elements of these names below this one, in the order of the page."""
        for child in self.children:
            if isinstance(child, Element):
                if child.tag in tags:
                    yield child
                yield from child.all(*tags)

    def first(self, *tags):
        return next(self.all(*tags), None)


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open = [Element("page", {})]
        self.attributes = []

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice"
        element = Element(tag, dict(attrs))
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag):
        assert self.open[-1].tag == tag, f"</{tag}> where <{self.open[-1].tag}> is open, at {self.getpos()}"
        self.open.pop()

    def handle_data(self, data):
        self.open[-1].children.append(data)


def read(text):
    """The page as a tree. Fails where an element is not closed in its turn."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert len(reader.open) == 1, f"<{reader.open[-1].tag}> is never closed"
    return reader.open[0]


def assert_sound(page):
    """Nothing is loaded from elsewhere, each id is there once, links lead somewhere, tables have their headers."""
    everything = list(page.all(*{element.tag for element in _walk(page)}))
    for element in everything:
        assert element.tag not in FORBIDDEN, element.tag
        for name, value in element.attributes.items():
            assert not name.startswith("on"), (element.tag, name)
            if name.rpartition(":")[2] in LOADING:
                assert value.startswith(("#", "data:image/png;base64,")) or value == "data:,", (element.tag, value)
            elif name == "style":
                assert "url(" not in value.replace("url(#", ""), value
    ids = [element.attributes["id"] for element in everything if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    links = {element.attributes["href"][1:] for element in page.all("a", "use") if "href" in element.attributes}
    assert links <= set(ids), links - set(ids)
    assert len(list(page.all("script"))) == 1 and page.first("html").attributes["lang"] == "en"
    for table in page.all("table"):
        columns = list(table.first("thead").all("th"))
        assert columns and all(column.attributes["scope"] == "col" for column in columns)
        for row in table.first("tbody").all("tr"):
            assert len(list(row.all("th", "td"))) == len(columns)
    levels = [int(heading.tag[1]) for heading in page.all("h1", "h2", "h3", "h4")]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:])), levels


def _walk(element):
    for child in element.children:
        if isinstance(child, Element):
            yield child
            yield from _walk(child)


def outline(page):
    """The structure, a line for each part: headings, tables with their columns and rows, what unfolds, pictures."""
    lines = []

    def add(element, depth):
        for child in element.children:
            if not isinstance(child, Element):
                continue
            inner = depth
            if child.tag in ("h1", "h2", "h3", "h4"):
                lines.append(f"{'  ' * depth}{child.tag} {child.text()}")
            elif child.tag == "table":
                columns = " | ".join(head.text() for head in child.first("thead").all("th"))
                rows = len(list(child.first("tbody").all("tr")))
                lines.append(f"{'  ' * depth}table of {rows}: {columns}")
            elif child.tag == "details":
                lines.append(f"{'  ' * depth}details: {child.first('summary').text()}")
                inner = depth + 1
            elif child.tag == "figure":
                lines.append(f"{'  ' * depth}figure: {child.first('figcaption').text()}")
            elif child.tag in ("ul", "ol", "dl", "nav"):
                lines.append(f"{'  ' * depth}{child.tag} of {len(list(child.all('li', 'dt')))}")
            elif child.tag in ("p", "pre"):
                lines.append(f"{'  ' * depth}{child.tag}")
            if child.tag not in ("table", "figure", "nav", "summary", "dl", "style", "script"):
                add(child, inner)

    add(page, 0)
    return "\n".join(lines) + "\n"
