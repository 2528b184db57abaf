// Escapes text for each medium that walsoak writes: terminal, Markdown, GitHub annotations, XML, HTML.
//
// A process name, a path, a setting's value or a string of a stored run may hold any bytes. The rule:
// - A stored document is escaped once, as a whole, where a text about it begins: visible_document() for a
//   terminal, an annotation, XML and report.html; markdown_document() for report.md. The sentences are then
//   made of harmless parts, and only the code that makes a sentence adds line breaks and marks.
// - A name that is in no document is escaped as an argument of format() and print(), by which programs print.
// - JSON on disk is not escaped: JSON does that itself.
// Takes any bytes. visible() may be applied twice, the others not. Pure functions.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace walsoak::escape {

using Json = nlohmann::ordered_json;

// One line of well-formed UTF-8 for people. Shown as \n, \x1b, \u202e or \U000e0041: control characters, line
// separators, what changes the direction of text, and what has no shape. Bytes that are no UTF-8 become \xff;
// ##[, by which GitHub's runner finds a command within a line, becomes #\x23[. Not reversible: a backslash
// stays as it is.
std::string visible(std::string_view text);
// The same of every string and key.
Json visible_document(const Json& document);
// The same of text that has lines: a line feed stays.
std::string visible_lines(std::string_view text);

// Whether JSON can hold it.
bool is_utf8(std::string_view text);

// Inline text of GitHub's Markdown, anywhere but in code; visible() first. Character references take the
// place of what is a mark, so that no later step (a cut, a JSON string, a table) makes a mark of it again.
// Breaks by an unseen blank what GitHub makes a link of: @name, #123, GH-123, https://, www.
std::string markdown(std::string_view text);
Json markdown_document(const Json& document);
// `text` as a code span with its backticks.
std::string markdown_code(std::string_view text);
// A relative path as the target of a link or picture; other bytes than letters, digits and -._/ become %41.
std::string markdown_target(std::string_view path);

// Element content, and with line feeds spelled out an attribute's value between double quotes.
std::string xml(std::string_view text);
std::string xml_attribute(std::string_view text);
// HTML content, of which report.md has its <summary> alone: report.html is escaped by jinja2.
std::string html(std::string_view text);

// The message of a workflow command (behind its second ::), and a value of its properties. Line feeds stay,
// as %0A.
std::string workflow_message(std::string_view text);
std::string workflow_property(std::string_view text);

// Text of which no line is a workflow command, as GitHub's runner reads them: a line that begins with ::, or
// ##[ anywhere in it. Only print() needs it.
std::string without_commands(std::string_view text);

// JSON for a terminal: ASCII, and no workflow command. Indented by `indent`, or one line for -1. Bytes in
// strings that are no UTF-8 become U+FFFD.
std::string json(const Json& document, int indent = -1);
// The same of text that is JSON already, a value a line.
std::string json_lines(std::string_view text);

}  // namespace walsoak::escape
