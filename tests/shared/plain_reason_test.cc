// Messages of exceptions that libraries throw.
#include "harness/base/shared/plain_reason.h"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace walsoak {
namespace {

template <typename Act>
std::string reason_of(const Act& act) {
  try {
    act();
  } catch (const std::exception& error) {
    return plain_reason(error);
  }
  return "nothing was thrown";
}

TEST(PlainReasonTest, TheLibrarysNumbersAreTakenOff) {
  const nlohmann::json object = {{"a", 1}};
  EXPECT_EQ(reason_of([&] { object.at("type"); }), "key 'type' not found");
  EXPECT_EQ(
      reason_of([&] { throw std::runtime_error("run.json: [json.exception.type_error.302] type must be"); }),
      "run.json: type must be");
  EXPECT_EQ(reason_of([] { throw std::runtime_error("no mark"); }), "no mark");
}

TEST(PlainReasonTest, AContainersTextIsCalledWhatItIs) {
  const std::map<std::string, int> empty;
  EXPECT_EQ(reason_of([&] { empty.at("w0001"); }), "internal error (map::at)");
}

}  // namespace
}  // namespace walsoak
