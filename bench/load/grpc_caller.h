// Repeats one RPC, with many calls at a time, on one HTTP/2 connection.
//
// It is written on nghttp2, because gRPC's own client costs more than most of the measured servers,
// on the core that it shares with the upstream.
#ifndef BENCH_LOAD_GRPC_CALLER_H_
#define BENCH_LOAD_GRPC_CALLER_H_

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "bench/load/caller.h"

namespace docspace::bench {

struct GrpcCall {
  std::uint16_t port = 0;
  // The path, such as "/package.Service/Method".
  std::string path;
  // The value of the metadata `authorization`.
  std::string authorization;
  // The serialized request, which is sent without compression.
  std::string message;
  // The number of concurrent calls.
  std::size_t in_flight = 1;
};

// GrpcCaller allows concurrent calls. It must outlive its calls.
class GrpcCaller final : public Caller {
 public:
  // Connects to 127.0.0.1, without TLS. Throws if the server accepts fewer concurrent calls on a
  // connection than `call` asks for, because the others would wait here and not be in flight.
  static Task<std::unique_ptr<Caller>> Connect(const GrpcCall& call);

  Task<Answer> Call() override;

 private:
  struct Stream {
    explicit Stream(const gateway::http::Executor& executor)
        : ended(executor, Clock::time_point::max()) {}
    Answer answer;
    // The end of the stream cancels this timer.
    gateway::http::Timer ended;
  };
  struct FreeSession {
    void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
  };

  GrpcCaller(const GrpcCall& call, gateway::http::TcpSocket socket);

  // Exchanges the first bytes of both sides, up to the server's settings.
  Task<void> Greet();
  Task<void> Read();
  // Moves all that is queued into `output_`.
  void Gather();
  // Sends all that is queued at once, after every ready coroutine has queued its part.
  void Flush();
  void Write();
  void Lose();

  gateway::http::TcpSocket socket_;
  const std::string authority_;
  const std::string path_;
  const std::string authorization_;
  // The message with its prefix: the flag for compression, and the length.
  const std::string message_;
  std::unique_ptr<nghttp2_session, FreeSession> session_;
  std::unordered_map<std::int32_t, Stream*> streams_;
  // The buffer is not initialised, because only few of thousands of connections ever fill it.
  const std::unique_ptr<std::uint8_t[]> input_;
  std::string output_;
  bool greeted_ = false;
  bool writing_ = false;
  bool lost_ = false;
};

}  // namespace docspace::bench

#endif  // BENCH_LOAD_GRPC_CALLER_H_
