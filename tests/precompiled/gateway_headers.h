// The headers of tests that call a whole gateway: the fixture, the emulated portal, the scripted
// upstream, and the libraries below them.
#ifndef TESTS_PRECOMPILED_GATEWAY_HEADERS_H_
#define TESTS_PRECOMPILED_GATEWAY_HEADERS_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <functional>
#include <future>
#include <map>
#include <thread>

#include "tests/e2e/end_to_end.h"
#include "tests/testkit/scripted_upstream.h"

#endif  // TESTS_PRECOMPILED_GATEWAY_HEADERS_H_
