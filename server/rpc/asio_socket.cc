#include "server/rpc/asio_socket.h"

#if DOCSPACE_GRPC_ON_ASIO

#include <absl/status/status.h>
#include <grpc/slice.h>
#include <grpc/slice_buffer.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <exception>
#include <utility>

#include "server/rpc/server_limits.h"

namespace docspace::gateway {
namespace {

using grpc_event_engine::experimental::EventEngine;

// The kernel takes up to 1024 at a time; a response has three or four.
constexpr std::size_t kMostParts = 64;

absl::Status Closed() { return absl::UnavailableError("the connection is closed"); }

absl::Status Failed(int error) { return absl::UnavailableError(std::strerror(error)); }

class AsioEndpoint final : public EventEngine::Endpoint {
 public:
  AsioEndpoint(int descriptor, AsioEventEngine::ConnectionCount count)
      : engine_(count.engine()),
        peer_(AddressOf(descriptor, &getpeername)),
        local_(AddressOf(descriptor, &getsockname)),
        socket_(std::make_shared<AsioSocket>(descriptor, std::move(count))) {}
  ~AsioEndpoint() override {
    engine_->Run([socket = std::move(socket_)] { socket->Close(); });
  }

  bool Read(absl::AnyInvocable<void(absl::Status)> on_read, AsioSocket::Buffer* buffer,
            ReadArgs /*arguments*/) override {
    OnLoop(&AsioSocket::Read, std::move(on_read), buffer);
    return false;
  }

  bool Write(absl::AnyInvocable<void(absl::Status)> on_written, AsioSocket::Buffer* data,
             WriteArgs /*arguments*/) override {
    OnLoop(&AsioSocket::Write, std::move(on_written), data);
    return false;
  }

  const EventEngine::ResolvedAddress& GetPeerAddress() const override { return peer_; }
  const EventEngine::ResolvedAddress& GetLocalAddress() const override { return local_; }
  std::shared_ptr<TelemetryInfo> GetTelemetryInfo() const override { return nullptr; }

 private:
  using Operation = void (AsioSocket::*)(AsioSocket::Callback, AsioSocket::Buffer*);

  // Begins the operation, at once on the loop's thread, or queued for that thread.
  void OnLoop(Operation begin, AsioSocket::Callback callback, AsioSocket::Buffer* buffer) {
    if (engine_->IsWorkerThread()) {
      (*socket_.*begin)(std::move(callback), buffer);
    } else {
      engine_->Run([socket = socket_, begin, callback = std::move(callback), buffer]() mutable {
        (*socket.*begin)(std::move(callback), buffer);
      });
    }
  }

  static EventEngine::ResolvedAddress AddressOf(int descriptor,
                                                int (*get)(int, sockaddr*, socklen_t*)) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    get(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
    return {reinterpret_cast<const sockaddr*>(&address), size};
  }

  const std::shared_ptr<AsioEventEngine> engine_;
  const EventEngine::ResolvedAddress peer_;
  const EventEngine::ResolvedAddress local_;
  std::shared_ptr<AsioSocket> socket_;
};

}  // namespace

AsioSocket::AsioSocket(int descriptor, AsioEventEngine::ConnectionCount count)
    : engine_(count.engine()),
      count_(std::move(count)),
      descriptor_(std::in_place, engine_->context_, descriptor) {
  engine_->sockets_.push_back(*this);
}

void AsioSocket::Read(Callback on_read, Buffer* buffer) {
  on_read_ = std::move(on_read);
  read_ = buffer;
  if (descriptor_) {
    AwaitReadable();
  } else {
    engine_->Run([self = shared_from_this()] { self->FinishRead(Closed()); });
  }
}

void AsioSocket::AwaitReadable() {
  descriptor_->async_wait(
      boost::asio::posix::descriptor_base::wait_read,
      [self = shared_from_this()](boost::system::error_code /*error*/) { self->OnReadable(); });
}

void AsioSocket::OnReadable() {
  // Close has ended the read.
  if (!on_read_ || !descriptor_) return;
  absl::Status status;
  if (Receive(status)) {
    FinishRead(status);
  } else {
    AwaitReadable();
  }
}

bool AsioSocket::Receive(absl::Status& status) {
  std::array<std::byte, kReadBytes> bytes;
  const ssize_t count = recv(descriptor_->native_handle(), bytes.data(), bytes.size(), 0);
  if (count > 0) {
    grpc_slice_buffer_add(read_->c_slice_buffer(),
                          grpc_slice_from_copied_buffer(reinterpret_cast<const char*>(bytes.data()),
                                                        static_cast<std::size_t>(count)));
    return true;
  }
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  status = count == 0 ? Closed() : Failed(errno);
  return true;
}

void AsioSocket::FinishRead(const absl::Status& status) {
  read_ = nullptr;
  std::exchange(on_read_, nullptr)(status);
}

void AsioSocket::Write(Callback on_written, Buffer* data) {
  on_written_ = std::move(on_written);
  written_ = data;
  engine_->Run([self = shared_from_this()] { self->OnWritable(); });
}

void AsioSocket::OnWritable() {
  // Close has ended the write.
  if (!on_written_) return;
  absl::Status status = descriptor_ ? absl::OkStatus() : Closed();
  if (!status.ok() || Send(status)) {
    FinishWrite(status);
    return;
  }
  descriptor_->async_wait(
      boost::asio::posix::descriptor_base::wait_write,
      [self = shared_from_this()](boost::system::error_code /*error*/) { self->OnWritable(); });
}

bool AsioSocket::Send(absl::Status& status) {
  const grpc_slice_buffer& slices = *written_->c_slice_buffer();
  while (written_->Length() > 0) {
    std::array<iovec, kMostParts> parts;
    const std::size_t count = std::min(slices.count, parts.size());
    for (std::size_t i = 0; i < count; ++i) {
      parts[i] = {.iov_base = GRPC_SLICE_START_PTR(slices.slices[i]),
                  .iov_len = GRPC_SLICE_LENGTH(slices.slices[i])};
    }
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = count;
    const ssize_t sent = sendmsg(descriptor_->native_handle(), &message, MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN) return false;
      status = Failed(errno);
      return true;
    }
    Buffer gone;
    written_->MoveFirstNBytesIntoSliceBuffer(static_cast<std::size_t>(sent), gone);
  }
  return true;
}

void AsioSocket::FinishWrite(const absl::Status& status) {
  written_ = nullptr;
  std::exchange(on_written_, nullptr)(status);
}

void AsioSocket::Close() {
  // The callbacks may destroy the last other reference.
  const std::shared_ptr<AsioSocket> self = shared_from_this();
  absl::Status written = Closed();
  if (on_written_ && descriptor_) {
    // What waits for the end of the loop's turn, such as an alert of TLS, leaves before.
    absl::Status status;
    if (Send(status)) written = status;
  }
  unlink();
  descriptor_.reset();
  count_.reset();
  if (on_read_) FinishRead(Closed());
  if (on_written_) FinishWrite(written);
}

std::unique_ptr<EventEngine::Endpoint> MakeAsioEndpoint(int descriptor,
                                                        AsioEventEngine::ConnectionCount count) {
  try {
    return std::make_unique<AsioEndpoint>(descriptor, std::move(count));
  } catch (const std::exception&) {
    close(descriptor);
    throw;
  }
}

}  // namespace docspace::gateway

#endif  // DOCSPACE_GRPC_ON_ASIO
