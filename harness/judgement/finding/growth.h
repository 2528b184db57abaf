// Whether a cell's descriptors grow: in lockstep counted from sample to sample, in a free-running cell told
// from the troughs of its bins, since nobody chose the moment of a sample there.
#pragma once

#include <string>

#include "harness/base/shared/tristate.h"
#include "harness/evidence/facts/series.h"
#include "harness/evidence/stats/bins.h"
#include "harness/evidence/stats/trend.h"

namespace walsoak::judgement {

class Growth {
 public:
  // `key`: what is held, one of those kept in bins.
  explicit Growth(const facts::SampleSeries& series, facts::Key key = facts::Key::descriptors_net);

  // Net growth in both halves after warm-up.
  Judgement leak() const;
  // Net growth that is over.
  Judgement bounded() const;

 private:
  // How growth is told. By counting: in lockstep; where nothing ever falls, since then nothing comes and goes
  // that could hide or feign growth; and where there is too little for a trend. By trend elsewhere.
  bool counted() const { return counted_; }
  // The parts of a series that are compared: single bins, or, where nobody waited for the process to be
  // quiet, thirds: the least of many moments is what it holds for good.
  struct Parts {
    stats::Bin first, middle, last;
  };
  Parts parts_of(const stats::Bins& bins) const;
  Judgement unknown() const;
  Judgement begun_late() const;
  std::string numbers() const;
  std::int64_t in_first_half() const { return *middle_.min - *first_.min; }
  std::int64_t in_last_half() const { return *last_.min - *middle_.min; }

  const facts::SampleSeries& series_;
  stats::Bin first_, middle_, last_;  // after warm-up, half-way, and last
  std::string missing_;               // why nothing can be told
  bool counted_ = true;
  stats::Trend trend_;
};

}  // namespace walsoak::judgement
