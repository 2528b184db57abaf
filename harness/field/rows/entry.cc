#include "harness/field/rows/entry.h"

#include "harness/field/rows/line_text.h"

namespace walsoak::watch {
namespace {

// Remarks of lsof behind a name: another device, a server's export, a map whose file is another by now.
bool is_remark(std::string_view inside) {
  return inside.starts_with("/dev/") || inside.find(':') != inside.npos || inside.find('=') != inside.npos ||
         inside.starts_with("//");
}

// "nas:/export", "[fe80::1]:/export", "//nas/share": of a map whose file is another one lsof says "path
// inode=N".
bool is_server(std::string_view inside) {
  return inside.starts_with("//") || (!inside.starts_with('/') && inside.find(":/") != inside.npos);
}

constexpr std::string_view kDescriptorFolder = "/fd/";

// "/proc/4711/fd/3", "/proc/4711/task/4712/fd/3".
void take_descriptor_path(std::string_view path, Entry& entry) {
  constexpr std::string_view kProc = "/proc/";
  if (!path.starts_with(kProc)) return;
  const std::string_view rest = path.substr(kProc.size());
  const std::string_view pid = rest.substr(0, rest.find('/'));
  if (is_number(pid)) entry.pid = number_of(pid);
  constexpr std::string_view kTask = "/task/";
  const std::size_t task = path.find(kTask);
  if (task == path.npos) return;
  const std::string_view behind = path.substr(task + kTask.size());
  entry.task = std::string(behind.substr(0, behind.find('/')));
}

// find -ls puts a backslash before a blank, ls -b too.
std::string without_backslashes(std::string_view name) {
  std::string plain;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name.substr(i).starts_with("\\ ")) ++i;
    plain += name[i];
  }
  return plain;
}

}  // namespace

std::string_view unquoted(std::string_view name) {
  const bool quoted =
      name.size() >= 2 && (name.front() == '\'' || name.front() == '"') && name.back() == name.front();
  if (quoted) return name.substr(1, name.size() - 2);
  return name.starts_with('\'') ? name.substr(1) : name;
}

std::optional<std::int64_t> Entry::number() const {
  return descriptor && is_number(fd) ? std::optional(number_of(fd)) : std::nullopt;
}

void take_name(std::string_view name, Entry& entry) {
  while (name.ends_with(')')) {
    const std::size_t open = name.rfind(" (");
    if (open == name.npos) break;
    const std::string_view inside = name.substr(open + 2, name.size() - open - 3);
    if (inside == "deleted") {
      entry.deleted = true;
    } else if (!is_remark(inside)) {
      break;
    } else if (is_server(inside)) {
      entry.server = std::string(inside);
    }
    name = name.substr(0, open);
  }
  entry.path = std::string(name);
}

std::string type_of_target(std::string_view target) {
  for (const char* type : {"socket", "pipe", "anon_inode"})
    if (target.starts_with(std::string(type) + ":")) return type;
  return target.starts_with("/dev/") ? "CHR" : "";
}

std::optional<Entry> descriptor_link(std::string_view line) {
  constexpr std::string_view kArrow = " -> ";
  const std::size_t arrow = line.find(kArrow);
  if (arrow == line.npos) return std::nullopt;
  const auto before = tokens_of(line.substr(0, arrow));
  if (before.empty()) return std::nullopt;
  Entry entry;
  std::string_view link = unquoted(before.back().text);
  const std::size_t folder = link.rfind(kDescriptorFolder);
  if (folder != link.npos) {
    take_descriptor_path(link, entry);
    link = link.substr(folder + kDescriptorFolder.size());
  }
  if (!is_number(link)) return std::nullopt;
  entry.fd = std::string(link);
  take_name(without_backslashes(unquoted(line.substr(arrow + kArrow.size()))), entry);
  entry.regular = entry.path.starts_with('/') && !entry.path.starts_with("/dev/");
  entry.type = type_of_target(entry.path);
  // The time of a link in ls -l is that of its making: a log's timestamp stands before the mode.
  entry.begin = before.back().at;
  for (const Token& token : before) {
    const bool is_mode =
        token.text.size() >= 10 && token.text[0] == 'l' && (token.text[1] == 'r' || token.text[1] == '-');
    if (!is_mode) continue;
    entry.begin = token.at;
    std::string_view first = before.front().text;
    if (first.ends_with(':')) first.remove_suffix(1);
    if (&token == &before[1] && !entry.pid && is_number(first)) entry.pid = number_of(first);
  }
  return entry;
}

}  // namespace walsoak::watch
