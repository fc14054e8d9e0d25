// GoogleTest, and the standard headers that most tests include.
#ifndef TESTS_PRECOMPILED_GOOGLETEST_HEADERS_H_
#define TESTS_PRECOMPILED_GOOGLETEST_HEADERS_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#endif  // TESTS_PRECOMPILED_GOOGLETEST_HEADERS_H_
