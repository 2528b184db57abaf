#include "harness/model/vocabulary/vocabulary.h"

namespace walsoak {
namespace {

constexpr std::string_view kFindings[] = {
    "data loss", "wedged", "leak", "bounded growth", "churn", "clean", "unknown",
};

constexpr std::string_view kMechanisms[] = {
    "unclosed connection",   "deferred collection",   "zombie connection",
    "parked descriptors",    "connection per thread", "lock lost",
    "split generation",      "stale checkpoint",      "checkpoint starvation",
    "descriptor exhaustion", "replaced board",        "sidecar churn",
};

}  // namespace

std::span<const std::string_view> finding_names() {
  return kFindings;
}

std::span<const std::string_view> mechanism_names() {
  return kMechanisms;
}

}  // namespace walsoak
