// Asio as the transport uses it: one thread per event loop, so everything below runs without locks
// and a coroutine never changes threads.
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

// A coroutine of the transport. Cancelling it (Asio's terminal cancellation) aborts what it waits
// for, and its next `co_await` throws `operation_aborted`.
template <class T>
using Task = asio::awaitable<T, Executor>;

inline bool IsCancelled(const asio::cancellation_state& state) {
  return state.cancelled() != asio::cancellation_type::none;
}

// After an awaited operation that tells of its end, but not why it ended. `state` is what awaiting
// `asio::this_coro::cancellation_state` gives.
inline void ThrowIfCancelled(const asio::cancellation_state& state) {
  if (IsCancelled(state)) throw boost::system::system_error(asio::error::operation_aborted);
}

// Completion token: the results as a tuple that starts with the error code; never throws for it.
inline constexpr asio::as_tuple_t<asio::use_awaitable_t<Executor>> kAsTuple{};

}  // namespace docspace::gateway::http

#endif  // SERVER_BASE_TASK_H_
