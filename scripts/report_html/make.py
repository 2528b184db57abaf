#!/usr/bin/env python3
"""Makes report.html of a run: one file that loads nothing, from the text and the cells that walsoak hands over.

usage: walsoak report RUN --html          which calls this; or, with what it hands over on stdin:
       scripts/report_html/make.py RUN < PAGE > report.html

PAGE is the JSON of harness/report/render/page.h, redacted already. Of the folder RUN the pictures alone are read, and
nothing is written to it. Exit codes: 4 the page could not be made (one line on stderr), 3 usage, 0.
"""

import base64
import hashlib
import json
import os
import re
import sys
from pathlib import Path
from urllib.parse import unquote

try:
    import jinja2
except ImportError as missing:
    print(f"python3-jinja2 is needed: apt-get install python3-jinja2 ({missing})", file=sys.stderr)
    sys.exit(4)

# Under -I, which keeps the working folder out, Python does not look beside the script either.
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

import details
import dialect
from pictures import Gallery
from tables import FINDING_ROWS, table

TEMPLATES = Path(__file__).resolve().parent / "templates"
SLUG = re.compile(r"[^a-z0-9]+")


class Page:
    """The blocks of the text made ready for the templates: cells linked, pictures read, headings with places."""

    def __init__(self, content, gallery):
        self.content, self.gallery = content, gallery
        self.places = {cell["cell"]: f"cell-{SLUG.sub('-', cell['cell'].lower())}" for cell in content["cells"]}
        self.used = set(self.places.values()) | {"content", "cells-in-detail", "more-pictures", "words"}
        self.section = ""

    def place(self, words):
        """An id that no other part of the page has."""
        base = SLUG.sub("-", words.lower()).strip("-") or "part"
        name, number = base, 1
        while name in self.used:
            number += 1
            name = f"{base}-{number}"
        self.used.add(name)
        return name

    def ready(self, block):
        kind = block["kind"]
        if kind == "table":
            return table(self.section or "Table", block["columns"], block["rows"], self.places)
        if kind == "list":
            return {**block, "items": [[self.ready(one) for one in item] for item in block["items"]]}
        if kind == "details":
            return {**block, "blocks": [self.ready(one) for one in block["blocks"]]}
        if kind == "picture":
            shown = self.gallery.take(Path(unquote(block["path"])).stem, block["alt"])
            return {**block, "shown": shown}
        return block

    def sections(self, blocks):
        """The opening, and the sections by their headings of the second level."""
        opening, sections = [], []
        for block in blocks:
            if block["kind"] == "heading" and block["level"] == 2:
                self.section = dialect.text_of(block["spans"])
                sections.append({"title": block["spans"], "id": self.place(self.section), "blocks": []})
            elif block["kind"] == "heading" and block["level"] == 1:
                continue
            else:
                (sections[-1]["blocks"] if sections else opening).append(self.ready(block))
        return opening, sections

    def pictures_of(self, cell):
        """Those that the text does not show and whose names end with the cell's: ledgers-c01."""
        names = [name for name in self.gallery.waiting if name.endswith(f"-{cell}")]
        return [picture for name in names if (picture := self._picture(name))]

    def other_pictures(self):
        return [picture for name in list(self.gallery.waiting) if (picture := self._picture(name))]

    def _picture(self, name):
        words = name.replace("-", " ").replace("_", " ")
        shown = self.gallery.take(name, words)
        return {"kind": "picture", "alt": words, "path": f"pictures/{name}", "shown": shown} if shown else None


def title_of(blocks, otherwise):
    return next((dialect.text_of(block["spans"]) for block in blocks
                 if block["kind"] == "heading" and block["level"] == 1), otherwise)


def html(content, folder):
    """The whole page as text."""
    page = Page(content, Gallery(folder))
    blocks = dialect.parse(content["markdown"].splitlines())
    title = title_of(blocks, content["run"] or "A run of walsoak")
    opening, sections = page.sections(blocks)
    cells = [details.view(cell, page.places[cell["cell"]]) for cell in content["cells"]]
    for cell in cells:
        cell["pictures"] = page.pictures_of(cell["name"])
    more = page.other_pictures()
    script = (TEMPLATES / "page.js").read_text(encoding="utf-8")
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True,
                                     lstrip_blocks=True, undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    return environment.get_template("page.html").render(
        title=title, opening=opening, sections=sections, cells=cells, more=more, run=content["run"],
        part="segment" if any(cell.get("watched") for cell in content["cells"]) else "cell",
        walsoak=content["walsoak"], state=content["state"], left_out=content["cells_left_out"],
        pictures_left_out=page.gallery.left_out, script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        style=(TEMPLATES / "page.css").read_text(encoding="utf-8").replace("/* findings: */\n", finding_styles()))


def finding_styles():
    """The colours of the pictures; the word is written beside each."""
    return "".join(f'[data-finding="{row["name"]}"]::before {{ background: {row["colour"]}; }}\n' for row in FINDING_ROWS)


def main():
    if len(sys.argv) == 2 and sys.argv[1] in ("-h", "--help"):
        print(__doc__)
        return 0
    if len(sys.argv) != 2:
        print("make.py: one argument, the folder of a run (see --help)", file=sys.stderr)
        return 3
    try:
        text = html(json.load(sys.stdin), sys.argv[1])
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OSError, jinja2.TemplateError) as error:
        print(f"not a page that can be shown ({error!r})", file=sys.stderr)
        return 4
    sys.stdout.buffer.write(text.encode("utf-8", errors="replace"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
