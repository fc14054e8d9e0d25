// load …: puts load on a server of the ApiKeys API, gRPC or REST, and prints the results as JSON.
//
// It has one thread. It compares the first response with the portal's JSON, as protobuf's own
// parser reads it, and each further response with the first.
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <exception>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/contents.h"
#include "bench/load/grpc_caller.h"
#include "bench/load/phase.h"
#include "bench/load/rest_caller.h"
#include "docspace/apikeys/v1/api_keys.pb.h"
#include "server/base/descriptor_limit.h"
#include "server/tls/certificates.h"

namespace docspace::bench {
namespace {

namespace asio = boost::asio;
namespace util = google::protobuf::util;

// A text in the form of an API key that does not exist.
constexpr char kAuthorization[] =
    "Bearer sk-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
constexpr std::size_t kGrpcPrefixBytes = 5;

struct Options {
  std::string protocol;
  std::string method;
  std::uint16_t port = 0;
  std::string ca_file;
  std::string expected_json_file;
  int expected_status = 0;
  std::size_t connections = 1;
  double warm_up_seconds = 0;
  double seconds = 1;
  PhaseOptions phase;
};

std::unique_ptr<CLI::App> CommandLine(Options& options) {
  auto app = std::make_unique<CLI::App>("Load for the benchmark; see bench/run.sh.", "load");
  app->add_option("--protocol", options.protocol)
      ->check(CLI::IsMember({"grpc", "rest"}))
      ->required();
  app->add_option("--method", options.method, "GetApiKey or GetApiKeys")
      ->check(CLI::IsMember({"GetApiKey", "GetApiKeys"}))
      ->required();
  app->add_option("--port", options.port, "The port of the server, on 127.0.0.1")->required();
  app->add_option("--ca-file", options.ca_file, "The PEM to trust; turns TLS on, for REST only");
  app->add_option("--expect-json", options.expected_json_file, "The portal's response")->required();
  app->add_option(
         "--expect-status", options.expected_status,
         "The expected grpc-status or HTTP status. For an error only the status is compared")
      ->required();
  app->add_option("--connections", options.connections,
                  "Connections, for gRPC only; REST has one for each concurrent call")
      ->check(CLI::PositiveNumber);
  app->add_option("--in-flight", options.phase.in_flight)->check(CLI::PositiveNumber);
  app->add_option("--rate", options.phase.calls_per_second, "Calls per second; 0: closed loop");
  app->add_option("--warm-up", options.warm_up_seconds, "Seconds of load before the measurement");
  app->add_option("--seconds", options.seconds, "Seconds of load that is measured");
  app->add_option("--process", options.phase.processes,
                  "The processes whose CPU time and memory are measured; 0: this one");
  return app;
}

template <class Response>
bool IsReadingOf(const std::string& json, const std::string& octets) {
  util::JsonParseOptions lenient;
  lenient.ignore_unknown_fields = true;
  Response expected;
  Response answer;
  return util::JsonStringToMessage(json, &expected, lenient).ok() &&
         answer.ParseFromString(octets) && util::MessageDifferencer::Equals(answer, expected);
}

bool IsExpected(const Answer& answer, const Options& options) {
  if (answer.status != options.expected_status) return false;
  const bool grpc = options.protocol == "grpc";
  if (grpc && answer.status != 0) return true;
  const std::string json = ContentsOf(options.expected_json_file);
  if (!grpc) return answer.body == json;
  if (answer.body.size() < kGrpcPrefixBytes || answer.body.front() != 0) return false;
  const std::string message = answer.body.substr(kGrpcPrefixBytes);
  return options.method == "GetApiKey"
             ? IsReadingOf<apikeys::v1::GetApiKeyResponse>(json, message)
             : IsReadingOf<apikeys::v1::GetApiKeysResponse>(json, message);
}

// Runs a coroutine to its end and returns its result.
template <class T>
T Run(asio::io_context& loop, Task<T> task) {
  auto result = asio::co_spawn(loop, std::move(task), asio::use_future);
  loop.restart();
  while (result.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
    if (loop.run_one_for(std::chrono::minutes(1)) == 0)
      throw std::runtime_error("no response in a minute");
  }
  return result.get();
}

std::vector<std::unique_ptr<Caller>> Connect(asio::io_context& loop, const Options& options,
                                             gateway::http::TlsClient* tls) {
  const GrpcCall rpc{
      .port = options.port,
      .path = "/docspace.apikeys.v1.ApiKeys/" + options.method,
      .authorization = kAuthorization,
      .message = "",
      .in_flight = (options.phase.in_flight + options.connections - 1) / options.connections};
  const RestCall rest{
      .port = options.port,
      .target = options.method == "GetApiKey" ? "/api/2.0/keys/@self" : "/api/2.0/keys",
      .authorization = kAuthorization};
  const bool grpc = options.protocol == "grpc";
  std::vector<std::unique_ptr<Caller>> callers(grpc ? options.connections
                                                    : options.phase.in_flight);
  for (auto& caller : callers) {
    caller = Run(loop, grpc ? GrpcCaller::Connect(rpc) : RestCaller::Connect(rest, tls));
  }
  return callers;
}

double Microseconds(Clock::duration duration) {
  return std::chrono::duration<double, std::micro>(duration).count();
}

// Returns the least value that is not exceeded by a share of `share` of the values, which must be
// in ascending order.
double Quantile(const std::vector<Clock::duration>& latencies, double share) {
  const auto rank =
      static_cast<std::size_t>(std::ceil(share * static_cast<double>(latencies.size())));
  return Microseconds(latencies.at(std::max<std::size_t>(rank, 1) - 1));
}

void Print(const PhaseResult& result, std::ostream& out) {
  out << std::fixed << "{\"answers\": " << result.latencies.size()
      << ", \"failures\": " << result.failures
      << ", \"seconds\": " << Microseconds(result.duration) / 1e6
      << ", \"p50_us\": " << Quantile(result.latencies, 0.5)
      << ", \"p99_us\": " << Quantile(result.latencies, 0.99)
      << ", \"p99.9_us\": " << Quantile(result.latencies, 0.999) << ", \"processes\": [";
  const char* separator = "";
  for (const ProcessUse& use : result.used) {
    out << std::exchange(separator, ", ") << "{\"cpu_us\": " << use.cpu_time.count()
        << ", \"context_switches\": " << use.context_switches
        << ", \"resident_bytes\": " << use.resident_bytes << '}';
  }
  out << "]}\n";
}

Clock::duration Seconds(double seconds) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

void Measure(Options& options) {
  gateway::AllowManyDescriptors();
  // The default slack would let a timer be late by 50 µs.
  prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
  std::ranges::replace(options.phase.processes, 0, getpid());
  asio::io_context loop(1);
  std::unique_ptr<gateway::http::TlsClient> tls;
  if (!options.ca_file.empty()) {
    auto read =
        gateway::Certificates::Read({.ca_setting = "--ca-file", .ca_file = options.ca_file});
    if (!read.ok()) throw std::runtime_error(std::string(read.status().message()));
    tls = std::make_unique<gateway::http::TlsClient>(
        "127.0.0.1", [trusted = std::make_shared<const gateway::Certificates>(*std::move(read))] {
          return trusted;
        });
  }
  const auto callers = Connect(loop, options, tls.get());
  const Answer first = Run(loop, callers.front()->Call());
  if (!IsExpected(first, options)) {
    throw std::runtime_error("the response is not as expected; its status is " +
                             std::to_string(first.status));
  }
  if (options.warm_up_seconds > 0) {
    PhaseOptions warm_up = options.phase;
    warm_up.duration = Seconds(options.warm_up_seconds);
    RunPhase(loop, callers, first, warm_up);
  }
  options.phase.duration = Seconds(options.seconds);
  Print(RunPhase(loop, callers, first, options.phase), std::cout);
}

}  // namespace
}  // namespace docspace::bench

int main(int argc, char** argv) {
  docspace::bench::Options options;
  const auto command_line = docspace::bench::CommandLine(options);
  try {
    command_line->parse(argc, argv);
    docspace::bench::Measure(options);
  } catch (const CLI::ParseError& error) {
    return command_line->exit(error);
  } catch (const std::exception& error) {
    std::cerr << "load: " << error.what() << '\n';
    return 1;
  }
}
