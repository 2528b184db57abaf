// Subjects whose cause is known, and what is said of each: no wrong single name, and the right one where the
// kernel's ledger decides. Healthy ones that look suspicious are said to be healthy.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "harness/judgement/diagnosis/diagnosis.h"
#include "tests/judgement/diagnosed_subjects.h"

namespace walsoak::judgement::diagnosed {
namespace {

std::vector<Subject> subjects() {
  std::vector<Subject> all = counted_subjects(), files = filed_subjects();
  for (Subject& subject : files) all.push_back(std::move(subject));
  return all;
}

class DiagnosisTable : public ::testing::TestWithParam<Subject> {};

TEST_P(DiagnosisTable, NamesWhatIsDecidableAndNothingElse) {
  const Subject& subject = GetParam();
  const Diagnosis diagnosis = diagnose(testing::evidence_of(subject.watched()));
  Names open;
  for (const Question& question : diagnosis.questions) {
    if (question.harmless || question.candidates.front().certain) continue;
    for (const Candidate& candidate : question.candidates) open.push_back(candidate.name);
  }
  EXPECT_EQ(diagnosis.standing, subject.standing) << diagnosis.to_json().dump(1);
  EXPECT_EQ(diagnosis.named, subject.named) << diagnosis.to_json().dump(1);
  EXPECT_EQ(open, subject.open) << diagnosis.to_json().dump(1);
}

TEST_P(DiagnosisTable, JudgesEachMechanismOnceAndSaysWhatRulesItOut) {
  const Watched watched = GetParam().watched();
  const Diagnosis diagnosis = diagnose(testing::evidence_of(watched));
  std::map<std::string, int> judged;
  for (const Line& line : diagnosis.ruled_out) {
    EXPECT_NE(line.text, "") << line.name;
    ++judged[line.name];
  }
  for (const Line& line : diagnosis.not_told) ++judged[line.name];
  std::set<std::string> asked;
  for (const Question& question : diagnosis.questions) {
    for (const Candidate& candidate : question.candidates) asked.insert(candidate.name);
  }
  for (const auto& [name, times] : judged)
    EXPECT_EQ(times + asked.contains(name), 1) << name << "\n" << diagnosis.to_json().dump(1);
  if (watched.samples.empty()) return;
  for (const char* name :
       {"unclosed connection", "deferred collection", "zombie connection", "connection per thread",
        "parked descriptors", "lock lost", "split generation", "stale checkpoint", "checkpoint starvation",
        "descriptor exhaustion", "replaced board", "sidecar churn"}) {
    EXPECT_TRUE(judged.contains(name) || asked.contains(name)) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Subjects, DiagnosisTable, ::testing::ValuesIn(subjects()), [](const auto& subject) {
  std::string name;
  for (const char* at = subject.param.name; *at != 0; ++at) {
    if (std::isalnum(static_cast<unsigned char>(*at))) name += *at;
  }
  return name;
});

}  // namespace
}  // namespace walsoak::judgement::diagnosed
