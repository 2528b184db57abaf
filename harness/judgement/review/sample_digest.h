// A few of a stream's samples, evenly spread over it, in memory that does not grow with the stream.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "harness/evidence/facts/sample.h"

namespace walsoak::review {

class SampleDigest {
 public:
  // Keeps at most `most` samples, the last one besides.
  explicit SampleDigest(std::size_t most) : most_(most) {}

  // Any line of a stream, in order. Throws as facts::SampleReader does.
  void accept(const nlohmann::ordered_json& line);

  // {"of":6000,"columns":["tick","quiet","api_open",...],"rows":[[...],...]}: summed over the boards, null
  // where not known, columns that no sample has left out. Null where there was no sample.
  nlohmann::ordered_json json() const;

 private:
  std::size_t most_;
  std::uint64_t seen_ = 0;
  std::uint64_t stride_ = 1;  // every so manieth is kept
  facts::SampleReader reader_;
  nlohmann::ordered_json kept_ = nlohmann::ordered_json::array();
  nlohmann::ordered_json last_;  // where it is not among those kept
};

// That of a stored stream; null where it is not there, or not one that can be read to its end.
nlohmann::ordered_json samples_of(const std::filesystem::path& stream, std::size_t most);

}  // namespace walsoak::review
