#include "harness/settings/faults.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/settings/seeded.h"

namespace walsoak {
namespace {

using nlohmann::json;

struct KeyInfo {
  std::string_view name;
  std::vector<std::string_view> words;  // the first is the default; empty: a whole number
  std::int64_t least = 0, value = 0;    // of a number: its minimum and default
};

const std::vector<KeyInfo>& keys_table() {
  static const std::vector<KeyInfo> keys = {
      {"how", {}},  // its words depend on the fault
      {"sidecars", {"keep", "remove"}},
      {"operation", {"write", "read", "sync", "truncate", "open", "lock", "shm-map"}},
      {"file", {"any", "main", "wal", "journal"}},
      {"where", {"process", "subject"}},
      {"after", {}, 1, 1},
      {"count", {}, 0, 1},
      {"soft", {}, 16, 0},
  };
  return keys;
}

std::vector<std::string_view> words_of(std::string_view fault, std::string_view key) {
  if (key == "how") {
    if (fault == "replace-board") return {"rename", "in-place"};
    return {"header", "page"};
  }
  for (const KeyInfo& info : keys_table()) {
    if (info.name == key) return info.words;
  }
  return {};
}

const KeyInfo& number_key(std::string_view key) {
  return *std::find_if(keys_table().begin(), keys_table().end(),
                       [key](const KeyInfo& info) { return info.name == key; });
}

const FaultInfo* find_fault(const json& name) {
  for (const FaultInfo& info : faults_table()) {
    if (name == std::string(info.name)) return &info;
  }
  return nullptr;
}

bool is_tick(const json& value) {
  return value.is_number_integer() && value >= 0 && value <= 10000000;
}

bool is_tick_or_range(const json& value) {
  if (is_tick(value)) return true;
  return value.is_array() && value.size() == 2 && is_tick(value[0]) && is_tick(value[1]) &&
         value[0] <= value[1];
}

std::string why_no_value(const FaultInfo& info, const std::string& key, const json& value) {
  if (key == "fault") return {};
  if (key == "at_tick") {
    return is_tick_or_range(value) ? "" : "at_tick is a tick, or [first, last] for the seed to draw from";
  }
  if (key == "until_tick") return is_tick(value) ? "" : "until_tick is a tick";
  if (key == "board") {
    return value.is_string() && !value.get_ref<const std::string&>().empty() ? ""
                                                                             : "board is a name such as b01";
  }
  const auto words = words_of(info.name, key);
  if (!words.empty()) {
    for (const std::string_view word : words) {
      if (value == std::string(word)) return {};
    }
    return fmt::format("{} is one of {}", key, fmt::join(words, ", "));
  }
  const std::int64_t least = number_key(key).least;
  return value.is_number_integer() && value >= least
             ? ""
             : fmt::format("{} is a whole number from {}", key, least);
}

std::string why_no_fault(const json& fault) {
  const auto all_names = [] {
    std::vector<std::string_view> names;
    for (const FaultInfo& info : faults_table()) names.push_back(info.name);
    return fmt::format("valid: {} (walsoak list faults)", fmt::join(names, ", "));
  };
  if (!fault.is_object() || !fault.contains("fault")) return "valid: objects with \"fault\" and \"at_tick\"";
  const FaultInfo* const info = find_fault(fault.at("fault"));
  if (info == nullptr) return fmt::format("there is no fault {}; {}", fault.at("fault").dump(), all_names());
  if (!fault.contains("at_tick")) return fmt::format("{} needs at_tick", info->name);
  std::vector<std::string_view> valid = {"fault", "at_tick"};
  if (info->lasts) valid.push_back("until_tick");
  valid.insert(valid.end(), info->keys.begin(), info->keys.end());
  for (const auto& [key, value] : fault.items()) {
    if (std::find(valid.begin(), valid.end(), key) == valid.end()) {
      return fmt::format("{} has no key {}; valid: {}", info->name, key, fmt::join(valid, ", "));
    }
    if (const std::string why = why_no_value(*info, key, value); !why.empty()) {
      return fmt::format("{}: valid: {}", info->name, why);
    }
  }
  if (info->name == "fd-limit" && !fault.contains("soft"))
    return "fd-limit needs soft, the limit that it sets";
  const json& at = fault.at("at_tick");
  const json& last = at.is_array() ? at[1] : at;
  if (fault.contains("until_tick") && fault.at("until_tick") <= last) {
    return fmt::format("{}: valid: an until_tick behind at_tick", info->name);
  }
  return {};
}

std::string word_or_default(const json& fault, std::string_view name, const char* key) {
  if (const auto found = fault.find(key); found != fault.end()) return found->get<std::string>();
  const auto words = words_of(name, key);
  return words.empty() ? std::string() : std::string(words.front());
}

}  // namespace

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
       {"board", "how", "sidecars"},
       false,
       true,
       "the board as it was seeded comes back over its path, by rename or written in place"},
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

}  // namespace walsoak
