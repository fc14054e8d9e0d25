#include "client/cli/doctor/release.h"

#include <gtest/gtest.h>

namespace docspace::apikeys::cli {
namespace {

TEST(Releases, AreNamedInOrder) {
  EXPECT_EQ(Releases::V37().Names(), "3.7");
  EXPECT_EQ((Releases::Next() | Releases::V31()).Names(), "3.1 or next");
  EXPECT_EQ(Releases::None().Names(), "none");
}

TEST(Fitting, IsWhatAllSignsHaveInCommon) {
  EXPECT_EQ(Fitting({}), Releases::All());
  EXPECT_EQ(Fitting({{"a", Releases::V37() | Releases::Next()},
                     {"b", Releases::V31() | Releases::V32() | Releases::V37()}}),
            Releases::V37());
  EXPECT_EQ(Fitting({{"a", Releases::V31()}, {"b", Releases::Next()}}), Releases::None());
}

}  // namespace
}  // namespace docspace::apikeys::cli
