"""Makes matplotlib's SVG fit for standing beside others in one HTML page.

Text stays text, with fonts that are as wide as DejaVu Sans where that is missing; ids are the picture's
own, numbered, and only those that are referred to; the picture has a title and a role for screen readers. The white
card behind it is drawn by matplotlib, so that it works on a dark page. The same input gives the same bytes.
"""

import re
from html import escape

FONTS = "'DejaVu Sans', Verdana, sans-serif"


def embeddable(text, name, title):
    """`name` is the picture's, unique on its page; `title` says what it shows."""
    prefix = re.sub(r"[^A-Za-z0-9-]+", "-", name)
    # Numbered by first reference: matplotlib hashes unrounded coordinates, whose last bit may differ from run to run.
    numbers = {name: f"{prefix}-{n}" for n, name in enumerate(dict.fromkeys(re.findall(r'(?:url\(|href=")#([^)"]+)', text)))}
    text = re.sub(r' id="([^"]*)"', lambda at: f' id="{numbers[at[1]]}"' if at[1] in numbers else "", text)
    text = re.sub(r"url\(#([^)]+)\)", lambda at: f"url(#{numbers[at[1]]})", text)
    text = re.sub(r'href="#([^"]+)"', lambda at: f'href="#{numbers[at[1]]}"', text)
    text = re.sub(r"\s*<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r"'DejaVu Sans'(?:, sans-serif)?", FONTS, text)
    label = f'<title id="{prefix}-title">{escape(title)}</title>'
    role = f'role="img" aria-labelledby="{prefix}-title"'
    return re.sub(r"(<svg\b[^>]*)>", lambda at: f"{at[1]} {role}>\n {label}", text, count=1)
