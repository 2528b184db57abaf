#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "harness/field/rows/entry.h"
#include "harness/field/rows/line_text.h"

namespace walsoak::watch {
namespace {

constexpr std::array<std::string_view, 8> kNoDescriptors = {"cwd",  "rtd", "txt", "mem",
                                                            "mmap", "DEL", "ltx", "NOFD"};
// lsof.8, "TYPE"; those of files first.
constexpr std::array<std::string_view, 2> kFiles = {"REG", "VREG"};
constexpr std::array<std::string_view, 38> kOthers = {
    "DIR",     "VDIR",    "CHR",  "VCHR", "BLK",  "VBLK",    "FIFO",   "VFIFO",  "LINK",     "unix",
    "sock",    "IPv4",    "IPv6", "inet", "PIPE", "KQUEUE",  "PSXSHM", "PSXSEM", "NPOLICY",  "NEXUS",
    "a_inode", "netlink", "pack", "raw",  "raw6", "unknown", "systm",  "CHAN",   "FSEVENTS", "ATALK",
    "GDIR",    "GREG",    "LOCK", "STSO", "UNNM", "PAS",     "0000",   "ICMP"};

struct Field {
  std::string name;  // "3", "cwd"
  char lock = ' ';
};

// FD: a number or a name, the mode (r w u - or blank), the lock (a letter or blank).
std::optional<Field> field_of(std::string_view text) {
  for (const std::string_view name : kNoDescriptors) {
    if (!text.starts_with(name)) continue;
    const std::string_view rest = text.substr(name.size());
    if (rest.empty()) return Field{std::string(name)};
    if (rest.size() == 2 && rest[0] == '-') return Field{std::string(name), rest[1]};
    return std::nullopt;
  }
  // "*123": the last digits of a number that is too long for the column.
  const std::size_t begin = text.starts_with('*') ? 1 : 0;
  const std::size_t end = std::min(text.find_first_not_of("0123456789", begin), text.size());
  const std::string_view rest = text.substr(end);
  if (!is_number(text.substr(begin, end - begin)) || rest.size() > 2) return std::nullopt;
  if (!rest.empty() && std::string_view("rwu-").find(rest[0]) == rest.npos) return std::nullopt;
  if (rest.size() == 2 && std::string_view("rRwWuUNxX").find(rest[1]) == rest.npos) return std::nullopt;
  return Field{std::string(text.substr(0, end)), rest.size() == 2 ? rest[1] : ' '};
}

template <std::size_t n>
bool is_one_of(const std::array<std::string_view, n>& names, std::string_view text) {
  return std::find(names.begin(), names.end(), text) != names.end();
}

bool is_type(std::string_view text) {
  return is_one_of(kFiles, text) || is_one_of(kOthers, text);
}

// Where PID stands: behind it may come TID, TASKCMD, PGID and PPID, of which TASKCMD alone is a word; then
// USER, before FD at `fd`. Nothing where no number is there.
std::optional<std::size_t> pid_before(const std::vector<Token>& tokens, std::size_t fd) {
  std::size_t first = fd - 1;  // USER
  while (first > 1 && is_number(tokens[first - 1].text)) --first;
  const bool behind_a_word = first >= 4 && is_number(tokens[first - 2].text) &&
                             is_number(tokens[first - 3].text) && !is_number(tokens[first - 4].text);
  if (behind_a_word) return first - 3;
  if (first < fd - 1) return first;
  return first == 1 && is_number(tokens[0].text) ? std::optional<std::size_t>(0) : std::nullopt;
}

// COMMAND, PID, and the words between PID and USER.
void take_process(const std::vector<Token>& tokens, std::size_t fd, Entry& entry) {
  entry.begin = tokens[fd].at;
  if (fd < 2) return;
  const auto pid = pid_before(tokens, fd);
  if (!pid) return;
  entry.pid = number_of(tokens[*pid].text);
  entry.begin = tokens[*pid].at;
  for (std::size_t i = *pid + 1; i + 1 < fd; ++i)
    entry.task += (entry.task.empty() ? "" : " ") + std::string(tokens[i].text);
  if (*pid == 0) return;
  entry.command = std::string(tokens[*pid - 1].text);
  entry.begin = tokens[*pid - 1].at;
}

// DEVICE, then [SIZE/OFF] [NLINK] NODE, of which SIZE/OFF is blank for DEL, then NAME.
void take_file(std::string_view line, const std::vector<Token>& tokens, std::size_t type, Entry& entry) {
  std::size_t at = type + 1;
  std::vector<std::string_view> numbers;
  // A device is "254,0", or a number in base 16.
  const bool has_device = at < tokens.size() && !tokens[at].text.starts_with('/');
  if (has_device) ++at;
  for (; at < tokens.size() && numbers.size() < 3; ++at) {
    const std::string_view text = tokens[at].text;
    if (!is_number(text) && !text.starts_with("0t") && !text.starts_with("0x")) break;
    numbers.push_back(text);
  }
  if (!numbers.empty() && is_number(numbers.back()))
    entry.inode = static_cast<ino_t>(number_of(numbers.back()));
  if (numbers.size() >= 2 && is_number(numbers[0])) entry.bytes = number_of(numbers[0]);
  if (numbers.size() == 3) {
    entry.link_count = true;
    entry.deleted = numbers[1] == "0";
  }
  if (at >= tokens.size()) return;
  take_name(line.substr(tokens[at].at), entry);
  // "lsof app.db" shows names as they were given.
  entry.bare = entry.regular && !entry.path.starts_with('/');
  if (entry.bare) entry.path.insert(0, "/");
}

}  // namespace

std::optional<Entry> lsof_row(std::string_view line) {
  const auto tokens = tokens_of(line);
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    const auto field = field_of(tokens[i].text);
    // A bare number before such a word is a row's only where a process stands before it.
    if (!field || (i < 2 && is_number(tokens[i].text)) || !is_type(tokens[i + 1].text)) continue;
    Entry entry;
    entry.fd = field->name;
    entry.descriptor = !is_one_of(kNoDescriptors, field->name);
    entry.deleted_map = field->name == "DEL";
    entry.lock_column = true;
    // N is Solaris's NFS lock, whose owner is not known.
    entry.locked = field->lock != ' ' && field->lock != 'N';
    entry.regular = is_one_of(kFiles, tokens[i + 1].text);
    entry.type = std::string(tokens[i + 1].text);
    take_process(tokens, i, entry);
    take_file(line, tokens, i + 1, entry);
    return entry;
  }
  return std::nullopt;
}

}  // namespace walsoak::watch
