#include "harness/base/shared/span_text.h"

#include <gtest/gtest.h>

namespace walsoak {
namespace {

TEST(SpanText, TakesTheUnitThatSuitsIt) {
  EXPECT_EQ(span_text(0.25), "0.25 s");
  EXPECT_EQ(span_text(60), "60 s");
  EXPECT_EQ(span_text(190), "3.17 min");
  EXPECT_EQ(span_text(29130), "8.09 h");
  EXPECT_EQ(span_text(432000), "5 days");
}

TEST(SpanText, LargeOnesAreWrittenOut) {
  EXPECT_EQ(span_text(119.6), "120 s");
  EXPECT_EQ(span_text(5072000.0 * 86400), "5072000 days");
}

}  // namespace
}  // namespace walsoak
