#include "tests/judgement/watched_subjects.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace walsoak::testing {

Json database(std::int64_t connections, const Json& values) {
  const std::int64_t one = connections > 0 ? 1 : 0;
  Json board = {{"kernel_main", connections},
                {"kernel_wal", connections},
                {"kernel_shm", one},
                {"kernel_journal", 0},
                {"kernel_main_deleted", 0},
                {"kernel_wal_deleted", 0},
                {"kernel_shm_deleted", 0},
                {"kernel_main_replaced", 0},
                {"lock_main_posix", one},
                {"lock_main_ofd", 0},
                {"lock_shm_dms", one},
                {"main_bytes", 4096},
                {"main_inode", 1},
                {"wal_bytes", 8272},
                {"wal_inode", 2},
                {"shm_bytes", 32768},
                {"shm_inode", 3}};
  board.update(values);
  return board;
}

Json rollback_database(std::int64_t connections, const Json& values) {
  Json board = database(connections, {{"kernel_wal", 0},
                                      {"kernel_shm", 0},
                                      {"lock_main_posix", 0},
                                      {"lock_shm_dms", 0},
                                      {"wal_bytes", nullptr},
                                      {"wal_inode", nullptr},
                                      {"shm_bytes", nullptr},
                                      {"shm_inode", nullptr}});
  board.update(values);
  return board;
}

Watched series(const std::vector<Json>& samples) {
  Watched watched;
  for (const Json& board : samples) watched.samples.push_back({{"db1", board}});
  return watched;
}

Watched connections(const Numbers& counts, const Json& values) {
  std::vector<Json> samples;
  for (const std::int64_t count : counts) samples.push_back(database(count, values));
  return series(samples);
}

Watched throughout(int samples, const Json& board) {
  return series(std::vector<Json>(static_cast<std::size_t>(samples), board));
}

facts::ProcessHistory evidence_of(const Watched& watched) {
  facts::ProcessHistory evidence;
  Json settings = {{"mode", "watch"}, {"every_s", watched.every_s}, {"peek", false}};
  if (watched.listing) settings.update({{"every_s", nullptr}, {"source", "listing"}, {"spacing", "unknown"}});
  evidence.accept({{"type", "header"},
                   {"settings", settings},
                   {"subject", {{"command", watched.command}, {"pid", 4711}}},
                   {"boards", Json::array()}});
  for (std::size_t tick = 0; tick < watched.samples.size(); ++tick) {
    const std::int64_t elsewhere = tick < watched.elsewhere.size() ? watched.elsewhere[tick] : 12;
    const std::int64_t like = tick < watched.database_like.size() ? watched.database_like[tick] : 0;
    std::int64_t descriptors = elsewhere + like;
    Json boards = Json::object();
    for (const auto& [name, board] : watched.samples[tick]) {
      boards[name] = board;
      for (const char* key : {"kernel_main", "kernel_wal", "kernel_shm", "kernel_journal"})
        descriptors += board.at(key).is_null() ? 0 : board.at(key).get<std::int64_t>();
    }
    const Json threads = tick < watched.threads.size() ? watched.threads[tick] : 4;
    evidence.accept(
        {{"type", "sample"},
         {"tick", tick},
         {"t_us", watched.listing ? 0 : std::llround(static_cast<double>(tick) * watched.every_s * 1e6)},
         {"quiet", watched.quiet},
         {"boards", boards},
         {"process",
          {{"descriptors", descriptors},
           {"descriptor_limit", watched.listing ? Json() : Json(watched.limit)},
           {"threads", watched.listing ? Json() : threads},
           {"rss_bytes", nullptr},
           {"database_like", like}}}});
  }
  evidence.accept({{"type", "end"}, {"reason", "done"}});
  return evidence;
}

Numbers rising(int n, std::int64_t step, std::int64_t first) {
  Numbers counts;
  for (int i = 0; i < n; ++i) counts.push_back(first + i * step);
  return counts;
}

Numbers pool(unsigned seed, int n, double mean, double deviation, double coefficient) {
  std::mt19937 random(seed);
  // Twelve uniform numbers less 6: the library's normal distribution differs between libraries.
  const auto normal = [&random] {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += static_cast<double>(random()) / 4294967296.0;
    return sum;
  };
  Numbers counts;
  double state = deviation * normal();
  for (int i = 0; i < n; ++i) {
    counts.push_back(std::max<std::int64_t>(0, std::llround(mean + state)));
    state = coefficient * state + deviation * std::sqrt(1 - coefficient * coefficient) * normal();
  }
  return counts;
}

}  // namespace walsoak::testing
