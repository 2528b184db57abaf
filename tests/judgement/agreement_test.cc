// Random streams of watched processes, given to findings, mechanisms and the diagnosis: they never contradict
// one another, and none calls healthy or rules out what the kernel's counts show.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "harness/judgement/diagnosis/diagnosis.h"
#include "harness/judgement/finding/finding.h"
#include "harness/judgement/mechanism/mechanisms.h"
#include "harness/model/vocabulary/mechanisms.h"
#include "tests/judgement/diagnosed_subjects.h"
#include "tests/os/sanitized.h"

namespace walsoak::judgement::diagnosed {
namespace {

class Dice {
 public:
  explicit Dice(unsigned seed) : random_(seed) {}
  // 0 ... n - 1; the library's distributions differ between libraries.
  std::int64_t below(std::int64_t n) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(n));
  }
  bool one_in(std::int64_t n) { return below(n) == 0; }

 private:
  std::mt19937 random_;
};

// A database whose connections walk at random, and whose states come, stay for a while and go.
class Database {
 public:
  explicit Database(Dice& dice) : dice_(dice), step_(dice.below(4)), connections_(dice.below(6)) {}

  Json next() {
    connections_ =
        std::max<std::int64_t>(0, connections_ + step_ * dice_.below(2) - dice_.below(3) * dice_.below(2));
    main_bytes_ = dice_.one_in(12) ? 4096 * dice_.below(40) : main_bytes_ + 4096 * dice_.below(2);
    wal_bytes_ += 4120 * dice_.below(60);
    written_us_ += dice_.below(2);
    for (bool* state :
         {&unlocked_, &deleted_, &replaced_, &linked_, &journal_, &exclusive_, &holds_, &unreadable_})
      *state = *state ? !dice_.one_in(3) : dice_.one_in(30);
    return shown();
  }

 private:
  Json shown() {
    const std::int64_t shm = connections_ > 0 && !exclusive_ ? 1 : 0;
    const std::int64_t gone = deleted_ ? std::min<std::int64_t>(1, connections_) : 0;
    const Json lock = unreadable_ ? Json() : Json(unlocked_ || connections_ == 0 ? 0 : 1);
    return database(connections_,
                    {{"kernel_main", connections_ + dice_.below(2)},
                     {"kernel_shm", shm},
                     {"kernel_journal", journal_ ? 1 : 0},
                     {"kernel_wal_deleted", gone},
                     {"kernel_shm_deleted", std::min(gone, shm)},
                     {"kernel_main_replaced", replaced_ ? std::min<std::int64_t>(1, connections_) : 0},
                     {"lock_main_posix", lock},
                     {"lock_shm_dms", unreadable_ ? Json() : Json(shm * dice_.below(2))},
                     {"lock_writer", unreadable_ ? Json() : Json(holds_ ? 1 : 0)},
                     {"lock_reader", unreadable_ ? Json() : Json(dice_.below(2))},
                     {"main_links", linked_ ? 2 : 1},
                     {"main_other_names", linked_ ? Json(dice_.below(2)) : Json(0)},
                     {"main_bytes", main_bytes_},
                     {"wal_bytes", wal_bytes_},
                     {"written_us", written_us_}});
  }

  Dice& dice_;
  std::int64_t step_, connections_, main_bytes_ = 40960, wal_bytes_ = 4152, written_us_ = 1;
  bool unlocked_ = false, deleted_ = false, replaced_ = false, linked_ = false, journal_ = false,
       exclusive_ = false, holds_ = false, unreadable_ = false;
};

Watched random_process(unsigned seed) {
  Dice dice(seed);
  std::vector<Database> databases;
  for (std::int64_t i = 0; i <= dice.below(3); ++i) databases.emplace_back(dice);
  Watched watched;
  constexpr double kEvery[] = {0.2, 0.5, 1, 10, 60};
  watched.every_s = kEvery[dice.below(5)];
  watched.command = dice.one_in(2) ? "python3" : "gateway";
  watched.limit = dice.one_in(3) ? 60 : 1024;
  watched.quiet = !dice.one_in(10);
  const std::int64_t samples = 1 + dice.below(30);
  for (std::int64_t tick = 0; tick < samples; ++tick) {
    watched.samples.emplace_back();
    for (std::size_t i = 0; i < databases.size(); ++i)
      watched.samples.back()["db" + std::to_string(i + 1)] = databases[i].next();
    watched.threads.push_back(1 + dice.below(8));
  }
  return watched;
}

struct Judged {
  facts::ProcessHistory evidence;
  Diagnosis diagnosis;
  Finding finding;
  std::map<std::string, Presence> mechanisms;

  explicit Judged(const Watched& watched)
      : evidence(testing::evidence_of(watched)),
        diagnosis(diagnose(evidence)),
        finding(find(evidence.cell())) {
    for (const Mechanism& mechanism : mechanisms_of(evidence.cell()))
      mechanisms[mechanism.name] = mechanism.presence;
  }

  bool asks(std::string_view name, bool certain) const {
    return std::any_of(diagnosis.questions.begin(), diagnosis.questions.end(), [&](const Question& question) {
      return std::any_of(question.candidates.begin(), question.candidates.end(),
                         [&](const Candidate& candidate) {
                           return candidate.name == name && (!certain || candidate.certain);
                         });
    });
  }
  bool rules_out(std::string_view name) const {
    return std::any_of(diagnosis.ruled_out.begin(), diagnosis.ruled_out.end(),
                       [&](const Line& line) { return line.name == name; });
  }
  std::string text() const { return finding.name + "\n" + diagnosis.to_json().dump(1); }
};

class Agreement : public ::testing::TestWithParam<unsigned> {
 protected:
  // A hundred streams a parameter: one test for each would hide which property failed first.
  static constexpr unsigned kStreams = tests::kSanitized ? 10 : 100;

  template <typename Property>
  void for_each_stream(const Property& property) {
    for (unsigned i = 0; i < kStreams && !HasFailure(); ++i) {
      const unsigned seed = GetParam() * kStreams + i;
      const Watched watched = random_process(seed);
      SCOPED_TRACE("seed " + std::to_string(seed));
      property(watched, Judged(watched));
    }
  }
};

TEST_P(Agreement, AFindingThatHarmsIsNoHealthyDiagnosis) {
  for_each_stream([](const Watched&, const Judged& judged) {
    if (judged.diagnosis.standing == Standing::healthy) {
      EXPECT_TRUE(judged.finding.name == kClean || judged.finding.name == kBoundedGrowth ||
                  judged.finding.name == kChurn)
          << judged.text();
    }
    if (judged.finding.name == kLeak) {
      EXPECT_TRUE(judged.diagnosis.standing == Standing::named || judged.diagnosis.standing == Standing::open)
          << judged.text();
    }
  });
}

TEST_P(Agreement, AMechanismIsOneForAll) {
  for_each_stream([](const Watched&, const Judged& judged) {
    for (const char* name : {kLockLost, kSplitGeneration, kReplacedBoard}) {
      const Presence presence = judged.mechanisms.at(name);
      EXPECT_EQ(presence == Presence::yes, judged.asks(name, true)) << name << "\n" << judged.text();
      if (judged.rules_out(name)) {
        EXPECT_EQ(presence, Presence::no) << name << "\n" << judged.text();
      }
      if (presence == Presence::no) {
        EXPECT_FALSE(judged.asks(name, false)) << name << "\n" << judged.text();
      }
    }
  });
}

TEST_P(Agreement, WhatEndangersRowsIsNeverCleanOrHealthy) {
  for_each_stream([](const Watched&, const Judged& judged) {
    for (const char* name : {kLockLost, kSplitGeneration, kSidecarsRemoved, kSecondCopy, kReplacedBoard,
                             kSecondName, kOverwrittenMain}) {
      if (!judged.asks(name, false)) continue;
      EXPECT_NE(judged.finding.name, kClean) << name << "\n" << judged.text();
      EXPECT_NE(judged.diagnosis.standing, Standing::healthy) << name << "\n" << judged.text();
    }
  });
}

// By the last sample's own counts, not by the judgement of them.
TEST_P(Agreement, WhatTheLastSampleShowsIsNeitherHealthyNorRuledOut) {
  for_each_stream([](const Watched& watched, const Judged& judged) {
    if (!watched.quiet) return;
    for (const auto& entry : watched.samples.back()) {
      const auto& [database, board] = entry;
      const std::string& name = database;  // a lambda may not take a structured binding in C++20's clang 14
      const bool held =
          board.at("kernel_wal") > 0 || (board.at("kernel_journal") > 0 && board.at("kernel_main") > 0);
      const bool unlocked = board.at("lock_main_posix") == 0 && board.at("lock_main_ofd") == 0;
      const bool deleted = board.at("kernel_wal_deleted") > 0 && board.at("kernel_main_replaced") == 0;
      const auto is_wrong = [&](const char* what) {
        EXPECT_NE(judged.diagnosis.standing, Standing::healthy) << what << " on " << name << "\n"
                                                                << judged.text();
        EXPECT_NE(judged.finding.name, kClean) << what << " on " << name << "\n" << judged.text();
        EXPECT_FALSE(judged.rules_out(what)) << name << "\n" << judged.text();
      };
      if (held && unlocked) is_wrong(kLockLost);
      if (deleted) is_wrong(kSidecarsRemoved);
      if (board.at("kernel_main_replaced") > 0) is_wrong(kReplacedBoard);
      if (held && board.at("main_links") > 1) is_wrong(kSecondName);
    }
  });
}

TEST_P(Agreement, OneLookIsNeverHealthy) {
  for_each_stream([](Watched watched, const Judged&) {
    watched.samples.resize(1 + watched.samples.size() % 2);
    EXPECT_NE(Judged(watched).diagnosis.standing, Standing::healthy);
  });
}

INSTANTIATE_TEST_SUITE_P(RandomStreams, Agreement, ::testing::Range(0U, 10U));

}  // namespace
}  // namespace walsoak::judgement::diagnosed
