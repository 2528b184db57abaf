#include "harness/evidence/facts/sample.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace walsoak::facts {
namespace {

using nlohmann::ordered_json;

Count count_of(const ordered_json& object, std::string_view key) {
  const auto found = object.find(std::string(key));
  if (found == object.end() || !found->is_number_integer()) return std::nullopt;
  return found->get<std::int64_t>();
}

bool is_file_size(std::size_t key) {
  return key == static_cast<std::size_t>(Key::main_bytes) ||
         key == static_cast<std::size_t>(Key::wal_bytes) || key == static_cast<std::size_t>(Key::shm_bytes);
}

// Descriptors of lock guards: nobody's connection. A stream without the key has none.
Count guards_of(const Counts& board) {
  return board[Key::guards].value_or(0);
}

// How many of the board's main descriptors SQLite may have parked: it keeps a descriptor back while another
// connection of the process has a lock, and uses it again, so there are never more than the most that were
// open at once. Where the subject has no VFS ledger that peak is not known, and the connections that are open
// stand in for it.
Count parked_within_bound(const Counts& board) {
  const Count open = board[Key::vfs_main] ? board[Key::vfs_main] : board[Key::api_open];
  const Count beyond = difference(difference(board[Key::kernel_main], open), guards_of(board));
  if (!beyond) return std::nullopt;
  if (*open == 0) return 0;
  if (!board[Key::vfs_main]) return std::max<std::int64_t>(0, *beyond);
  if (!board[Key::vfs_main_peak]) return std::nullopt;
  return std::clamp<std::int64_t>(*beyond, 0, std::max<std::int64_t>(0, *board[Key::vfs_main_peak] - *open));
}

void derive_descriptors(Counts& board) {
  board[Key::descriptors_net] = sum(sum(board[Key::kernel_main_net], board[Key::kernel_wal]),
                                    sum(board[Key::kernel_shm], board[Key::kernel_journal]));
}

void derive(Counts& board) {
  const Count open = board[Key::vfs_main] ? board[Key::vfs_main] : board[Key::api_open];
  board[Key::parked] = difference(difference(board[Key::kernel_main], open), guards_of(board));
  board[Key::kernel_main_net] =
      difference(difference(board[Key::kernel_main], parked_within_bound(board)), guards_of(board));
  derive_descriptors(board);
}

}  // namespace

void Counts::add(const Counts& other) {
  for (std::size_t i = 0; i < values_.size(); ++i) values_[i] = sum(values_[i], other.values_[i]);
}

void Counts::raise_to(const Counts& other) {
  for (std::size_t i = 0; i < values_.size(); ++i) {
    Count& mine = values_[i];
    const Count& theirs = other.values_[i];
    if (mine && theirs) {
      mine = std::max(*mine, *theirs);
    } else if (is_file_size(i)) {
      mine = mine ? mine : theirs;
    } else {
      mine.reset();
    }
  }
}

Columns::Columns(const ordered_json& names) {
  for (const ordered_json& name : names) {
    const auto at = std::find(std::begin(kKeyNames), std::end(kKeyNames), name.get<std::string>());
    keys_.push_back(at == std::end(kKeyNames) ? std::nullopt
                                              : std::optional(static_cast<Key>(at - std::begin(kKeyNames))));
  }
}

Counts Columns::counts(const ordered_json& values) const {
  if (values.size() != keys_.size()) {
    throw std::invalid_argument(fmt::format("a sample has {} values for a board, but the header {} columns",
                                            values.size(), keys_.size()));
  }
  Counts board;
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    if (keys_[i] && values[i].is_number_integer()) board[*keys_[i]] = values[i].get<std::int64_t>();
  }
  return board;
}

Sample Sample::with_total(const Counts& counts) const {
  Sample one;
  one.tick = tick;
  one.quiet = quiet;
  one.total = counts;
  one.process = process;
  return one;
}

Sample Sample::from_json(const ordered_json& line, const Columns& columns) {
  Sample sample;
  sample.tick = line.value("tick", std::int64_t{-1});
  sample.quiet = line.value("quiet", false);
  const ordered_json boards = line.value("boards", ordered_json::object());
  for (const auto& [name, values] : boards.items()) {
    Counts board = values.is_array() ? columns.counts(values) : Counts();
    for (std::size_t i = 0; i < std::size(kKeyNames) && values.is_object(); ++i) {
      board[static_cast<Key>(i)] = count_of(values, kKeyNames[i]);
    }
    derive(board);
    if (sample.boards.empty()) {
      sample.total = board;
    } else {
      sample.total.add(board);
    }
    sample.boards.emplace(name, board);
  }
  const ordered_json process = line.value("process", ordered_json::object());
  for (std::size_t i = 0; i < std::size(kProcessKeyNames); ++i) {
    if (process.is_object()) sample.process[i] = count_of(process, kProcessKeyNames[i]);
  }
  return sample;
}

Sample Sample::from_kernel_json(const ordered_json& line) {
  Sample sample = from_json(line);
  const auto take_all = [](Counts& counts) {
    counts[Key::kernel_main_net] = counts[Key::kernel_main];
    derive_descriptors(counts);
  };
  for (auto& [name, board] : sample.boards) take_all(board);
  if (sample.boards.empty() && sample.process[static_cast<std::size_t>(ProcessKey::descriptors)]) {
    for (const Key key :
         {Key::kernel_main, Key::kernel_wal, Key::kernel_shm, Key::kernel_journal, Key::kernel_main_deleted,
          Key::kernel_wal_deleted, Key::kernel_shm_deleted, Key::kernel_main_replaced}) {
      sample.total[key] = 0;
    }
  }
  take_all(sample.total);
  return sample;
}

void SampleReader::accept_header(const ordered_json& header) {
  const ordered_json settings = header.value("settings", ordered_json::object());
  watched_ = settings.value("mode", std::string{}) == "watch";
  columns_ = Columns(header.value("columns", ordered_json::array()));
}

Sample SampleReader::read(const ordered_json& line) const {
  return watched_ ? Sample::from_kernel_json(line) : Sample::from_json(line, columns_);
}

}  // namespace walsoak::facts
