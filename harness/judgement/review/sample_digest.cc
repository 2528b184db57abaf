#include "harness/judgement/review/sample_digest.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/shared/json_text.h"
#include "harness/evidence/record/stream_reader.h"

namespace walsoak::review {
namespace {

using facts::Key;
using facts::ProcessKey;
using nlohmann::ordered_json;

// The three ledgers, what was deleted, locks, the -wal, the process.
constexpr Key kKeys[] = {Key::api_open,           Key::vfs_main,        Key::vfs_wal,
                         Key::kernel_main,        Key::kernel_wal,      Key::kernel_shm,
                         Key::kernel_wal_deleted, Key::lock_main_posix, Key::wal_bytes};
constexpr ProcessKey kProcessKeys[] = {ProcessKey::descriptors, ProcessKey::threads, ProcessKey::rss_bytes};

ordered_json row_of(const facts::Sample& sample) {
  ordered_json row = {sample.tick, sample.quiet};
  for (const Key key : kKeys) row.push_back(json_of(sample.total[key]));
  for (const ProcessKey key : kProcessKeys) {
    row.push_back(json_of(sample.process[static_cast<std::size_t>(key)]));
  }
  return row;
}

std::vector<std::string_view> column_names() {
  std::vector<std::string_view> names = {"tick", "quiet"};
  for (const Key key : kKeys) names.push_back(facts::kKeyNames[static_cast<std::size_t>(key)]);
  for (const ProcessKey key : kProcessKeys) {
    names.push_back(facts::kProcessKeyNames[static_cast<std::size_t>(key)]);
  }
  return names;
}

}  // namespace

void SampleDigest::accept(const ordered_json& line) {
  const std::string type = line.value("type", std::string{});
  if (type == "header") reader_.accept_header(line);
  if (type != "sample") return;
  const ordered_json row = row_of(reader_.read(line));
  const bool keep = seen_++ % stride_ == 0;
  if (!keep) {
    last_ = row;
    return;
  }
  last_ = nullptr;
  kept_.push_back(row);
  if (kept_.size() <= most_) return;
  // Every second one goes: those that stay are the ones that the doubled stride would have kept.
  ordered_json half = ordered_json::array();
  for (std::size_t i = 0; i < kept_.size(); i += 2) half.push_back(std::move(kept_[i]));
  if (kept_.size() % 2 == 0) last_ = row;
  kept_ = std::move(half);
  stride_ *= 2;
}

ordered_json SampleDigest::json() const {
  if (kept_.empty()) return nullptr;
  ordered_json rows = kept_;
  if (!last_.is_null()) rows.push_back(last_);
  const std::vector<std::string_view> names = column_names();
  ordered_json columns = ordered_json::array();
  ordered_json shown = ordered_json::array();
  for (std::size_t i = 0; i < rows.size(); ++i) shown.push_back(ordered_json::array());
  for (std::size_t column = 0; column < names.size(); ++column) {
    if (std::all_of(rows.begin(), rows.end(), [column](const auto& row) { return row[column].is_null(); })) {
      continue;
    }
    columns.push_back(names[column]);
    for (std::size_t i = 0; i < rows.size(); ++i) shown[i].push_back(rows[i][column]);
  }
  return {{"of", seen_}, {"columns", columns}, {"rows", shown}};
}

ordered_json samples_of(const std::filesystem::path& stream, std::size_t most) {
  SampleDigest digest(most);
  try {
    record::read_stream(stream, [&digest](const ordered_json& line) { digest.accept(line); });
  } catch (const std::exception&) {
    // A report of the summary is worth having without them.
    return nullptr;
  }
  return digest.json();
}

}  // namespace walsoak::review
