// Asio and Boost.JSON, for tests of code that uses HTTP.
#ifndef TESTS_PRECOMPILED_ASIO_HEADERS_H_
#define TESTS_PRECOMPILED_ASIO_HEADERS_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json.hpp>
#include <chrono>
#include <functional>
#include <future>
#include <map>
#include <string>
#include <thread>
#include <vector>

#endif  // TESTS_PRECOMPILED_ASIO_HEADERS_H_
