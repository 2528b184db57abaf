#include "harness/verdict/metrics.h"

namespace walsoak::verdict {
namespace {

void put(Metrics& metrics, std::string_view key, Count first, Count last, Count peak) {
  const std::string name(key);
  metrics[name + "_first"] = first;
  metrics[name + "_last"] = last;
  metrics[name + "_growth"] = difference(last, first);
  metrics[name + "_peak"] = peak;
}

void put_samples(Metrics& metrics, const SampleSeries& series) {
  for (std::size_t i = 0; i < std::size(kKeyNames); ++i) {
    const auto key = static_cast<Key>(i);
    put(metrics, kKeyNames[i], series.first().total[key], series.last().total[key], series.peak(key));
  }
  for (std::size_t i = 0; i < std::size(kProcessKeyNames); ++i) {
    put(metrics, kProcessKeyNames[i], series.first().process[i], series.last().process[i],
        series.peak(static_cast<ProcessKey>(i)));
  }
  metrics["connections_opened_in_scope"] = series.last().total[Key::api_opened_in_scope];
}

void put_steps(Metrics& metrics, const StepFacts& steps) {
  metrics["steps"] = steps.steps();
  metrics["steps_failed"] = steps.failed();
  metrics["passes"] = steps.passes();
  metrics["passes_failed"] = steps.passes_failed();
  metrics["dispatch_p50_us"] = steps.dispatch_latency_us(0.50);
  metrics["dispatch_p99_us"] = steps.dispatch_latency_us(0.99);
  metrics["dispatch_max_us"] = steps.dispatch_latency_us(1.0);
  metrics["wal_created"] = steps.sidecars().wal_created;
  metrics["wal_unlinked"] = steps.sidecars().wal_unlinked;
  metrics["shm_created"] = steps.sidecars().shm_created;
  metrics["shm_unlinked"] = steps.sidecars().shm_unlinked;
}

void put_data(Metrics& metrics, const CellFacts& facts) {
  const DataFacts& data = facts.data();
  metrics["acknowledged"] = data.acknowledged();
  metrics["lost_commits"] = data.lost("final");
  metrics["lost_inside"] = data.lost("inside");
  metrics["lost_outside"] = data.lost("outside");
  metrics["lost_by_fault"] = facts.lost_by_fault();
  metrics["inside_error"] = data.error_code("inside");
  metrics["outside_error"] = data.error_code("outside");
  metrics["integrity_failed"] = data.integrity_failed();
}

}  // namespace

Metrics metrics_of(const CellFacts& facts) {
  Metrics metrics;
  put_samples(metrics, facts.series());
  put_steps(metrics, facts.steps());
  put_data(metrics, facts);
  metrics["last_closes_in_scope"] = facts.last_closes_last();
  metrics["last_closes_apart"] = difference(facts.steps().sidecars().wal_unlinked, facts.last_closes_last());
  metrics["ledgers_parted"] = facts.ledgers().parted();
  return metrics;
}

}  // namespace walsoak::verdict
