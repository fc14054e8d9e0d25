// Searches for the unauthenticated calls that make the gateway hold the most memory per byte sent.
//
// A call consists of a head, a method and a body. The test sends 120 calls of each kind to a
// separate gateway process, over a connection that acknowledges no setting and reads no response,
// and compares the growth of the resident memory with the limit in docs/resilience.md. It prints
// the ten kinds that come closest to the limit. By default one of the three parts differs from the
// plain call; DOCSPACE_AMPLIFICATION=all in the environment selects every combination.
//
// The limit is on calls that are all held at once, so a slow machine cannot exceed it.
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/emulator/emulator.h"
#include "tests/testkit/gateway_process.h"
#include "tests/testkit/raw_http2_client.h"
#include "tests/testkit/untyped_call.h"
#include "tests/testkit/wait_until.h"

namespace docspace::gateway::testkit {
namespace {

#ifdef DOCSPACE_SANITIZER
constexpr std::size_t kCalls = 20;
#else
// Below the limit at which the gateway closes a connection: 16 MiB of calls that wait for their
// message.
constexpr std::size_t kCalls = 120;
#endif

// The memory that docs/resilience.md allows for a call: a factor of its bytes on the wire, plus a
// constant per call and per metadata entry.
constexpr std::size_t kFactor = 8;
constexpr std::size_t kBytesOfCall = std::size_t{64} * 1024;
constexpr std::size_t kBytesOfEntry = 256;
// A call with a credential is admitted once its message has arrived, and --max-buffered-bytes then
// limits the memory of all such calls. It counts each byte of a message this many times.
constexpr std::size_t kFactorOfAdmitted = 26;

constexpr const char* kCredential = "credential";
constexpr const char* kCheck = "/grpc.health.v1.Health/Check";

struct Method {
  const char* name;
  const char* path;
};

constexpr Method kMethods[] = {
    {"CreateApiKey", "/docspace.apikeys.v1.ApiKeys/CreateApiKey"},
    {"Check", kCheck},
    {"Watch", "/grpc.health.v1.Health/Watch"},
    {"reflection", "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"},
    {"unknown method", "/unknown.Service/Method"},
};

std::string Repeat(std::size_t times, std::string_view text) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

// The smallest possible entry: RFC 7541 appendix A, index 60, `via` without a value.
constexpr std::string_view kIndexedEntry = "\xbc";

struct Head {
  const char* name;
  std::size_t entries;
  // Returns further bytes of the header block.
  std::function<std::string()> block;
};

const Head kHeads[] = {
    {"plain", 0, [] { return std::string(); }},
    {kCredential, 1,
     [] {
       return RawHttp2Client::Encode({{"apikeybearer", "sk-" + std::string(64, '0')}});
     }},
    {"gzip", 1,
     [] {
       return RawHttp2Client::Encode({{"grpc-encoding", "gzip"}});
     }},
    {"15 KB in one entry", 1,
     [] {
       return RawHttp2Client::Encode({{"x-large", std::string(15'000, 'x')}});
     }},
    {"400 entries", 400,
     [] {
       RawHttp2Client::Headers headers;
       for (int i = 0; i < 400; ++i) headers.emplace_back("x" + std::to_string(i), "");
       return RawHttp2Client::Encode(headers);
     }},
    {"400 entries of a byte", 400, [] { return Repeat(400, kIndexedEntry); }},
};

std::string Whole(std::uint32_t stream, std::string_view message) {
  return DataFrames(stream, MessagePrefix(message.size()).append(message), kEndStream);
}

// Returns a gzip file (RFC 1952) of `size` bytes that consists of one repeated letter: after the
// letter, one block (RFC 1951, 3.2.6) repeats it 258 times per 13 bits.
std::string CompressedLetters(std::size_t size) {
  std::string file("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10);
  unsigned bits = 0;
  int count = 0;
  const auto put = [&](unsigned code, int length) {
    for (int i = length - 1; i >= 0; --i) {
      bits |= (code >> i & 1U) << count;
      if (++count == 8) {
        file += static_cast<char>(bits);
        bits = 0;
        count = 0;
      }
    }
  };
  put(0b110, 3);        // The last block, with fixed codes.
  put(0x30U + 'n', 8);  // The letter.
  while (file.size() < size) put(0b11000101'00000, 13);
  return file;
}

struct Body {
  const char* name;
  // The number of metadata entries in the call.
  std::size_t entries;
  std::function<std::string(std::uint32_t stream)> frames;
};

const Body kBodies[] = {
    {"no message", 0, [](auto) { return std::string(); }},
    {"empty message", 0, [](auto stream) { return Whole(stream, ""); }},
    {"end without a message", 0,
     [](auto stream) { return Frame(FrameType::kData, kEndStream, stream, ""); }},
    {"60 KB of empty permissions", 0,
     [](auto stream) { return Whole(stream, Repeat(30'000, std::string("\x1a\0", 2))); }},
    {"60 KB of unknown fields", 0,
     [](auto stream) { return Whole(stream, Repeat(20'000, std::string("\xa0\x06\0", 3))); }},
    {"60 KB of groups", 0,
     [](auto stream) { return Whole(stream, Repeat(15'000, "\xa3\x06\xa4\x06")); }},
    {"60 KB of a name", 0,
     [](auto stream) {
       return Whole(stream, std::string("\x0a\xe0\xd4\x03", 4) + std::string(60'000, 'n'));
     }},
    {"60 KB compressed from 9 MB", 0,
     [](auto stream) {
       const std::string file = CompressedLetters(60'000);
       return DataFrames(stream, MessagePrefix(file.size(), /*is_compressed=*/true) + file,
                         kEndStream);
     }},
    {"30 KB of 1 GiB", 0,
     [](auto stream) {
       return DataFrames(stream, MessagePrefix(1U << 30U) + std::string(30'000, 'n'), 0);
     }},
    {"1 KB in frames of a byte", 0,
     [](auto stream) {
       std::string frames = Frame(FrameType::kData, 0, stream, std::string("\0\0\0\x10\0", 5));
       for (int i = 0; i < 1000; ++i) frames += Frame(FrameType::kData, 0, stream, "n");
       return frames;
     }},
    {"trailers", 400,
     [](auto stream) {
       return Frame(FrameType::kHeaders, kEndHeaders | kEndStream, stream,
                    Repeat(400, kIndexedEntry));
     }},
};

// The cost of one call in bytes.
struct Cost {
  std::string call;
  std::size_t wire = 0;
  std::size_t held = 0;
  std::size_t allowed = 0;

  double share() const { return static_cast<double>(held) / static_cast<double>(allowed); }
};

void PrintWorst(std::vector<Cost> costs) {
  std::sort(costs.begin(), costs.end(),
            [](const Cost& a, const Cost& b) { return a.share() > b.share(); });
  if (costs.size() > 10) costs.resize(10);
  std::printf(
      "| call | bytes on the wire | bytes held | allowed | share |\n|---|---|---|---|---|\n");
  for (const Cost& cost : costs) {
    std::printf("| %s | %zu | %zu | %zu | %.0f %% |\n", cost.call.c_str(), cost.wire, cost.held,
                cost.allowed, 100 * cost.share());
  }
}

class AmplificationTest : public ::testing::Test {
 protected:
  // Lets the client accept no response.
  static void TakeNothing(RawHttp2Client& client) {
    client.Send(Frame(FrameType::kSettings, 0, 0, Setting(kInitialWindowSize, 0)));
  }

  std::unique_ptr<GatewayProcess> NewGateway() {
    auto gateway = std::make_unique<GatewayProcess>(
        portal_->url(), std::vector<std::string>{"--log-level=off", "--threads=1"});
    // Allocations of the very first call must not count for the measured calls.
    EXPECT_TRUE(CallUntyped(gateway->NewChannel(), kCheck, "").ok());
    return gateway;
  }

  Cost Measure(const Head& head, const Method& method, const Body& body) {
    const auto gateway = NewGateway();
    const std::size_t before = gateway->resident_kib();
    RawHttp2Client client(gateway->port(), /*buffers_little=*/true);
    TakeNothing(client);
    Cost cost{.call = std::string(method.name) + ", " + head.name + ", " + body.name};
    const std::string block = head.block();
    for (std::uint32_t i = 0; i < kCalls; ++i) {
      const std::uint32_t stream = 2 * i + 1;
      const std::string bytes =
          RawHttp2Client::Head(stream, method.path, {}, block) + body.frames(stream);
      cost.wire += bytes.size();
      EXPECT_TRUE(client.Send(bytes)) << cost.call;
    }
    // Otherwise the calls sent would not be the calls held.
    EXPECT_TRUE(client.WaitForPong()) << cost.call;
    EXPECT_TRUE(CallUntyped(gateway->NewChannel(), kCheck, "").ok()) << cost.call;
    cost.wire /= kCalls;
    cost.held = (std::max(gateway->peak_resident_kib(), before) - before) * 1024 / kCalls;
    const bool is_admitted = std::string_view(head.name) == kCredential &&
                             std::string_view(method.name) == kMethods[0].name;
    cost.allowed = (is_admitted ? kFactorOfAdmitted : kFactor) * cost.wire + kBytesOfCall +
                   kBytesOfEntry * (head.entries + body.entries);
    return cost;
  }

  const std::unique_ptr<emulator::Emulator> portal_ = emulator::Emulator::Start();
};

TEST_F(AmplificationTest, G12_G13_G21_G22_NoCallHoldsMoreThanIsAllowedBeforeItIsAdmitted) {
  const bool all = std::getenv("DOCSPACE_AMPLIFICATION") != nullptr;
  std::vector<Cost> costs;
  for (const Head& head : kHeads) {
    for (const Method& method : kMethods) {
      for (const Body& body : kBodies) {
        const int differences =
            (&head != kHeads ? 1 : 0) + (&method != kMethods ? 1 : 0) + (&body != kBodies ? 1 : 0);
        if (!all && differences > 1) continue;
        const Cost& cost = costs.emplace_back(Measure(head, method, body));
        if (kMemoryIsItsOwn) {
          EXPECT_LE(cost.held, cost.allowed) << cost.call;
        }
      }
    }
  }
  PrintWorst(costs);
}

// The gateway refuses a compressed message that gRPC itself would accept.
TEST_F(AmplificationTest, G12_ACompressedMessageIsNotDecompressed) {
  const Body& body = *std::find_if(std::begin(kBodies), std::end(kBodies), [](const Body& each) {
    return std::string_view(each.name).find("compressed") != std::string_view::npos;
  });
  const Cost cost = Measure(kHeads[2], kMethods[0], body);
  if (kMemoryIsItsOwn) {
    EXPECT_LE(cost.held, cost.allowed);
  }
}

// gRPC 1.51 enforces its metadata limit only after the client has acknowledged it, and holds 256
// bytes for an entry of one byte.
TEST_F(AmplificationTest, G9_G13_AConnectionWithMoreEntriesThanTheLimitAllowsIsCut) {
  const auto gateway = NewGateway();
  const std::size_t before = gateway->resident_kib();
  for (const Method& method : kMethods) {
    RawHttp2Client client(gateway->port(), /*buffers_little=*/true);
    TakeNothing(client);
    const std::string block = Repeat(8000, kIndexedEntry);
    // The kernel accepts this much even if the gateway stops reading, because this client does not
    // wait.
    for (std::uint32_t i = 0; i < 100; ++i) {
      if (!client.Send(RawHttp2Client::Head(2 * i + 1, method.path, {}, block))) break;
    }
    EXPECT_TRUE(WaitUntil([&client] { return !client.WaitForPong(); })) << method.name;
  }
  EXPECT_TRUE(CallUntyped(gateway->NewChannel(), kCheck, "").ok());
  const std::size_t held = std::max(gateway->peak_resident_kib(), before) - before;
  std::printf("Five connections with too many entries: %zu KiB\n", held);
  if (kMemoryIsItsOwn) {
    // A closed connection delivers the 64 KiB that the kernel holds, which take 256 bytes of memory
    // each. More arrives if the thread that closes it gets no CPU at first. Without the limit it
    // would be 1 GiB.
    EXPECT_LE(held, std::size_t{512} * 1024);
  }
}

}  // namespace
}  // namespace docspace::gateway::testkit
