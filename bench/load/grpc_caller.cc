#include "bench/load/grpc_caller.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace docspace::bench {
namespace {

namespace asio = boost::asio;
using gateway::http::kAsTuple;

// The windows are large, because flow control should not affect the results.
constexpr std::int32_t kWindowBytes = 256 * 1024 * 1024;
constexpr std::size_t kReadBytes = 64 * 1024;

constexpr asio::use_awaitable_t<gateway::http::Executor> kThrowing;

std::string WithPrefix(const std::string& message) {
  std::string prefixed(1, '\0');
  for (int shift = 24; shift >= 0; shift -= 8) {
    prefixed += static_cast<char>((message.size() >> shift) & 0xFF);
  }
  return prefixed + message;
}

nghttp2_nv Field(std::string_view name, std::string_view value) {
  const auto octets = [](std::string_view text) {
    // nghttp2 copies both.
    return const_cast<std::uint8_t*>(  // NOLINT(cppcoreguidelines-pro-type-const-cast)
        reinterpret_cast<const std::uint8_t*>(text.data()));
  };
  return {octets(name), octets(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

std::string_view View(const std::uint8_t* octets, std::size_t size) {
  return {reinterpret_cast<const char*>(octets), size};
}

void Require(int result) {
  if (result < 0) throw std::runtime_error(nghttp2_strerror(result));
}

}  // namespace

GrpcCaller::GrpcCaller(const GrpcCall& call, gateway::http::TcpSocket socket)
    : socket_(std::move(socket)),
      authority_("127.0.0.1:" + std::to_string(call.port)),
      path_(call.path),
      authorization_(call.authorization),
      message_(WithPrefix(call.message)),
      input_(std::make_unique_for_overwrite<std::uint8_t[]>(kReadBytes)) {
  nghttp2_session_callbacks* callbacks = nullptr;
  Require(nghttp2_session_callbacks_new(&callbacks));
  nghttp2_session_callbacks_set_on_header_callback(
      callbacks, [](nghttp2_session* session, const nghttp2_frame* frame, const std::uint8_t* name,
                    std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                    std::uint8_t, void*) {
        if (View(name, name_size) != "grpc-status") return 0;
        auto* stream = static_cast<Stream*>(
            nghttp2_session_get_stream_user_data(session, frame->hd.stream_id));
        const std::string_view text = View(value, value_size);
        if (stream != nullptr) {
          std::from_chars(text.data(), text.data() + text.size(), stream->answer.status);
        }
        return 0;
      });
  nghttp2_session_callbacks_set_on_frame_recv_callback(
      callbacks, [](nghttp2_session*, const nghttp2_frame* frame, void* self) {
        if (frame->hd.type == NGHTTP2_SETTINGS) static_cast<GrpcCaller*>(self)->greeted_ = true;
        return 0;
      });
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
      callbacks, [](nghttp2_session* session, std::uint8_t, std::int32_t id,
                    const std::uint8_t* data, std::size_t size, void*) {
        auto* stream = static_cast<Stream*>(nghttp2_session_get_stream_user_data(session, id));
        if (stream != nullptr) stream->answer.body.append(View(data, size));
        return 0;
      });
  nghttp2_session_callbacks_set_on_stream_close_callback(
      callbacks, [](nghttp2_session*, std::int32_t id, std::uint32_t, void* self) {
        auto& streams = static_cast<GrpcCaller*>(self)->streams_;
        const auto stream = streams.find(id);
        if (stream != streams.end()) {
          stream->second->ended.cancel();
          streams.erase(stream);
        }
        return 0;
      });
  nghttp2_session* session = nullptr;
  const int created = nghttp2_session_client_new(&session, callbacks, this);
  nghttp2_session_callbacks_del(callbacks);
  Require(created);
  session_.reset(session);
  const nghttp2_settings_entry settings[] = {
      {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kWindowBytes},
  };
  Require(nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings, std::size(settings)));
  Require(nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, kWindowBytes));
}

Task<std::unique_ptr<Caller>> GrpcCaller::Connect(const GrpcCall& call) {
  const auto executor = co_await asio::this_coro::executor;
  gateway::http::TcpSocket socket(executor);
  co_await socket.async_connect({asio::ip::address_v4::loopback(), call.port}, kThrowing);
  socket.set_option(asio::ip::tcp::no_delay(true));
  std::unique_ptr<GrpcCaller> caller(new GrpcCaller(call, std::move(socket)));
  co_await caller->Greet();
  const std::uint32_t most = nghttp2_session_get_remote_settings(
      caller->session_.get(), NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
  if (call.in_flight > most) {
    throw std::runtime_error("the server accepts " + std::to_string(most) +
                             " calls at a time on a connection, and this load needs " +
                             std::to_string(call.in_flight));
  }
  caller->Flush();
  asio::co_spawn(executor, caller->Read(), asio::detached);
  co_return caller;
}

Task<Answer> GrpcCaller::Call() {
  if (lost_) throw std::runtime_error("the connection is lost");
  Stream stream(socket_.get_executor());
  const nghttp2_nv fields[] = {
      Field(":method", "POST"),
      Field(":scheme", "http"),
      Field(":path", path_),
      Field(":authority", authority_),
      Field("te", "trailers"),
      Field("content-type", "application/grpc"),
      Field("authorization", authorization_),
  };
  nghttp2_data_provider body{};
  body.source.ptr = this;
  body.read_callback = [](nghttp2_session*, std::int32_t, std::uint8_t* buffer, std::size_t size,
                          std::uint32_t* flags, nghttp2_data_source* source, void*) -> ssize_t {
    const std::string& message = static_cast<GrpcCaller*>(source->ptr)->message_;
    // A frame holds at least 16 KiB, and a request here is a few bytes.
    if (message.size() > size) return NGHTTP2_ERR_CALLBACK_FAILURE;
    message.copy(reinterpret_cast<char*>(buffer), message.size());
    *flags = NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(message.size());
  };
  const std::int32_t id =
      nghttp2_submit_request(session_.get(), nullptr, fields, std::size(fields), &body, &stream);
  Require(id);
  streams_.emplace(id, &stream);
  Flush();
  co_await stream.ended.async_wait(kAsTuple);
  if (lost_) throw std::runtime_error("the connection is lost");
  co_return std::move(stream.answer);
}

Task<void> GrpcCaller::Greet() {
  Gather();
  co_await asio::async_write(socket_, asio::buffer(output_), kThrowing);
  while (!greeted_) {
    const std::size_t size =
        co_await socket_.async_read_some(asio::buffer(input_.get(), kReadBytes), kThrowing);
    if (nghttp2_session_mem_recv(session_.get(), input_.get(), size) < 0) {
      throw std::runtime_error("the server does not speak HTTP/2");
    }
  }
}

Task<void> GrpcCaller::Read() {
  while (true) {
    const auto [error, size] =
        co_await socket_.async_read_some(asio::buffer(input_.get(), kReadBytes), kAsTuple);
    if (error || nghttp2_session_mem_recv(session_.get(), input_.get(), size) < 0) {
      co_return Lose();
    }
    Flush();
  }
}

void GrpcCaller::Flush() {
  if (std::exchange(writing_, true)) return;
  asio::post(socket_.get_executor(), [this] { Write(); });
}

void GrpcCaller::Gather() {
  output_.clear();
  const std::uint8_t* octets = nullptr;
  ssize_t size = 0;
  while ((size = nghttp2_session_mem_send(session_.get(), &octets)) > 0) {
    output_.append(View(octets, static_cast<std::size_t>(size)));
  }
}

void GrpcCaller::Write() {
  Gather();
  writing_ = !lost_ && !output_.empty();
  if (!writing_) return;
  asio::async_write(socket_, asio::buffer(output_),
                    [this](boost::system::error_code error, std::size_t) {
                      if (error) Lose();
                      Write();
                    });
}

void GrpcCaller::Lose() {
  lost_ = true;
  for (auto& [id, stream] : streams_) stream->ended.cancel();
  streams_.clear();
}

}  // namespace docspace::bench
