// What a count of descriptors did over the samples of a process that nobody ordered to be quiet, in one word:
// whether it grows for certain, may grow, or breathes. Growth and stats::Trend judge; this adds what few
// samples need (a run of three to forty), where chance alone makes a busy pool rise.
#pragma once

#include <string>

#include "harness/evidence/facts/series.h"

namespace walsoak::judgement {

enum class CourseKind {
  none,          // no sample with the number
  single,        // one or two samples: a course cannot be told
  steady,        // never moved
  breathes,      // comes and goes without a growth that stands out
  burst,         // rose and came back
  step,          // rose, and is over
  saw_tooth,     // slow rises that end in sudden falls, troughs flat
  falls,         // holds less at the end
  rises,         // grows, established
  rises_so_far,  // grew at these samples, too few to tell it from a start
  rises_late,    // grew in the last half alone
  rises_or_not   // rose among ups and downs: too few samples to tell
};

struct Course {
  CourseKind kind = CourseKind::none;
  std::int64_t samples = 0;
  Count first, last, least, most;
  std::string numbers;   // "2 at sample 0, 9 at sample 4, 17 at sample 9"
  int peaks = 0;         // how often it fell after it had risen
  bool settled = false;  // the last two samples are the same

  bool rising() const { return kind == CourseKind::rises || kind == CourseKind::rises_so_far; }
  // Whether more samples could show that it grows.
  bool undecided() const { return kind == CourseKind::rises_late || kind == CourseKind::rises_or_not; }
};

// Of a key that the series keeps in bins.
Course course_of(const facts::SampleSeries& series, facts::Key key);

}  // namespace walsoak::judgement
