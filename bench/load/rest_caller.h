// Repeats one REST call on one keep-alive connection, in a plain Beast loop.
//
// It is the least that HTTP/1.1 costs with this library: the request's bytes are made once, the
// buffer has room for large reads from the start, and there are no timeouts and no checks. It is
// the benchmark's floor-2, and the client that calls the upstream directly.
#ifndef BENCH_LOAD_REST_CALLER_H_
#define BENCH_LOAD_REST_CALLER_H_

#include <boost/beast/core/flat_buffer.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>

#include "bench/load/caller.h"
#include "server/http/tls.h"

namespace docspace::bench {

struct RestCall {
  std::uint16_t port = 0;
  std::string target;
  // The value of `Authorization`.
  std::string authorization;
};

class RestCaller final : public Caller {
 public:
  // Connects to 127.0.0.1, through TLS if `tls` is not null. `tls` must outlive the caller.
  static Task<std::unique_ptr<Caller>> Connect(const RestCall& call, gateway::http::TlsClient* tls);

  Task<Answer> Call() override;

 private:
  using Stream = std::variant<gateway::http::TcpSocket, std::unique_ptr<gateway::http::TlsStream>>;

  RestCaller(const RestCall& call, Stream stream);

  Stream stream_;
  const std::string request_;
  boost::beast::flat_buffer buffer_;
};

}  // namespace docspace::bench

#endif  // BENCH_LOAD_REST_CALLER_H_
