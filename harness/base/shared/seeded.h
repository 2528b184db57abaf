// A small seeded generator whose sequence is the same with every compiler and library, so that a recorded
// seed means the same run everywhere (the distributions of <random> promise no such thing).
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace walsoak {

// SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014). Not thread-safe.
class Seeded {
 public:
  // Streams with different labels are independent: adding a draw to one leaves the others as they were.
  Seeded(std::uint64_t seed, std::string_view label) : state_(seed) {
    for (const char c : label) state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    next();
  }

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }

  // A whole number in [0, bound); bound > 0. The modulo bias is below 2^-40 for every bound used here.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }

  // True with the given probability.
  bool chance(double probability) { return static_cast<double>(next() >> 11) * 0x1.0p-53 < probability; }

  template <typename T>
  void shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
  }

 private:
  std::uint64_t state_;
};

}  // namespace walsoak
