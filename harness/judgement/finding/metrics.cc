#include "harness/judgement/finding/metrics.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "harness/evidence/stats/trend.h"
#include "harness/model/vocabulary/jobs.h"

namespace walsoak::judgement {
namespace {

void put(Metrics& metrics, std::string_view key, Count first, Count last, Count growth, Count peak) {
  const std::string name(key);
  metrics[name + "_first"] = first;
  metrics[name + "_last"] = last;
  metrics[name + "_growth"] = growth;
  metrics[name + "_peak"] = peak;
}

template <typename AnyKey>
void put(Metrics& metrics, std::string_view name, const facts::SampleSeries& series, AnyKey key) {
  put(metrics, name, series.first_value(key), series.last_value(key), series.growth(key), series.peak(key));
}

void put_samples(Metrics& metrics, const facts::SampleSeries& series) {
  for (std::size_t i = 0; i < facts::kMetricKeys; ++i) {
    put(metrics, facts::kKeyNames[i], series, static_cast<facts::Key>(i));
  }
  for (std::size_t i = 0; i < std::size(facts::kProcessKeyNames); ++i) {
    put(metrics, facts::kProcessKeyNames[i], series, static_cast<facts::ProcessKey>(i));
  }
  metrics["connections_opened_in_scope"] = series.last().total[facts::Key::api_opened_in_scope];
}

void put_steps(Metrics& metrics, const facts::StepFacts& steps) {
  metrics["steps"] = steps.steps();
  metrics["steps_failed"] = steps.failed();
  metrics["passes"] = steps.passes();
  metrics["passes_failed"] = steps.passes_failed();
  metrics["passes_locked_out"] = steps.passes_locked_out();
  metrics["dispatch_p50_us"] = steps.dispatch_latency_us(0.50);
  metrics["dispatch_p99_us"] = steps.dispatch_latency_us(0.99);
  metrics["dispatch_max_us"] = steps.dispatch_latency_us(1.0);
  metrics["wal_created"] = steps.sidecars().wal_created;
  metrics["wal_unlinked"] = steps.sidecars().wal_unlinked;
  metrics["shm_created"] = steps.sidecars().shm_created;
  metrics["shm_unlinked"] = steps.sidecars().shm_unlinked;
}

// Of a process that nobody gave steps to: none were counted, which is not 0.
void forget_steps(Metrics& metrics) {
  for (const char* name :
       {"steps", "steps_failed", "passes", "passes_failed", "passes_locked_out", "wal_created",
        "wal_unlinked", "shm_created", "shm_unlinked", facts::kUnorderedDeaths}) {
    metrics[name] = std::nullopt;
  }
}

void put_data(Metrics& metrics, const facts::CellFacts& facts) {
  const facts::DataFacts& data = facts.data();
  metrics["acknowledged"] = data.acknowledged();
  metrics["lost_commits"] = data.lost("final");
  metrics["lost_inside"] = data.lost("inside");
  metrics["lost_outside"] = data.lost("outside");
  metrics["lost_by_fault"] = data.lost_by_fault();
  metrics["inside_error"] = data.error_code("inside");
  metrics["outside_error"] = data.error_code("outside");
  metrics["integrity_failed"] = data.integrity_failed();
}

// A figure that was never taken is left out: it is no metric of this cell.
void put_taken(Metrics& metrics, const std::string& name, Count value) {
  if (value) metrics[name] = value;
}

void put_percentiles(Metrics& metrics, const std::string& name, const stats::Latencies& latencies) {
  put_taken(metrics, name + "_p50_us", latencies.at_share(0.50));
  put_taken(metrics, name + "_p99_us", latencies.at_share(0.99));
  put_taken(metrics, name + "_max_us", latencies.max());
}

void put_job(Metrics& metrics, const std::string& name, const facts::JobActivity& job) {
  put_taken(metrics, name + "_ran", job.ran);
  put_taken(metrics, name + "_missed", job.missed);
  put_taken(metrics, name + "_failed", job.failed);
  put_taken(metrics, name + "_latency_max_us", job.latency_max_us);
}

void put_level(Metrics& metrics, const std::string& name, const stats::Bins& bins, Count peak) {
  if (bins.empty() || !bins.first().min || !bins.last().min) return;
  put(metrics, name, bins.first().min, bins.last().min, difference(bins.last().min, bins.first().min), peak);
}

void put_pace(Metrics& metrics, const facts::Pace& pace) {
  put_taken(metrics, "ticks_ran", pace.ticks_ran());
  put_taken(metrics, "ticks_missed", pace.ticks_missed());
  put_taken(metrics, "rates_known", pace.rates_known() ? 1 : 0);
  put_percentiles(metrics, "tick", pace.tick_us());
  put_percentiles(metrics, "late", pace.late_us());
  put_percentiles(metrics, "lag", pace.lag_us());
  metrics["wait_max_us"] = pace.wait_max_us();
  put_taken(metrics, "lock_wait_us", pace.lock_wait_us());
  put_taken(metrics, "affinity_errors", pace.affinity_errors());
  for (const auto& [name, job] : pace.jobs()) put_job(metrics, metric_prefix_of(name), job);
  put_level(metrics, "harness_rss_bytes", pace.harness_rss_bytes(), pace.harness_rss_bytes_peak());
  put_level(metrics, "harness_descriptors", pace.harness_descriptors(), pace.harness_descriptors_peak());
  put_taken(metrics, "harness_jitter_us_p50", pace.jitter_us().at_share(0.50));
  put_taken(metrics, "harness_jitter_us_p99", pace.jitter_us().at_share(0.99));
  put_taken(metrics, "harness_jitter_us_peak", pace.jitter_us().max());
}

// Whole descriptors per million ticks: a leak of one in 500 ticks is 2000. What could be detected is rounded
// up.
void put_trend(Metrics& metrics, const facts::SampleSeries& series) {
  const stats::Trend trend = series.empty()
                                 ? stats::Trend{}
                                 : trend_of(series.bins(facts::Key::descriptors_net), stats::Side::troughs);
  const auto per_million = [](double slope) { return Count(std::llround(slope * 1e6)); };
  const auto put_if = [&](const char* name, bool known, Count value) {
    metrics[std::string("descriptors_net_") + name] = known ? value : std::nullopt;
  };
  const bool interval = trend.measured && trend.min_detectable_slope.has_value();
  put_if("slope_per_million_ticks", trend.measured, per_million(trend.slope));
  put_if("slope_low_per_million_ticks", interval, per_million(trend.low));
  put_if("slope_high_per_million_ticks", interval, per_million(trend.high));
  put_if("last_quarter_slope_per_million_ticks", trend.measured, per_million(trend.last_quarter_slope));
  put_if("min_detectable_slope_per_million_ticks", interval,
         static_cast<std::int64_t>(std::ceil(trend.min_detectable_slope.value_or(0) * 1e6)));
  put_if("trend_p_per_million", trend.measured, per_million(trend.p));
  put_if("effective_samples", trend.measured, std::llround(trend.effective_n));
}

void put_counts(Metrics& metrics, const facts::CellFacts& facts) {
  put_samples(metrics, facts.series());
  put_steps(metrics, facts.steps());
  put_data(metrics, facts);
  metrics[facts::kUnorderedDeaths] = facts.deaths().count();
  if (facts.watched()) forget_steps(metrics);
  metrics["last_closes_in_scope"] = facts.last_closes_last();
  metrics["last_closes_apart"] =
      facts.watched() ? std::nullopt
                      : difference(facts.steps().sidecars().wal_unlinked, facts.last_closes_last());
  metrics["ledgers_parted"] = facts.ledgers().parted();
}

}  // namespace

Metrics metrics_of(const facts::CellFacts& facts) {
  Metrics metrics;
  put_counts(metrics, facts);
  if (facts.free_running()) {
    put_pace(metrics, facts.pace());
    put_trend(metrics, facts.series());
  }
  return metrics;
}

}  // namespace walsoak::judgement
