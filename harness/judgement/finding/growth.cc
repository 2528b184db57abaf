#include "harness/judgement/finding/growth.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/evidence/stats/trend_blocks.h"

namespace walsoak::judgement {
namespace {

// With fewer points hardly anything but a rise at every one of them is significant: counting, which takes a
// pool that breathes for a leak more easily, is then the smaller error.
constexpr std::size_t kLeastPointsToJudgeBy = 40;

bool never_falls_in(const stats::Bins& bins) {
  const std::vector<stats::Point> points = blocks_of(bins, stats::Side::troughs).points;
  return std::is_sorted(points.begin(), points.end(),
                        [](const stats::Point& a, const stats::Point& b) { return a.value < b.value; });
}

stats::Bin together(const std::vector<stats::Bin>& bins, std::size_t begin, std::size_t count) {
  stats::Bin all = bins[begin];
  for (std::size_t i = 1; i < count; ++i) all.add(bins[begin + i]);
  return all;
}

}  // namespace

Growth::Parts Growth::parts_of(const stats::Bins& bins) const {
  if (!series_.phase().at_any_moment) return {bins.first(), bins.middle(), bins.last()};
  const std::size_t all = bins.bins().size(), third = std::max<std::size_t>(1, all / 3);
  return {together(bins.bins(), 0, third), together(bins.bins(), (all - third) / 2, third),
          together(bins.bins(), all - third, third)};
}

Growth::Growth(const facts::SampleSeries& series, facts::Key key) : series_(series) {
  const bool watched = series.phase().at_any_moment;
  if (series.counted() < 3) {
    missing_ =
        watched ? fmt::format("growth needs 3 samples, there are {}", series.counted())
                : fmt::format("growth needs 3 quiet samples after warm-up, there are {}", series.counted());
    return;
  }
  const stats::Bins& bins = series.bins(key);
  const Parts parts = parts_of(bins);
  first_ = parts.first;
  middle_ = parts.middle;
  last_ = parts.last;
  if (!first_.min || !middle_.min || !last_.min) {
    missing_ = "the boards' descriptors are not known at every sample";
    return;
  }
  if ((!series.troughs() && !watched) || never_falls_in(bins)) return;
  trend_ = trend_of(bins, stats::Side::troughs);
  counted_ = !trend_.measured || trend_.points < kLeastPointsToJudgeBy;
}

std::string Growth::numbers() const {
  const auto at = [](const stats::Bin& bin) {
    if (bin.samples == 1) return fmt::format("{} at tick {}", text(bin.min), bin.tick_first);
    return fmt::format("least {} in ticks {} to {}", text(bin.min), bin.tick_first, bin.tick_last);
  };
  const auto classes = [this](auto side) {
    const auto least = [&](facts::Key key) { return text(side(parts_of(series_.bins(key))).min); };
    return fmt::format("main {}, wal {}, shm {}", least(facts::Key::kernel_main_net),
                       least(facts::Key::kernel_wal), least(facts::Key::kernel_shm));
  };
  return fmt::format("descriptors on the {}: {}, {}, {} ({} -> {}){}",
                     series_.phase().at_any_moment ? "databases" : "boards, net of parked", at(first_),
                     at(middle_), at(last_), classes([](const Parts& parts) { return parts.first; }),
                     classes([](const Parts& parts) { return parts.last; }),
                     counted() ? "" : fmt::format("; {}: {}", name_of(trend_.shape), trend_.reason));
}

Judgement Growth::unknown() const {
  return {Presence::unknown, missing_};
}

Judgement Growth::begun_late() const {
  return {Presence::unknown,
          "growth in the last half alone: more ticks would tell a leak from bounded growth; " + numbers()};
}

Judgement Growth::leak() const {
  if (!missing_.empty()) return unknown();
  if (!counted()) {
    if (trend_.undecided) return {Presence::unknown, numbers()};
    return trend_.grows() ? Judgement{Presence::yes, numbers()} : Judgement{Presence::no, {}};
  }
  if (in_last_half() <= 0) return {Presence::no, {}};
  if (in_first_half() > 0) return {Presence::yes, numbers()};
  return in_first_half() + in_last_half() > 0 ? begun_late() : Judgement{Presence::no, {}};
}

Judgement Growth::bounded() const {
  if (!missing_.empty()) return unknown();
  if (!counted()) {
    if (trend_.undecided) return {Presence::unknown, numbers()};
    return trend_.shape == stats::Shape::step ? Judgement{Presence::yes, numbers()}
                                              : Judgement{Presence::no, {}};
  }
  if (in_first_half() + in_last_half() <= 0) return {Presence::no, {}};
  if (in_last_half() <= 0) return {Presence::yes, numbers()};
  return in_first_half() > 0 ? Judgement{Presence::no, {}} : begun_late();
}

}  // namespace walsoak::judgement
