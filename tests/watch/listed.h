// What the tests of listings ask of a stream.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/shared/errors.h"
#include "harness/field/listing/listing.h"

namespace walsoak::tests {

// Of the one process that holds databases.
inline std::vector<nlohmann::ordered_json> stream_of_listing(std::string_view text,
                                                             std::optional<std::int64_t> pid = {}) {
  auto streams = watch::streams_of_listing(text, pid);
  EXPECT_EQ(streams.size(), 1u);
  return std::move(streams.at(0).lines);
}

inline std::vector<nlohmann::ordered_json> samples_of(std::string_view text,
                                                      std::optional<std::int64_t> pid = {}) {
  std::vector<nlohmann::ordered_json> samples;
  for (nlohmann::ordered_json& line : stream_of_listing(text, pid))
    if (line["type"] == "sample") samples.push_back(std::move(line));
  return samples;
}

// The one database's counts in the one sample.
inline nlohmann::ordered_json only_board(std::string_view text) {
  const auto samples = samples_of(text);
  EXPECT_EQ(samples.size(), 1u);
  EXPECT_EQ(samples.at(0)["boards"].size(), 1u);
  return samples.at(0)["boards"].at("db1");
}

inline std::string refusal_of(std::string_view text, std::optional<std::int64_t> pid = {}) {
  try {
    watch::streams_of_listing(text, pid);
  } catch (const Refused& refused) {
    return refused.what();
  }
  ADD_FAILURE() << "it was taken";
  return {};
}

}  // namespace walsoak::tests
