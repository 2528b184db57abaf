// Whether tests run under a sanitizer, for those that repeat what one case shows: memory errors do not wait
// for the thousandth, and each takes ten times as long.
#pragma once

namespace walsoak::tests {

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define WALSOAK_SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define WALSOAK_SANITIZED 1
#endif

#ifdef WALSOAK_SANITIZED
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

// Statistics of many draws are left to the build without one.
#define WALSOAK_SKIP_STATISTICS_IF_SANITIZED() \
  if (walsoak::tests::kSanitized) GTEST_SKIP() << "statistics of many draws: run by the release preset"

}  // namespace walsoak::tests
