// The bridge between calls of gRPC and Asio coroutines.
//
// Every call arrives through gRPC's generic service, which reports a call as soon as its headers
// have arrived. gRPC's typed services report a unary call only when its message is complete, so
// that calls that a caller begins and never completes would be neither counted nor limited.
//
// Everything happens on the thread of one event loop. These rules make it safe:
//
// - Ownership: gRPC holds a reference from Listen until it has completed all operations that were
//   started with it: first the arrival; then, if a call has arrived, its end ("done", which also
//   reports a cancellation), the message if it was read, and the finish. The coroutine and every
//   posted handler hold a reference too. The last reference destroys the call.
// - A call is finished exactly once, when its handler has ended, even if the call was cancelled. If
//   Asio cannot allocate memory for an await, it destroys the coroutine without resuming it;
//   `FinishGuard` then finishes the call.
// - A call gives back its request and its permits when it is finished, not when its caller has read
//   the response.
// - The loop does not end while a call exists.
#ifndef SERVER_RPC_SERVER_CALL_H_
#define SERVER_RPC_SERVER_CALL_H_

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/support/byte_buffer.h>

#include <atomic>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/intrusive/list.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "absl/container/flat_hash_map.h"
#include "server/base/task.h"
#include "server/rpc/completion.h"
#include "server/rpc/connections.h"
#include "server/rpc/event_loop.h"
#include "server/rpc/held_bytes.h"

namespace docspace::gateway {

class ServerCall;

// The result of a call. `message` is the response of a unary call, which is sent if the status is
// OK.
struct Reply {
  // Not an aggregate: g++ 12 destroys those twice that a coroutine initialises.
  explicit Reply(grpc::Status its_status = {}) : status(std::move(its_status)) {}
  Reply(grpc::Status its_status, grpc::ByteBuffer&& its_message) : status(std::move(its_status)) {
    message.Swap(&its_message);
  }
  // gRPC's ByteBuffer cannot be moved, only swapped. A copy counts the references of its slices.
  Reply(Reply&& other) noexcept : status(std::move(other.status)) { message.Swap(&other.message); }
  Reply& operator=(Reply&& other) noexcept {
    status = std::move(other.status);
    message.Swap(&other.message);
    return *this;
  }
  ~Reply() = default;

  grpc::Status status;
  grpc::ByteBuffer message;
};

// The next step of a call: it waits for its message, of at most `max_bytes`; it runs
// CallHandler::Handle until `deadline`; or it is finished with a Reply.
struct ReadMessage {
  std::size_t max_bytes;
};
struct RunHandler {
  http::Clock::time_point deadline;
};
using Step = std::variant<ReadMessage, RunHandler, Reply>;

// CallHandler handles one call of one method. It exists from the call's arrival until its finish
// and is used on the thread of the call's loop. An exception from OnHeaders or OnMessage finishes
// the call with UNAVAILABLE; one from Handle finishes it with UNKNOWN, because the request may
// already have been sent.
class CallHandler {
 public:
  virtual ~CallHandler() = default;

  // Called when the call's headers have arrived. Its message is not known yet.
  virtual Step OnHeaders() = 0;
  // Called after a ReadMessage with the message, which the handler may consume.
  virtual Step OnMessage(grpc::ByteBuffer& message) = 0;
  // Called after a RunHandler. It may start on a call that is already stopped; check
  // ServerCall::stopped first.
  virtual http::Task<Reply> Handle() = 0;
};

// The memory of the calls of all loops, in bytes.
struct CallMemory {
  CallMemory(std::size_t most_waiting, std::size_t most_unwritten)
      : waiting(most_waiting), unwritten(most_unwritten) {}

  // Calls whose message has not arrived. Beyond the limit, the oldest call of the connection that
  // holds the most of them is finished, and that connection is closed if it holds more than half of
  // the limit.
  HeldBytes waiting;
  // Responses that callers have not read, and their calls. Beyond the limit, the oldest of these
  // calls on the connection that holds the most is cancelled.
  HeldBytes unwritten;
};

// The limits of calls before and after their handlers run.
struct CallLimits {
  // The time from a call's headers to the end of its message.
  http::Clock::duration message_timeout = std::chrono::seconds(10);
  // The time from a call's finish until its caller has taken the response.
  http::Clock::duration write_timeout = std::chrono::seconds(30);
  // The groups that are given the same object share its limits.
  std::shared_ptr<CallMemory> memory =
      std::make_shared<CallMemory>(std::size_t{16} * 1024 * 1024, std::size_t{32} * 1024 * 1024);
  // The most calls on one connection. One more closes the connection.
  std::size_t calls_of_connection = 2000;
  // The most entries in one call's metadata. One more cuts the connection: it comes only from a
  // peer that ignores SETTINGS_MAX_HEADER_LIST_SIZE, and gRPC 1.51 holds 256 bytes for an entry
  // that may be a single byte on the wire.
  std::size_t metadata_entries = 512;
};

using CallHook =
    boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

// CallGroup holds the calls on one event loop. It must outlive them, and must be used on the loop's
// thread unless a method says otherwise.
class CallGroup {
 public:
  using NewHandler = std::function<std::unique_ptr<CallHandler>(ServerCall& call)>;

  // `queue` must be the queue of `loop`.
  CallGroup(EventLoop& loop, grpc::ServerCompletionQueue& queue) : loop_(loop), queue_(queue) {}

  // Handles the calls of `path`, such as `/package.Service/Method`, with the result of `handler`.
  // Must be called before Serve.
  void Add(const std::string& path, const NewHandler& handler) { methods_.emplace(path, handler); }

  // Starts to take calls. `service` must be registered with a server that has started. If
  // `connections` is not null, calls are counted on their connections. Both must outlive the calls.
  void Serve(grpc::AsyncGenericService& service, const CallLimits& limits = {},
             Connections* connections = nullptr);

  // Stops every call with Stop::kShutdown. Thread-safe.
  void StopAll();

  // Returns the number of responses that callers have not read yet. Thread-safe.
  std::size_t unwritten() const { return unwritten_count_; }

  EventLoop& loop() { return loop_; }

 private:
  friend class ServerCall;
  using Calls = boost::intrusive::list<ServerCall, boost::intrusive::base_hook<CallHook>,
                                       boost::intrusive::constant_time_size<false>>;

  // Returns the oldest of `calls` on the connection for which `held` returns the most bytes.
  // `calls` must not be empty.
  static ServerCall& OldestOfGreatest(Calls& calls, std::size_t (Connection::*held)() const);

  void ListenForCall();
  // Finishes waiting calls, and cancels unwritten ones, while this loop holds too much.
  void EndWaitingOverLimit();
  void EndUnwrittenOverLimit();
  // Makes the loop do both. Thread-safe.
  void PostEndsOverLimit();
  void EndOneWaiting();
  // Starts the timer for the waiting calls, unless it runs.
  void Watch();
  void EndOverdue();

  EventLoop& loop_;
  grpc::ServerCompletionQueue& queue_;
  absl::flat_hash_map<std::string, NewHandler> methods_;
  grpc::AsyncGenericService* service_ = nullptr;
  CallLimits limits_;
  Connections* connections_ = nullptr;
  // Each call is on one of these lists, or on none. The latter two are in the order of arrival.
  Calls running_;
  Calls waiting_;
  Calls unwritten_;
  // Null before Serve.
  std::optional<HeldBytes::Share> waiting_bytes_;
  std::optional<HeldBytes::Share> unwritten_bytes_;
  std::atomic<bool> ends_are_posted_ = false;
  std::atomic<std::size_t> unwritten_count_ = 0;
  bool is_watching_ = false;
};

class ServerCall final : public CallHook, public std::enable_shared_from_this<ServerCall> {
 public:
  // The reason why a call was stopped.
  enum class Stop { kNone, kDeadline, kCancelled, kShutdown };

  explicit ServerCall(CallGroup& group);
  ~ServerCall();
  ServerCall(const ServerCall&) = delete;
  ServerCall& operator=(const ServerCall&) = delete;

  // Asks gRPC for a call. If it throws std::bad_alloc, it has not asked.
  void Listen();

  grpc::GenericServerContext& context() { return context_; }
  CallGroup& group() { return group_; }

  // Returns the reason why the call was stopped. A stop cancels the coroutine of the call, which
  // aborts its current operation.
  Stop stopped() const { return stopped_; }

  // Reads a further message of a stream. Returns false if the caller sends no more, or if the call
  // has ended.
  http::Task<bool> Read(grpc::ByteBuffer& message);
  // Writes a message of a stream. Returns false if the call has ended.
  http::Task<bool> Write(const grpc::ByteBuffer& message);

 private:
  class FinishGuard;
  friend class CallGroup;
  enum class List { kNone, kRunning, kWaiting, kUnwritten };

  void OnArrival(bool ok);
  void OnDone(bool ok);
  void OnRead(bool ok);
  void OnFinished(bool ok);
  void Begin();
  void Advance(Step step);
  void WaitForMessage(std::size_t max_bytes);
  void Run(http::Clock::time_point deadline);
  // Must be called only by a handler that the loop's io_context runs.
  void Cancel(Stop why);
  http::Task<void> HandleAndFinish();
  // Finishes the call. Later calls have no effect.
  void Finish(const Reply& reply);
  void AwaitWrite(std::size_t message_bytes);
  void LeaveList();
  // Cancels a call whose caller does not read the response.
  void Abandon();
  void ReleaseIfOver();
  void ListenForNext();

  CallGroup& group_;
  const EventLoop::WorkGuard work_guard_;
  grpc::GenericServerContext context_;
  grpc::GenericServerAsyncReaderWriter stream_{&context_};
  MemberCompletion<ServerCall, &ServerCall::OnArrival> arrival_{*this};
  MemberCompletion<ServerCall, &ServerCall::OnDone> done_{*this};
  MemberCompletion<ServerCall, &ServerCall::OnRead> read_{*this};
  MemberCompletion<ServerCall, &ServerCall::OnFinished> finished_{*this};
  std::shared_ptr<Connection> connection_;
  std::unique_ptr<CallHandler> handler_;
  grpc::ByteBuffer message_;
  std::size_t max_message_bytes_ = 0;
  http::Clock::time_point deadline_ = http::Clock::time_point::max();
  http::Timer deadline_timer_;
  boost::asio::cancellation_signal cancel_;
  Stop stopped_ = Stop::kNone;
  List list_ = List::kNone;
  // The time at which the call joined that list.
  http::Clock::time_point since_;
  // The estimated memory, in bytes, that gRPC holds for the call.
  std::size_t bytes_ = 0;
  // True while the coroutine awaits an operation that gRPC ends only with the call.
  bool awaits_grpc_ = false;
  bool begun_ = false;
  bool answered_ = false;
  bool is_reading_ = false;
  bool is_done_ = false;
  bool is_finished_ = false;
  // True if there was no memory to ask for the next call.
  bool replacement_pending_ = false;
  std::shared_ptr<ServerCall> self_;
};

}  // namespace docspace::gateway

#endif  // SERVER_RPC_SERVER_CALL_H_
