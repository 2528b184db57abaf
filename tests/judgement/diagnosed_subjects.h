// The subjects of the diagnosis's table: what was watched, and what is to be said of it. What shapes their
// samples stands here, too.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "harness/judgement/diagnosis/diagnosis.h"
#include "tests/judgement/watched_subjects.h"

namespace walsoak::judgement::diagnosed {

using testing::connections;
using testing::database;
using testing::Json;
using testing::Numbers;
using testing::rising;
using testing::rollback_database;
using testing::series;
using testing::throughout;
using testing::Watched;

using Names = std::vector<std::string>;

struct Subject {
  const char* name;
  Watched (*watched)();  // built by the test that needs it: hours of samples take their time
  Standing standing;
  Names named;      // those that are certain, harmless ones too, primary first
  Names open = {};  // the candidates of what is undecided and harms, in order of fit
};

inline void PrintTo(const Subject& subject, std::ostream* out) {
  *out << subject.name;
}

// What connections, collectors and pools do to the counts.
std::vector<Subject> counted_subjects();
// Locks, deleted and replaced files, the -wal; and several causes at once.
std::vector<Subject> filed_subjects();

inline const Names kPile = {"unclosed connection", "deferred collection", "zombie connection",
                            "connection per thread"};
inline const Names kPileOfC = {"unclosed connection", "zombie connection", "deferred collection",
                               "connection per thread"};

inline const Names kOverDatabases = {"connection per database", "unclosed connection", "deferred collection",
                                     "zombie connection", "connection per thread"};

inline Watched with_command(Watched watched, const char* command) {
  watched.command = command;
  return watched;
}
inline Watched with_elsewhere(Watched watched, Numbers counts) {
  watched.elsewhere = std::move(counts);
  return watched;
}
inline Watched with_database_like(Watched watched, Numbers counts) {
  watched.database_like = std::move(counts);
  return watched;
}
inline Watched with_threads(Watched watched, Numbers counts) {
  watched.threads = std::move(counts);
  return watched;
}
inline Watched with_limit(Watched watched, std::int64_t limit) {
  watched.limit = limit;
  return watched;
}
inline Watched as_listing(Watched watched) {
  watched.listing = true;
  for (auto& sample : watched.samples) {
    for (auto& [name, board] : sample) {
      for (const char* key : {"lock_main_posix", "lock_main_ofd", "lock_shm_dms"}) board[key] = nullptr;
    }
  }
  return watched;
}
inline Watched every(Watched watched, double seconds) {
  watched.every_s = seconds;
  return watched;
}
// More databases, each like db1.
inline Watched times(Watched watched, int databases) {
  for (auto& sample : watched.samples) {
    const Json board = sample.at("db1");
    for (int i = 2; i <= databases; ++i) sample["db" + std::to_string(i)] = board;
  }
  return watched;
}
inline Watched beside(Watched watched, const Watched& other) {
  for (std::size_t i = 0; i < watched.samples.size(); ++i)
    watched.samples[i]["db2"] = other.samples[i].at("db1");
  return watched;
}

inline const Json kUnlocked = {{"lock_main_posix", 0}};
inline const Json kSplit = {{"lock_main_posix", 0}, {"kernel_wal_deleted", 1}, {"kernel_shm_deleted", 1}};
inline const Json kRemoved = {{"kernel_wal_deleted", 1}, {"kernel_shm_deleted", 1}};
// The same where locks could not be read.
inline const Json kDeletedUnknown = {{"lock_main_posix", nullptr},
                                     {"lock_main_ofd", nullptr},
                                     {"lock_shm_dms", nullptr},
                                     {"kernel_wal_deleted", 1},
                                     {"kernel_shm_deleted", 1}};

inline Json with_main(std::int64_t main, std::int64_t wal) {
  return database(wal, {{"kernel_main", main}});
}
inline Json with_wal_bytes(std::int64_t bytes) {
  return database(2, {{"wal_bytes", bytes}});
}

inline Json with_files(std::int64_t main_bytes, std::int64_t wal_bytes) {
  return database(1, {{"main_bytes", main_bytes}, {"wal_bytes", wal_bytes}});
}

// Exclusive locking mode, or a VFS without byte locks: no -shm, and no lock.
inline const Json kNoIndex = {{"kernel_shm", 0}, {"lock_shm_dms", 0}, {"lock_main_posix", 0}};
// One library's close has unlinked what another's connection holds, and opened its own.
inline const Json kTwoGenerations = {
    {"kernel_main", 2},        {"kernel_wal", 2},   {"kernel_shm", 2},          {"kernel_wal_deleted", 1},
    {"kernel_shm_deleted", 1}, {"lock_shm_dms", 1}, {"lock_shm_dms_deleted", 0}};

// Another commit between any two samples, and the writer's lock at each.
inline Watched writing(int samples) {
  std::vector<Json> boards;
  for (int i = 0; i < samples; ++i)
    boards.push_back(database(1, {{"lock_writer", 1}, {"lock_reader", 1}, {"written_us", i}}));
  return series(boards);
}

inline Numbers teeth(int count, std::int64_t height) {
  Numbers values;
  for (int i = 0; i < count; ++i) {
    for (std::int64_t v = 0; v <= height; ++v) values.push_back(v);
  }
  return values;
}

inline Watched may_2026() {
  std::vector<Json> samples;
  for (int i = 0; i < 12; ++i) {
    Json values = {{"kernel_main", 2 + 2 * i}};
    if (i >= 2) values.update(kUnlocked);
    if (i >= 4) values.update(kSplit);
    samples.push_back(database(1 + 2 * i, values));
  }
  return series(samples);
}

inline std::vector<Json> churning(int samples) {
  std::vector<Json> boards;
  for (int inode = 0; inode < samples; ++inode) boards.push_back(database(0, {{"wal_inode", inode}}));
  return boards;
}

// The same -wal each time, and no connection between.
inline std::vector<Json> held_every_second(int samples) {
  std::vector<Json> boards;
  for (int i = 0; i < samples; ++i) {
    boards.push_back(i % 2 == 0
                         ? database(1)
                         : database(0, {{"kernel_main", 1}, {"wal_inode", nullptr}, {"wal_bytes", nullptr}}));
  }
  return boards;
}

// A connection kept on each database, of which one more comes with each sample.
inline Watched more_databases(int samples) {
  Watched watched = connections(Numbers(static_cast<std::size_t>(samples), 1));
  for (int i = 0; i < samples; ++i) {
    for (int board = 2; board <= i + 1; ++board)
      watched.samples[static_cast<std::size_t>(i)]["db" + std::to_string(board)] = database(1);
  }
  return watched;
}

}  // namespace walsoak::judgement::diagnosed
