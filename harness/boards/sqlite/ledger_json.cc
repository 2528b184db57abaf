#include "harness/boards/sqlite/ledger_json.h"

namespace walsoak::sqlite {
namespace {

using Json = nlohmann::ordered_json;

template <typename Counts>
Json by_actor(const Counts& counts) {
  Json result = Json::object();
  for (std::size_t i = 0; i < kActors; ++i) {
    if (const std::int64_t n = counts[i]; n != 0) result[std::string(kActorNames[i])] = n;
  }
  return result;
}

}  // namespace

Json to_json(const ApiCounts& counts) {
  return {{"opened", by_actor(counts.opened)}, {"closed", by_actor(counts.closed)}};
}

Json to_json(const VfsCounts& counts) {
  return {{"main", counts.main.open.load()},
          {"main_peak", counts.main.peak.load()},
          {"main_opens", counts.main.opens.load()},
          {"wal", counts.wal.open.load()},
          {"wal_opens", counts.wal.opens.load()},
          {"journal", counts.journal.open.load()},
          {"journal_opens", counts.journal.opens.load()},
          {"shm", counts.shm.open.load()},
          {"shm_maps", counts.shm.opens.load()},
          {"wal_unlinks", by_actor(counts.wal_unlinks)},
          {"journal_unlinks", by_actor(counts.journal_unlinks)},
          {"syncs", counts.syncs.load()},
          {"bytes_written", counts.bytes_written.load()},
          {"bytes_read", counts.bytes_read.load()}};
}

Json to_json(const Library& library) {
  return {{"version", library.version},
          {"source_id", library.source_id},
          {"compile_options", library.compile_options}};
}

}  // namespace walsoak::sqlite
