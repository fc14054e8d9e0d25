// A caller's connection, for gRPC's transport.
#ifndef SERVER_RPC_ASIO_SOCKET_H_
#define SERVER_RPC_ASIO_SOCKET_H_

#include "server/rpc/grpc_on_asio.h"

#if DOCSPACE_GRPC_ON_ASIO

#include <grpc/event_engine/event_engine.h>
#include <grpc/event_engine/slice_buffer.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <memory>
#include <optional>

#include "server/rpc/asio_event_engine.h"

namespace docspace::gateway {

// AsioSocket reads and writes a connected socket on the thread of its engine's loop. It must be
// used on that thread, except that any thread may release it after Close.
class AsioSocket : public SocketHook, public std::enable_shared_from_this<AsioSocket> {
 public:
  using Callback = absl::AnyInvocable<void(absl::Status)>;
  using Buffer = grpc_event_engine::experimental::SliceBuffer;

  // Takes ownership of `descriptor`, which must not block. `count` is kept until Close.
  AsioSocket(int descriptor, AsioEventEngine::ConnectionCount count);
  ~AsioSocket() = default;
  AsioSocket(const AsioSocket&) = delete;
  AsioSocket& operator=(const AsioSocket&) = delete;

  // Calls `on_read` when `buffer`, which must live until then, has some bytes, or with an error.
  void Read(Callback on_read, Buffer* buffer);
  // Calls `on_written` when all of `data`, which must live until then, was written, or with an
  // error. The loop first does all that is ready, so that one system call carries the responses of
  // all calls that were finished until then.
  void Write(Callback on_written, Buffer* data);
  // Closes the socket, and calls the callbacks that wait with an error.
  void Close();

 private:
  void AwaitReadable();
  void OnReadable();
  // Returns false if there is nothing to read yet.
  bool Receive(absl::Status& status);
  void OnWritable();
  // Returns false if the kernel takes no more yet.
  bool Send(absl::Status& status);
  void FinishRead(const absl::Status& status);
  void FinishWrite(const absl::Status& status);

  const std::shared_ptr<AsioEventEngine> engine_;
  std::optional<AsioEventEngine::ConnectionCount> count_;
  // Empty after Close, because the loop's context may end before the socket.
  std::optional<boost::asio::posix::stream_descriptor> descriptor_;
  Callback on_read_;
  Buffer* read_ = nullptr;
  Callback on_written_;
  Buffer* written_ = nullptr;
};

// Returns an endpoint that gRPC can use, on any thread, and that takes ownership of `descriptor`.
// Must be called on the thread of the engine's loop, on which the callbacks run, never inside Read
// and Write. `count` is kept until the connection is closed. Throws std::system_error and
// std::bad_alloc, and closes the descriptor then.
std::unique_ptr<grpc_event_engine::experimental::EventEngine::Endpoint> MakeAsioEndpoint(
    int descriptor, AsioEventEngine::ConnectionCount count);

}  // namespace docspace::gateway

#endif  // DOCSPACE_GRPC_ON_ASIO

#endif  // SERVER_RPC_ASIO_SOCKET_H_
