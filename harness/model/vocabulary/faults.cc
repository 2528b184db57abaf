#include "harness/model/vocabulary/faults.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/base/shared/seeded.h"

namespace walsoak {
namespace {

using nlohmann::json;

constexpr std::int64_t kMostTick = 10000000, kMost = 1000000000;
// Below it the process cannot even poll what it talks with.
constexpr std::int64_t kLeastDescriptors = 8;

struct KeyInfo {
  std::string_view name;
  std::vector<std::string_view> words;  // the first is the default; empty: a whole number
  std::int64_t least = 0;               // of a number
};

const std::vector<KeyInfo>& keys_table() {
  static const std::vector<KeyInfo> keys = {
      {"sidecars", {"keep", "remove"}},
      {"holders", {"ignored", "refused"}},
      {"operation", {"write", "read", "sync", "truncate", "open", "lock", "shm-map"}},
      {"file", {"any", "main", "wal", "journal"}},
      {"where", {"process", "subject"}},
      {"after", {}, 1},
      {"count", {}, 0},
      {"soft", {}, kLeastDescriptors},
  };
  return keys;
}

std::int64_t least_of(std::string_view fault, std::string_view key) {
  if (fault == "worker-kill") return 1;  // elsewhere a count of 0 is all, and nobody's death would be none
  return std::find_if(keys_table().begin(), keys_table().end(),
                      [key](const KeyInfo& info) { return info.name == key; })
      ->least;
}

const FaultInfo* find_fault(const json& name) {
  for (const FaultInfo& info : faults_table()) {
    if (name == std::string(info.name)) return &info;
  }
  return nullptr;
}

bool is_tick(const json& value) {
  return value.is_number_integer() && value >= 0 && value <= kMostTick;
}

bool is_tick_or_range(const json& value) {
  if (is_tick(value)) return true;
  return value.is_array() && value.size() == 2 && is_tick(value[0]) && is_tick(value[1]) &&
         value[0] <= value[1];
}

bool is_one_of(const std::vector<std::string_view>& words, const json& value) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return value == std::string(word); });
}

// What would be valid for the key; empty where the value is.
std::string why_no_value(const FaultInfo& info, const std::string& key, const json& value) {
  if (key == "at_tick" && !is_tick_or_range(value)) {
    return fmt::format("a tick from 0 to {}, or [first, last] for the seed to draw from", kMostTick);
  }
  if (key == "until_tick" && !is_tick(value)) return fmt::format("a tick from 1 to {}", kMostTick);
  if (key == "board" && (!value.is_string() || value == "")) return "a name such as b01";
  if (key == "fault" || key == "at_tick" || key == "until_tick" || key == "board") return {};
  if (const auto words = fault_words(info.name, key); !words.empty()) {
    return is_one_of(words, value) ? "" : fmt::format("{}", fmt::join(words, ", "));
  }
  const std::int64_t least = least_of(info.name, key);
  const bool valid = value.is_number_integer() && value >= least && value <= kMost;
  return valid ? "" : fmt::format("a whole number from {} to {}", least, kMost);
}

std::vector<std::string_view> valid_keys(const FaultInfo& info) {
  std::vector<std::string_view> keys = {"fault", "at_tick"};
  if (info.lasts) keys.emplace_back("until_tick");
  keys.insert(keys.end(), info.keys.begin(), info.keys.end());
  return keys;
}

// Of values that are valid each for itself.
std::string why_no_combination(const FaultInfo& info, const json& fault) {
  if (info.name == "fd-limit" && !fault.contains("soft")) {
    return "fd-limit lacks soft, the limit that it sets; valid: soft 64, say";
  }
  if (info.name == "fork" && !fault.contains("until_tick")) {
    return "fork lacks until_tick, the tick before which the child writes; valid: until_tick 12, say";
  }
  const json& at = fault.at("at_tick");
  const json& last = at.is_array() ? at[1] : at;
  if (fault.contains("until_tick") && fault.at("until_tick") <= last) {
    return fmt::format("{}: until_tick {} is not behind at_tick; valid: from {}", info.name,
                       fault.at("until_tick").get<std::int64_t>(), last.get<std::int64_t>() + 1);
  }
  const std::string operation = fault.value("operation", "");
  const std::string file = fault.value("file", "any");
  if ((operation == "lock" || operation == "shm-map") && file != "any" && file != "main") {
    return fmt::format("{}: operation {} never comes to file {}; valid: file any, main", info.name, operation,
                       file);
  }
  return {};
}

std::string why_no_fault(const json& fault) {
  if (!fault.is_object() || !fault.contains("fault")) {
    return "valid: each an object with \"fault\" and \"at_tick\"";
  }
  const FaultInfo* const info = find_fault(fault.at("fault"));
  if (info == nullptr) {
    std::vector<std::string_view> names;
    for (const FaultInfo& known : faults_table()) names.push_back(known.name);
    return fmt::format("there is no fault {}; valid: {} (walsoak list faults)", fault.at("fault").dump(),
                       fmt::join(names, ", "));
  }
  if (!fault.contains("at_tick")) {
    return fmt::format("{} lacks at_tick; valid: the tick before which it happens", info->name);
  }
  const auto keys = valid_keys(*info);
  for (const auto& [key, value] : fault.items()) {
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
      return fmt::format("{} has no key \"{}\"; valid: {}", info->name, key, fmt::join(keys, ", "));
    }
    if (const std::string valid = why_no_value(*info, key, value); !valid.empty()) {
      return fmt::format("{}: {} {} is none; valid: {}", info->name, key, value.dump(), valid);
    }
  }
  return why_no_combination(*info, fault);
}

std::string word_or_default(const json& fault, std::string_view name, const char* key) {
  if (const auto found = fault.find(key); found != fault.end()) return found->get<std::string>();
  const auto words = fault_words(name, key);
  return words.empty() ? std::string() : std::string(words.front());
}

// A word or a limit stands for itself; counts need a mark, and so do sidecars.
std::string option_text(std::string_view key, const json& value) {
  if (key == "count") return value == 0 ? " all" : " x" + value.dump();
  if (key == "after") return " from the " + value.dump() + ".";
  if (key == "holders") return fmt::format(" holders {}", value.get<std::string>());
  if (key == "sidecars") return fmt::format(" sidecars {}", value == "keep" ? "kept" : "removed");
  return " " + (value.is_string() ? value.get<std::string>() : value.dump());
}

}  // namespace

std::vector<std::string_view> fault_words(std::string_view fault, std::string_view key) {
  if (key == "how") {
    if (fault == "replace-board") return {"rename", "in-place", "backup"};
    if (fault == "corrupt-board") return {"header", "page"};
    if (fault == "fork") return {"inherited", "opened"};
    return {};
  }
  for (const KeyInfo& info : keys_table()) {
    if (info.name == key) return info.words;
  }
  return {};
}

std::span<const FaultInfo> faults_table() {
  static const std::vector<FaultInfo> faults = {
      {"worker-kill",
       {"count"},
       false,
       false,
       "so many workers die in mid-transaction, at a seeded statement"},
      {"fd-limit",
       {"soft"},
       true,
       false,
       "the subject's soft limit of open files (RLIMIT_NOFILE) becomes `soft`"},
      {"corrupt-board",
       {"board", "how"},
       false,
       true,
       "bytes of the main file are overwritten: its header, or its second page"},
      {"replace-board",
       {"board", "how", "sidecars", "holders"},
       false,
       true,
       "the board as it was seeded comes back over its path: by rename, written in place, or through "
       "SQLite's backup "
       "API by another process; `holders` refused: not while any process has the board open (#95531)"},
      {"raw-copy",
       {"board"},
       false,
       true,
       "the subject copies the main file outside SQLite, with open, read and close"},
      {"fork",
       {"board", "how"},
       true,
       true,
       "the subject forks a child, which adds a task at `until_tick`: through a connection inherited from "
       "its "
       "parent, or through one opened by itself"},
      {"cut-shm", {"board"}, false, true, "the -shm is truncated to nothing, under those who have it mapped"},
      {"hold-flock",
       {"board"},
       true,
       true,
       "another process has the flock beside the board, as a stopped dispatcher would"},
      {"io-error",
       {"board", "operation", "file", "after", "count"},
       true,
       false,
       "the subject's VFS fails `count` operations from the `after`-th on with SQLITE_IOERR (count 0: all)"},
      {"disk-full",
       {"board", "file", "after", "count"},
       true,
       false,
       "the subject's VFS fails `count` writes from the `after`-th on with SQLITE_FULL (count 0: all)"},
      {"long-reader",
       {"board", "where"},
       true,
       true,
       "a read transaction stays open on the board, in a process of its own or in the subject"},
      {"init-failure",
       {"board", "count"},
       true,
       false,
       "the subject's connect fails `count` times (0: always) after SQLite has opened the board"},
  };
  return faults;
}

std::string why_no_faults(const json& value) {
  if (!value.is_array()) return "valid: a list of faults, as [{\"fault\": \"worker-kill\", \"at_tick\": 20}]";
  for (const json& fault : value) {
    if (std::string why = why_no_fault(fault); !why.empty()) return why;
  }
  return {};
}

std::vector<Fault> faults_of(const json& value, const std::vector<std::string>& boards, std::uint64_t seed) {
  Seeded draw(seed, "faults");
  std::vector<Fault> faults;
  for (const json& entry : value) {
    const FaultInfo& info = *find_fault(entry.at("fault"));
    Fault fault;
    fault.number = std::ssize(faults) + 1;
    fault.name = info.name;
    // Both draws are always made, so that naming a board or a tick leaves the other faults as they were.
    const std::uint64_t tick = draw.next();
    const std::uint64_t board = draw.next();
    const json& at = entry.at("at_tick");
    if (at.is_array()) {
      const auto first = at[0].get<std::uint64_t>();
      fault.at_tick = static_cast<std::int64_t>(first + tick % (at[1].get<std::uint64_t>() - first + 1));
    } else {
      fault.at_tick = at.get<std::int64_t>();
    }
    fault.until_tick = entry.value("until_tick", std::int64_t{-1});
    fault.board = entry.value("board", info.needs_board ? boards.at(board % boards.size()) : std::string());
    fault.how = word_or_default(entry, info.name, "how");
    fault.sidecars = word_or_default(entry, info.name, "sidecars");
    fault.holders = word_or_default(entry, info.name, "holders");
    fault.operation = word_or_default(entry, info.name, "operation");
    fault.file = word_or_default(entry, info.name, "file");
    fault.where = word_or_default(entry, info.name, "where");
    fault.after = entry.value("after", std::int64_t{1});
    fault.count = entry.value("count", std::int64_t{1});
    fault.soft = entry.value("soft", std::int64_t{0});
    faults.push_back(std::move(fault));
  }
  std::stable_sort(faults.begin(), faults.end(),
                   [](const Fault& a, const Fault& b) { return a.at_tick < b.at_tick; });
  return faults;
}

std::string keys_text(const FaultInfo& info) {
  std::string text = info.lasts ? "at_tick, until_tick" : "at_tick";
  for (const std::string_view key : info.keys) {
    text += fmt::format(", {}", key);
    if (const auto words = fault_words(info.name, key); !words.empty()) {
      text += fmt::format(" {}", fmt::join(words, "|"));
    }
  }
  return text;
}

std::string faults_text(const json& value) {
  if (!why_no_faults(value).empty()) return value.dump(-1, ' ', false, json::error_handler_t::replace);
  std::string text;
  for (const json& fault : value) {
    const FaultInfo& info = *find_fault(fault.at("fault"));
    text += fmt::format("{}{}", text.empty() ? "" : ", ", info.name);
    for (const std::string_view key : info.keys) {
      const auto found = fault.find(std::string(key));
      if (found != fault.end()) text += option_text(key, *found);
    }
    const json& at = fault.at("at_tick");
    text += at.is_array() ? fmt::format(" @{}..{}", at[0].dump(), at[1].dump()) : " @" + at.dump();
    if (fault.contains("until_tick")) text += "-" + fault.at("until_tick").dump();
  }
  return text.empty() ? "none" : text;
}

}  // namespace walsoak
