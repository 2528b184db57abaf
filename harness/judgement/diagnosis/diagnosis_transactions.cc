// Transactions that are open at every sample: from the locks that SQLite takes for them.
#include <fmt/format.h>

#include "harness/judgement/diagnosis/diagnosis_parts.h"
#include "harness/model/vocabulary/mechanisms.h"

namespace walsoak::judgement {
namespace {

// A process that writes all the time holds that lock at every second look: at six in a row once in 64.
constexpr std::int64_t kManySamples = 6;
// A process that uses less than this of one core is not reading without a pause.
constexpr double kIdleShare = 0.1;

class Transactions {
 public:
  Transactions(const facts::ProcessHistory& evidence, Parts& parts) : evidence_(evidence), parts_(parts) {}

  void look() {
    std::vector<std::string> still, busy, reads;
    for (const std::string& name : by_number(evidence_.databases())) {
      const facts::DatabaseHistory& database = evidence_.databases().at(name);
      const bool writes = database.always(database.writer);
      if (writes && database.writer_still) still.push_back(name);
      if (writes && !database.writer_still) sort_busy_writer(name, busy);
      if (database.always(database.exclusive)) leave_open(name);
      if (!writes && database.always(database.reader)) sort_reader(name, database, reads);
    }
    ask("the lock of a write transaction is held on {} at every sample, and nothing was written meanwhile",
        still, true, "one transaction, from the first sample to the last");
    ask("the lock of a write transaction is held on {} at every sample", busy, false,
        "many short ones, one after the other, look the same");
    ask("the lock of a read transaction is held on {} at every sample", reads, false,
        "connections that read one after the other all the time look the same");
  }

 private:
  void leave_open(const std::string& name) {
    parts_.undecided = fmt::format(
        "{} is locked exclusively at every sample, so that everybody else gets \"database is locked\": "
        "locking_mode=EXCLUSIVE, which keeps that lock on purpose, or a transaction that stays open",
        name);
  }

  void sort_busy_writer(const std::string& name, std::vector<std::string>& busy) {
    if (evidence_.samples() >= kManySamples) return busy.push_back(name);
    parts_.more_samples = true;
    parts_.seen.push_back(
        fmt::format("{}: written at every one of {} samples, which a busy writer shows as well", name,
                    evidence_.samples()));
  }

  void sort_reader(const std::string& name, const facts::DatabaseHistory& database,
                   std::vector<std::string>& reads) {
    const std::optional<double> cpu = evidence_.cell().histories().cpu_share();
    const bool idle = cpu && *cpu < kIdleShare;
    if (idle || database.wal_grew || evidence_.samples() >= kManySamples) return reads.push_back(name);
    parts_.more_samples = true;
    parts_.seen.push_back(
        fmt::format("{}: read at every one of {} samples, which a busy process shows as well", name,
                    evidence_.samples()));
  }

  void ask(const char* seen, const std::vector<std::string>& names, bool certain, const char* meaning) {
    if (names.empty()) return;
    std::vector<std::string> lines;
    for (const std::string& name : names) {
      const facts::DatabaseHistory& database = evidence_.databases().at(name);
      lines.push_back(fmt::format("{}: at {} of {} samples{}", name, database.all_samples,
                                  database.all_samples, database.wal_grew ? ", and the -wal grew" : ""));
    }
    parts_.ask(fmt::format(fmt::runtime(seen), names_text(names)),
               {{kHeldTransaction,
                 fmt::format("{} in {}: {}", lines_text(lines), extent_text(evidence_), meaning), certain}});
  }

  const facts::ProcessHistory& evidence_;
  Parts& parts_;
};

}  // namespace

void look_at_transactions(const facts::ProcessHistory& evidence, Parts& parts) {
  Transactions(evidence, parts).look();
}

}  // namespace walsoak::judgement
