#include "harness/evidence/record/hidden_paths.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <initializer_list>
#include <vector>

namespace walsoak::record {
namespace {

constexpr std::string_view kQuotes = "'\"";
constexpr std::string_view kEnds = "'\"`<>| \t\r\n";
// Text that may follow a file's name: a line's number, a function, a clause.
constexpr std::string_view kBehindName = ":;,?#()[]{}=&";

constexpr std::array<std::string_view, 18> kKeptEndings = {".py", ".so",  ".c",    ".cc",   ".cpp", ".h",
                                                           ".js", ".mjs", ".cjs",  ".ts",   ".rb",  ".go",
                                                           ".rs", ".sh",  ".java", ".json", ".php", ".jsonl"};

bool among(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// A byte of a name in another script than ours counts as a letter.
bool letter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

std::vector<std::string_view> parts_of(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const std::string_view part = path.substr(0, path.find('/'));
    if (!part.empty()) parts.push_back(part);
    path.remove_prefix(std::min(part.size() + 1, path.size()));
  }
  return parts;
}

bool same_everywhere(const std::vector<std::string_view>& parts) {
  const auto has = [&parts](std::string_view part) {
    return std::find(parts.begin(), parts.end(), part) != parts.end();
  };
  if (has("..")) return false;
  if (parts[0] == "usr") return parts[1] != "local";
  if (parts[0] == "proc") return !has("root") && !has("cwd");
  if (parts[0] == "dev") {
    return among(parts[1], {"null", "zero", "full", "random", "urandom", "tty", "pts", "fd", "stdin",
                            "stdout", "stderr"});
  }
  return among(parts[0], {"bin", "sbin", "lib", "lib32", "lib64", "libx32"});
}

bool is_kept(std::string_view name) {
  if (among(name, {"kanban.db", "kanban.db-wal", "kanban.db-shm", "kanban.db-journal"})) return true;
  if (name.find(".so.") != std::string_view::npos) return true;
  if (name.starts_with("python") && name.find_first_not_of("0123456789.", 6) == std::string_view::npos)
    return true;
  return std::any_of(kKeptEndings.begin(), kKeptEndings.end(), [name](std::string_view ending) {
    return name.size() > ending.size() && name.ends_with(ending);
  });
}

bool begins_path(std::string_view text, std::size_t at) {
  if (text[at] != '/' || at + 1 == text.size()) return false;
  const char next = text[at + 1];
  if (!letter(next) && next != '.' && next != '-' && next != '/' && next != '\\') return false;
  if (at == 0) return true;
  // Behind these it goes on with a relative path, or closes a tag.
  const char before = text[at - 1];
  if (before == '*') return at < 2 || text[at - 2] != '/';
  return !letter(before) && std::string_view("-./~<)]}\\").find(before) == std::string_view::npos;
}

// The quote that the word begins with, for which it ends only where that closes; 0 for none.
char quote_of_word(std::string_view text, std::size_t at) {
  std::size_t begin = at;
  while (begin > 0 && std::isspace(static_cast<unsigned char>(text[begin - 1])) == 0) --begin;
  if (kQuotes.find(text[at > 0 ? at - 1 : 0]) != std::string_view::npos && at > 0) return text[at - 1];
  return kQuotes.find(text[begin]) != std::string_view::npos ? text[begin] : '\0';
}

std::size_t end_of_path(std::string_view text, std::size_t at) {
  if (const char quote = quote_of_word(text, at); quote != '\0') {
    const std::size_t line = std::min(text.find('\n', at), text.size());
    if (const std::size_t closed = text.find(quote, at); closed < line) return closed;
  }
  std::size_t end = std::min(text.find_first_of(kEnds, at), text.size());
  // One path of a list of them.
  for (const std::string_view between : {":/", ",/", ";/"}) {
    end = std::min(end, text.find(between, at));
  }
  return end;
}

std::string shown(std::string_view path) {
  std::string_view body = path;
  while (!body.empty() && std::string_view(".,;:!?)]}/").find(body.back()) != std::string_view::npos) {
    body.remove_suffix(1);
  }
  const std::string_view tail = path.substr(body.size());
  const std::size_t slash = body.rfind('/');
  const std::string_view last = slash == std::string_view::npos ? "" : body.substr(slash + 1);
  const std::string_view name = last.substr(0, last.find_first_of(kBehindName));
  const std::vector<std::string_view> parts = parts_of(body);
  if (parts.size() < 2 || same_everywhere(parts)) return std::string(path);
  const std::string_view behind = last.substr(name.size());
  return "PATH" + (is_kept(name) ? "/" + std::string(name) : "") + std::string(behind) + std::string(tail);
}

// Of http://..., at its colon: how far it reaches; 0 where this is no URL. A file:// names a path.
std::size_t end_of_url(std::string_view text, std::size_t at) {
  if (!text.substr(at).starts_with("://") || at == 0 || !letter(text[at - 1])) return 0;
  if (text.substr(0, at).ends_with("file")) return at + 3;
  return std::min(text.find_first_of(kEnds, at), text.size());
}

}  // namespace

std::string hide_paths(std::string_view text) {
  std::string result;
  std::size_t at = 0;
  bool behind_url = false;
  while (at < text.size()) {
    if (const std::size_t url_end = end_of_url(text, at); url_end != 0) {
      result.append(text.substr(at, url_end - at));
      at = url_end;
      behind_url = true;
    } else if (begins_path(text, at) || (behind_url && text[at] == '/')) {
      const std::size_t end = end_of_path(text, at);
      result += shown(text.substr(at, end - at));
      at = end;
      behind_url = false;
    } else {
      result += text[at++];
      behind_url = false;
    }
  }
  return result;
}

}  // namespace walsoak::record
