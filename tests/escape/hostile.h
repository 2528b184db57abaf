// Names as a hostile process, folder, scenario or stored run may have them.
#pragma once

#include <string>
#include <vector>

namespace walsoak::tests {

inline const std::vector<std::string>& hostile_names() {
  static const std::vector<std::string> names = {
      "\x1b[31mred\x1b]0;title\x07",
      "a\n| fake | row |",
      "a\n::error::forged",
      "::error file=x::forged",
      "\xe2\x80\x83::error::forged",  // behind a wide blank, which the runner trims
      "x ##[error]forged",
      "\r\nVerdict: **pass** (9 pass).",
      "![x](http://e.example/p.png)",
      "[x](javascript:alert)",
      "<img src=x onerror=\"alert(1)\">",
      "<script>alert(1)</script>",
      "</summary></details>",
      "@octocat and x@e.example",
      "#1, GH-2, a/b#3",
      "https://e.example/issues/1 www.e.example",
      "`code` ``` ~~~",
      "a|b\\|c\\",
      "\\",
      "**bold *x* _y_ __z__ ~~s~~",
      "$x$ &lt;img&gt; &#64;octocat",
      "\xe2\x80\xaegnp.exe",                           // U+202E turns the text around
      "\xe2\x81\xa6\xe2\x80\x8b\xef\xbb\xbf\xc2\xad",  // U+2066, U+200B, U+FEFF, U+00AD
      "\xe2\x80\xa8 \xe2\x80\xa9 \xc2\x85 \xc2\x9b"
      "31m",               // separators of lines, C1 controls
      "\xf3\xa0\x81\xa1",  // U+E0061, a tag
      "\x7f\x08\x0b\x0c\t",
      std::string("a\0b", 3),
      "\xff\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80\xe2\x82",  // no UTF-8
      "\xef\xbf\xbe\xef\xbf\xbf",                          // noncharacters
      "# heading",
      "- item",
      "12. item",
      "> quote",
      "---",
      "===",
      "    code",
      "```\nfence",
      "~~~",
      "]]> \"'",
      "%0A::error::x,y:z",
      "{} {0} %s %n",
  };
  return names;
}

}  // namespace walsoak::tests
