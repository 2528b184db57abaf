"""Reads the Markdown that report.md is written in into blocks: what report.html shows is that text.

Contract: the dialect is that of harness/report/text - headings, paragraphs, lists, tables, fenced code, pictures,
<details>. Whatever else stands there is text. Nothing here is HTML: a block is a dict with a `kind`, a run of
text a list of (kind, value) spans, and the templates escape every value.
"""

import re

HEADING = re.compile(r"(#{1,6}) +(.*?) *#*$")
FENCE = re.compile(r"(`{3,}|~{3,})\s*([A-Za-z0-9+-]*)\s*$")
ITEM = re.compile(r"([-*+]|\d{1,9}[.)])( +)(?=\S)")
PICTURE = re.compile(r"!\[([^\]]*)\]\(([^()\s]+)\)$")
RULE = re.compile(r"\|?[ :]*-+[-| :]*$")
OPENS = re.compile(r"<details(?: open)?>\s*(?:<summary>(.*?)</summary>)?\s*(.*)$")
SUMMARY = re.compile(r"<summary>(.*?)</summary>\s*$")
CLOSES = "</details>"
LINE_BREAK = re.compile(r"<br ?/?>")
SPANS = re.compile(
    r"(?P<escape>\\[!-/:-@\[-`{-~])"
    r"|(?P<ticks>`+)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)"
    r"|\*\*(?=\S)(?P<strong>.+?)(?<=\S)\*\*"
    r"|\*(?=[^\s*])(?P<em>[^*]+?)(?<=\S)\*"
    r"|!?\[(?P<label>[^\]]*)\]\((?P<target>[^()\s]+)\)")
# As harness/base/escape writes them: those with a name, and ASCII by number. The blank that parts a name from what
# GitHub would make a link of has no use in a page.
ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&amp;": "&", "&#39;": "'", "&#8203;": ""}
ENTITY = re.compile("|".join(ENTITIES) + r"|&#(\d{2,3});")


def _plain(text):
    return ENTITY.sub(lambda found: ENTITIES.get(found.group()) or (chr(int(found[1])) if found[1] else ""), text)


def spans(text):
    """A line of text as (kind, value) pairs: text, code, strong, em, break; the values of strong and em are spans."""
    result = []

    def add(kind, value):
        if kind == "text" and result and result[-1][0] == "text":
            value = result.pop()[1] + value
        if value or kind == "break":
            result.append((kind, value))

    def add_text(part):
        for number, line in enumerate(LINE_BREAK.split(part)):
            if number:
                add("break", "")
            add("text", _plain(line))

    at = 0
    for found in SPANS.finditer(text):
        add_text(text[at:found.start()])
        at = found.end()
        if found["escape"]:
            add("text", found["escape"][1])
        elif found["code"]:
            # Inside code nothing but the pipe of a table is escaped.
            add("code", _plain(found["code"].strip() or found["code"]).replace("\\|", "|"))
        elif found["strong"]:
            add("strong", spans(found["strong"]))
        elif found["em"]:
            add("em", spans(found["em"]))
        else:
            # A page that loads nothing leads nowhere either: a name and where it stands.
            label = text_of(spans(found["label"]))
            add("text", label if label == found["target"] else f"{label} ({found['target']})")
    add_text(text[at:])
    return result


def text_of(parts):
    """Spans as plain text."""
    return "".join(text_of(value) if isinstance(value, list) else value for _, value in parts)


def cells_of(line):
    """The texts of a table's row; a pipe after a backslash belongs to its cell."""
    parts = re.split(r"(?<!\\)\|", line.strip().removeprefix("|"))
    if parts and not parts[-1].strip():
        parts.pop()
    return [part.strip() for part in parts]


class _Lines:
    """Lines with a place; what is taken is gone."""

    def __init__(self, lines):
        self.lines, self.at = lines, 0

    def __bool__(self):
        return self.at < len(self.lines)

    def peek(self, ahead=0):
        place = self.at + ahead
        return self.lines[place] if place < len(self.lines) else ""

    def take(self):
        self.at += 1
        return self.lines[self.at - 1]


def _code(lines):
    fence = FENCE.match(lines.take().strip())
    kept = []
    while lines:
        line = lines.take()
        if line.strip() == fence[1]:
            break
        kept.append(line)
    return {"kind": "code", "language": fence[2], "text": "\n".join(kept)}


class _Nesting:
    """Whether the lines seen so far leave a <details> open; what stands in fenced code does not count."""

    def __init__(self):
        self.depth, self.fence = 0, None

    def see(self, line):
        text = line.strip()
        fence = FENCE.match(text)
        if self.fence:
            self.fence = None if text == self.fence else self.fence
        elif fence:
            self.fence = fence[1]
        elif OPENS.match(text):
            self.depth += 1
        elif text == CLOSES:
            self.depth -= 1
        return self.depth


def _details(lines):
    nesting = _Nesting()
    opening = OPENS.match(lines.peek().strip())
    nesting.see(lines.take())
    summary, inner = opening[1], [opening[2]]
    while lines:
        line = lines.take()
        if nesting.see(line) == 0:
            break
        inner.append(line)
    rest = "\n".join(inner).strip("\n").split("\n")
    if summary is None and (found := SUMMARY.match(rest[0].strip())):
        summary, rest = found[1], rest[1:]
    return {"kind": "details", "summary": spans(summary or "more"), "blocks": parse(rest)}


def _table(lines):
    columns = [spans(cell) for cell in cells_of(lines.take())]
    lines.take()
    rows = []
    while lines and lines.peek().strip().startswith("|"):
        row = [spans(cell) for cell in cells_of(lines.take())]
        rows.append((row + [[]] * len(columns))[:len(columns)])
    return {"kind": "table", "columns": columns, "rows": rows}


def _item(lines):
    """The lines of one list item, without its marker and its indentation."""
    first = lines.take().lstrip()
    marker = ITEM.match(first)
    kept, nesting = [first[marker.end():]], _Nesting()
    nested = nesting.see(kept[0]) > 0
    while lines:
        # A line belongs to the item by its indentation, or by the next one's where it is empty.
        line = lines.peek() if lines.peek().strip() else lines.peek(1)
        if not nested and not line.startswith("  "):
            break
        kept.append(lines.take())
        nested = nesting.see(kept[-1]) > 0 or nesting.fence is not None
    margin = next((len(line) - len(line.lstrip()) for line in kept[1:] if line.strip()), 0)
    return parse(kept[:1] + [line[min(margin, len(line) - len(line.lstrip())):] for line in kept[1:]])


def _list(lines):
    ordered = lines.peek().lstrip()[0].isdigit()
    items = []
    while lines:
        # A blank line between two items does not end their list.
        ahead = 0 if lines.peek().strip() else 1
        marker = ITEM.match(lines.peek(ahead).lstrip())
        if not marker or marker[1][0].isdigit() != ordered:
            break
        lines.at += ahead
        items.append(_item(lines))
    return {"kind": "list", "ordered": ordered, "items": items}


def _is_table(lines):
    return lines.peek().strip().startswith("|") and bool(RULE.match(lines.peek(1).strip() or "x"))


def _starts_block(lines):
    text = lines.peek().strip()
    return bool(not text or HEADING.match(text) or FENCE.match(text) or ITEM.match(text) or PICTURE.match(text)
                or OPENS.match(text) or _is_table(lines))


def _paragraph(lines):
    words = [lines.take().strip()]
    while lines and not _starts_block(lines):
        words.append(lines.take().strip())
    return {"kind": "paragraph", "spans": spans(" ".join(words))}


def parse(lines):
    """The blocks of a text that is given as lines."""
    lines = _Lines(lines)
    blocks = []
    while lines:
        text = lines.peek().strip()
        if not text:
            lines.take()
        elif FENCE.match(text):
            blocks.append(_code(lines))
        elif heading := HEADING.match(text):
            lines.take()
            blocks.append({"kind": "heading", "level": len(heading[1]), "spans": spans(heading[2])})
        elif OPENS.match(text):
            blocks.append(_details(lines))
        elif picture := PICTURE.match(text):
            lines.take()
            blocks.append({"kind": "picture", "alt": text_of(spans(picture[1])), "path": picture[2]})
        elif _is_table(lines):
            blocks.append(_table(lines))
        elif ITEM.match(text):
            blocks.append(_list(lines))
        else:
            blocks.append(_paragraph(lines))
    return blocks
