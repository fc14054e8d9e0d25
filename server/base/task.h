// The types of Asio that the gateway uses. Each event loop has one thread, so everything below runs
// without locks, and a coroutine never changes threads.
#ifndef SERVER_BASE_TASK_H_
#define SERVER_BASE_TASK_H_

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>

namespace docspace::gateway::http {

namespace asio = boost::asio;

using Executor = asio::io_context::executor_type;
using Clock = std::chrono::steady_clock;
using TcpSocket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;

// A coroutine of an event loop. Cancelling it (Asio's terminal cancellation) aborts the operation
// that it awaits, and its next `co_await` throws `operation_aborted`.
template <class T>
using Task = asio::awaitable<T, Executor>;

inline bool IsCancelled(const asio::cancellation_state& state) {
  return state.cancelled() != asio::cancellation_type::none;
}

// Throws `operation_aborted` if the coroutine was cancelled. Use it after an operation that reports
// its end but not the reason. `state` is the result of awaiting
// `asio::this_coro::cancellation_state`.
inline void ThrowIfCancelled(const asio::cancellation_state& state) {
  if (IsCancelled(state)) throw boost::system::system_error(asio::error::operation_aborted);
}

// A completion token. The result is a tuple that starts with the error code, so an error does not
// throw.
inline constexpr asio::as_tuple_t<asio::use_awaitable_t<Executor>> kAsTuple{};

}  // namespace docspace::gateway::http

#endif  // SERVER_BASE_TASK_H_
