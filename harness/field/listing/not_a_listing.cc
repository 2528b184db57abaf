#include "harness/field/listing/not_a_listing.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "harness/field/rows/line_text.h"
#include "harness/field/rows/line_time.h"

namespace walsoak::watch {
namespace {

bool is_lock_type(std::string_view word) {
  return word == "POSIX" || word == "FLOCK" || word == "OFDLCK" || word == "LEASE";
}

// Bytes where SQLite's unix VFS locks a main file or a -shm (sqlite.org/lockingv3.html, wal-index).
bool is_sqlite_byte(std::string_view word) {
  return word == "1073741824" || word == "1073741825" || word == "1073741826" || word == "120" ||
         word == "128";
}

bool has(const std::vector<Token>& tokens, std::string_view word) {
  return std::any_of(tokens.begin(), tokens.end(), [word](const Token& token) { return token.text == word; });
}

struct Count {
  std::int64_t number;
  std::optional<Moment> moment;
};

class Kinds {
 public:
  void accept(const std::string& line) {
    const auto tokens = tokens_of(line);
    if (tokens.empty()) return;
    if (accept_locks(tokens) || accept_fdinfo(line, tokens) || accept_fuser(line, tokens) ||
        accept_call(line, tokens))
      return;
    accept_count(line, tokens);
  }

  std::string words() const {
    if (locks_ > 0)
      return fmt::format("locks, and no open files{}", sqlite_locks_.empty() ? "" : ": " + holders());
    if (fdinfo_ > 1) return "positions and flags of /proc/PID/fdinfo, and no names of files";
    if (calls_ > 1) return "strace's calls, and no open files";
    if (fuser_) return "fuser's processes, and no count of their descriptors";
    if (counts_.size() > 1) return counts_words();
    return "no listing of open files";
  }

  // The process that the text names, if it is one.
  std::string pid() const {
    const std::set<std::int64_t>& pids = sqlite_locks_.empty() ? pids_ : sqlite_locks_;
    return pids.size() == 1 ? std::to_string(*pids.begin()) : "PID";
  }
  bool calls() const { return locks_ == 0 && fdinfo_ < 2 && calls_ > 1; }

 private:
  // /proc/locks "1: POSIX  ADVISORY  READ 4711 fe:00:1234 128 128", fdinfo's "lock:" before it, lslocks
  // "python3 4711 POSIX 4K READ 0 128 128 /data/app.db-shm".
  bool accept_locks(const std::vector<Token>& tokens) {
    const auto type = std::find_if(tokens.begin(), tokens.end(),
                                   [](const Token& token) { return is_lock_type(token.text); });
    if (type == tokens.end()) return has(tokens, "START") && has(tokens, "END") && ++locks_ > 0;
    const auto at = static_cast<std::size_t>(type - tokens.begin());
    const bool advisory = at + 3 < tokens.size() && tokens[at + 1].text == "ADVISORY";
    const bool before = at > 0 && is_number(tokens[at - 1].text);
    if (!advisory && !before) return false;
    ++locks_;
    const std::string_view pid = advisory ? tokens[at + 3].text : tokens[at - 1].text;
    const bool sqlite =
        std::any_of(type, tokens.end(), [](const Token& token) { return is_sqlite_byte(token.text); });
    if (is_number(pid)) (sqlite ? sqlite_locks_ : pids_).insert(number_of(pid));
    return true;
  }

  bool accept_fdinfo(const std::string& line, const std::vector<Token>& tokens) {
    constexpr std::string_view kKeys[] = {"pos:", "flags:", "mnt_id:", "ino:", "lock:", "eventfd-count:"};
    // "/proc/4711/fdinfo/3:pos:" of grep.
    const std::string_view first = tokens[0].text;
    if (std::none_of(std::begin(kKeys), std::end(kKeys), [&](std::string_view key) {
          return first == key || (first.ends_with(key) && first.find("/fdinfo/") != first.npos);
        }))
      return false;
    ++fdinfo_;
    constexpr std::string_view kProc = "/proc/";
    if (const std::size_t at = line.find(kProc); at != line.npos) {
      const std::string_view rest = std::string_view(line).substr(at + kProc.size());
      const std::string_view digits = rest.substr(0, rest.find('/'));
      if (is_number(digits)) pids_.insert(number_of(digits));
    }
    return true;
  }

  // "USER PID ACCESS COMMAND"; "/data/app.db: root 4711 F.... python3"; "/data/app.db: 4711 4712m".
  bool accept_fuser(const std::string& line, const std::vector<Token>& tokens) {
    if (has(tokens, "ACCESS") && has(tokens, "PID")) return fuser_ = true;
    const bool verbose = tokens.size() >= 3 && tokens[tokens.size() - 2].text.size() == 5 &&
                         tokens[tokens.size() - 2].text.find_first_not_of("cefFrmsS.") == std::string::npos;
    const bool named = line.starts_with('/') && tokens[0].text.ends_with(':') && tokens.size() > 1;
    if (!verbose && !named) return false;
    std::set<std::int64_t> found;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      const std::string_view word = tokens[i].text;
      const std::string_view digits = word.substr(0, word.find_first_not_of("0123456789"));
      if (is_number(digits) && word.size() <= digits.size() + 1) found.insert(number_of(digits));
    }
    if (found.empty()) return false;
    pids_.insert(found.begin(), found.end());
    return fuser_ = true;
  }

  // "[pid  4711] 12:00:00 openat(AT_FDCWD, \"/data/app.db\", O_RDWR) = 3".
  bool accept_call(const std::string& line, const std::vector<Token>& tokens) {
    const std::size_t open = line.find('('), result = line.rfind(" = ");
    const bool resumed = line.find("resumed>") != std::string::npos || line.ends_with("<unfinished ...>");
    if (!resumed && (open == std::string::npos || result == std::string::npos || open > result)) return false;
    if (!resumed && (open == 0 || line[open - 1] == ' ')) return false;
    ++calls_;
    const std::size_t at = tokens[0].text == "[pid" && tokens.size() > 1 ? 1 : 0;
    std::string_view word = tokens[at].text;
    if (word.ends_with(']')) word.remove_suffix(1);
    if (is_number(word)) pids_.insert(number_of(word));
    return true;
  }

  // A number alone, with a time before it in its line or in the line above.
  void accept_count(const std::string& line, const std::vector<Token>& tokens) {
    auto moment = time_in(line);
    for (const Token& token : tokens)
      if (!moment) moment = minute_in(token.text);
    if (moment) moment_ = moment;
    const std::string_view last = tokens.back().text, first = tokens.front().text;
    const bool alone = tokens.size() == 1 && is_number(first) && !moment;
    const bool behind = moment && tokens.size() > 1 && is_number(last) && last.size() < 7 && !is_year(last);
    if (alone || behind) {
      counts_.push_back({number_of(last), moment_});
      moment_.reset();
    }
  }

  // "10:01", as people note it.
  static std::optional<Moment> minute_in(std::string_view word) {
    constexpr std::int64_t kMinute_us = 60000000;
    const std::size_t colon = word.find(':');
    if (colon == word.npos || colon == 0 || word.size() != colon + 3) return std::nullopt;
    const std::string_view hours = word.substr(0, colon), minutes = word.substr(colon + 1);
    if (!is_number(hours) || !is_number(minutes)) return std::nullopt;
    return Moment{(number_of(hours) * 60 + number_of(minutes)) * kMinute_us, false};
  }

  static bool is_year(std::string_view word) { return word.size() == 4 && word.starts_with("20"); }

  std::string holders() const {
    constexpr std::size_t kMostNamed = 4;
    std::string names;
    std::size_t named = 0;
    for (const std::int64_t pid : sqlite_locks_) {
      if (named++ == kMostNamed) break;
      names += fmt::format("{}{}", names.empty() ? "process " : ", ", pid);
    }
    if (sqlite_locks_.size() > kMostNamed)
      names += fmt::format(" and {} more", sqlite_locks_.size() - kMostNamed);
    return names + (sqlite_locks_.size() > 1 ? " hold" : " holds") + " locks at SQLite's bytes";
  }

  std::string counts_words() const {
    std::string words = fmt::format("{} counts, {} to {}, and no names of files", counts_.size(),
                                    counts_.front().number, counts_.back().number);
    const auto& from = counts_.front().moment;
    const auto& to = counts_.back().moment;
    if (!from || !to || from->dated != to->dated || to->us <= from->us) return words;
    const double minutes = static_cast<double>(to->us - from->us) / 60e6;
    const double rise = static_cast<double>(counts_.back().number - counts_.front().number);
    return words + fmt::format(" ({:+.3g} a minute); what they count is not told", rise / minutes);
  }

  int locks_ = 0, fdinfo_ = 0, calls_ = 0;
  bool fuser_ = false;
  std::set<std::int64_t> sqlite_locks_, pids_;
  std::vector<Count> counts_;
  std::optional<Moment> moment_;
};

}  // namespace

std::string instead_of(std::string_view text) {
  Kinds kinds;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    kinds.accept(clean_line(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  const std::string run = fmt::format("lsof -n -P -p {} | walsoak diagnose --lsof -", kinds.pid());
  if (kinds.calls())
    return fmt::format("{}: run {} (walsoak trace -- COMMAND reads such calls itself)", kinds.words(), run);
  return fmt::format("{}: run {}, or give what ls -l /proc/PID/fd prints", kinds.words(), run);
}

}  // namespace walsoak::watch
