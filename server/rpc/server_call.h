// The bridge between calls of gRPC and Asio coroutines.
//
// Every call enters by the same door, gRPC's generic service, which tells of it as soon as its
// headers have come. gRPC's typed services tell of a unary call only once its message is complete;
// the calls that a stranger begins and never completes would be neither counted nor bounded.
//
// Everything happens on the thread of one event loop. What makes it sound:
//
// - gRPC holds a reference from Await until it has completed each operation that it was asked for:
//   first the arrival; then, of a call that arrived, its end ("done", which also tells of a
//   cancellation), the message if it was asked for, and the finish. The coroutine and each posted
//   handler hold one too. The last reference destroys the call.
// - A call is finished once, when its work has ended, however it ended: gRPC owes it a finish even
//   if it was cancelled. If Asio lacks the memory to await something it destroys the coroutine
//   without resuming it; then `End` answers.
// - A call gives back its request and what it was admitted with when it is answered, not when its
//   caller has read the answer.
// - The loop does not end while there is a call.
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
#include <string>
#include <string_view>
#include <variant>

#include "absl/container/flat_hash_map.h"
#include "server/base/task.h"
#include "server/rpc/completion.h"
#include "server/rpc/connections.h"
#include "server/rpc/event_loop.h"

namespace docspace::gateway {

class ServerCall;

// The answer to a call. `message` is the response of a unary call, sent if the status is OK.
struct Reply {
  // Not an aggregate: g++ 12 destroys those twice that a coroutine initialises.
  explicit Reply(grpc::Status its_status = {}, const grpc::ByteBuffer& its_message = {})
      : status(std::move(its_status)), message(its_message) {}

  grpc::Status status;
  grpc::ByteBuffer message;
};

// What a call does next: it waits for its message, of that many bytes at most; it runs
// CallHandler::Work until that deadline; or it is answered.
struct ReadMessage {
  std::size_t max_bytes;
};
struct RunWork {
  http::Clock::time_point deadline;
};
using Step = std::variant<ReadMessage, RunWork, Reply>;

// What is done with one call of one method. Exists from the call's arrival until its answer, and is
// used on the thread of the call's loop. An exception from Arrived or Received answers the call
// with UNAVAILABLE; one from Work answers it with UNKNOWN, because the work may have done anything.
class CallHandler {
 public:
  virtual ~CallHandler() = default;

  // The call's headers have come; nothing is known of its message.
  virtual Step Arrived() = 0;
  // After a ReadMessage: the message, which the handler may consume.
  virtual Step Received(grpc::ByteBuffer& message) = 0;
  // After a RunWork. May start on a call that is stopped already: see ServerCall::stopped.
  virtual http::Task<Reply> Work() = 0;
};

// Bounds on what the calls of one loop hold outside of their work.
struct CallLimits {
  // From a call's headers to the end of its message.
  http::Clock::duration message_timeout = std::chrono::seconds(10);
  // From a call's answer until its caller has taken it.
  http::Clock::duration write_timeout = std::chrono::seconds(30);
  // Bytes of calls whose message has not come. More cut the connection of the oldest of them if it
  // holds more than half of that, and else end the oldest.
  std::size_t waiting_bytes = std::size_t{16} * 1024 * 1024;
  // Bytes of answers that callers have not taken, and of their calls. More end the oldest of them.
  std::size_t unwritten_bytes = std::size_t{32} * 1024 * 1024;
  // Calls on one connection. One more cuts that connection.
  std::size_t calls_of_connection = 2000;
};

using CallHook =
    boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

// The calls on one event loop. Must outlive them.
class CallGroup {
 public:
  using NewHandler = std::function<std::unique_ptr<CallHandler>(ServerCall& call)>;

  // `queue` is the one of `loop`.
  CallGroup(EventLoop& loop, grpc::ServerCompletionQueue& queue) : loop_(loop), queue_(queue) {}

  // Calls of `path`, as in `/package.Service/Method`, are handled by what `handler` returns. To be
  // called before Serve.
  void Add(const std::string& path, const NewHandler& handler) { methods_.emplace(path, handler); }

  // Takes calls from now on. `service` is registered with a server that has started. Calls are
  // counted with their connection if `connections` knows it. Both must outlive the calls.
  void Serve(grpc::AsyncGenericService& service, const CallLimits& limits = {},
             Connections* connections = nullptr);

  // Stops every call with Stop::kShutdown. Thread-safe.
  void StopAll();

  // How many answers callers have not taken yet. Thread-safe.
  std::size_t unwritten() const { return unwritten_count_; }

  EventLoop& loop() { return loop_; }

 private:
  friend class ServerCall;
  using Calls = boost::intrusive::list<ServerCall, boost::intrusive::base_hook<CallHook>,
                                       boost::intrusive::constant_time_size<false>>;

  void AwaitCall();
  void EndOldestWaiting();
  // Looks after those that wait, in a while.
  void Watch();
  void EndOverdue();

  EventLoop& loop_;
  grpc::ServerCompletionQueue& queue_;
  absl::flat_hash_map<std::string, NewHandler> methods_;
  grpc::AsyncGenericService* service_ = nullptr;
  CallLimits limits_;
  Connections* connections_ = nullptr;
  // Each call is on one of these, or on none. The latter two are in the order of arrival.
  Calls running_;
  Calls waiting_;
  Calls unwritten_;
  std::size_t waiting_bytes_ = 0;
  std::size_t unwritten_bytes_ = 0;
  std::atomic<std::size_t> unwritten_count_ = 0;
  bool is_watching_ = false;
};

class ServerCall final : public CallHook, public std::enable_shared_from_this<ServerCall> {
 public:
  // Why the work was told to stop.
  enum class Stop { kNone, kDeadline, kCancelled, kShutdown };

  explicit ServerCall(CallGroup& group);
  ~ServerCall();
  ServerCall(const ServerCall&) = delete;
  ServerCall& operator=(const ServerCall&) = delete;

  // Waits for a caller. Throws std::bad_alloc, and then it does not wait.
  void Await();

  grpc::GenericServerContext& context() { return context_; }
  CallGroup& group() { return group_; }

  // When the call is stopped its coroutine is cancelled: what it awaits is aborted, and this says
  // why.
  Stop stopped() const { return stopped_; }

  // A further message of a stream. False if the caller sends none any more, or the call has ended.
  http::Task<bool> Read(grpc::ByteBuffer& message);
  // False if the call has ended.
  http::Task<bool> Write(const grpc::ByteBuffer& message);

 private:
  class End;
  friend class CallGroup;
  enum class Place { kNone, kRunning, kWaiting, kUnwritten };

  void OnArrival(bool ok);
  void OnDone(bool ok);
  void OnRead(bool ok);
  void OnFinished(bool ok);
  void Begin();
  void Take(Step step);
  void WaitForMessage(std::size_t max_bytes);
  void Run(http::Clock::time_point deadline);
  // By a handler of the loop's context alone.
  void Interrupt(Stop why);
  http::Task<void> WorkAndAnswer();
  // Finishes the call. Later calls have no effect.
  void Answer(const Reply& reply);
  void EnterUnwritten(std::size_t message_bytes);
  void Leave();
  // Ends a call whose caller does not take its answer.
  void Abandon();
  void ReleaseIfOver();
  void AwaitNext();

  CallGroup& group_;
  const EventLoop::Hold hold_;
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
  Place place_ = Place::kNone;
  // When it came to that place.
  http::Clock::time_point since_;
  // What gRPC holds for it, by an estimate.
  std::size_t bytes_ = 0;
  // The coroutine awaits something that gRPC ends only with the call.
  bool awaits_grpc_ = false;
  bool begun_ = false;
  bool answered_ = false;
  bool is_reading_ = false;
  bool is_done_ = false;
  bool is_finished_ = false;
  // There was no memory for the call that is to come after this one.
  bool owes_next_ = false;
  std::shared_ptr<ServerCall> kept_by_grpc_;
};

}  // namespace docspace::gateway

#endif  // SERVER_RPC_SERVER_CALL_H_
