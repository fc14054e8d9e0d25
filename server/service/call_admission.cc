#include "server/service/call_admission.h"

#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "server/docspace/errors.h"
#include "server/docspace/status_details.h"
#include "server/service/shutdown.h"

namespace docspace::gateway {
namespace {

// The memory that a request takes for each of its bytes on the wire. Protobuf makes up to 24 bytes
// of one: two bytes of an empty permission become a string of 32 bytes and a pointer to it, and an
// allocation has a header. The JSON of the request exists twice, once in the buffer that is sent.
constexpr std::size_t kMemoryOfRequestByte = 26;

// The size of metadata as RFC 9113 section 6.5.2 counts it.
std::size_t SizeOf(const MetadataView& metadata) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : metadata) bytes += name.size() + value.size() + 32;
  return bytes;
}

// The error of a call that the setting `limit` refuses. Nothing of the call was sent.
absl::Status Overloaded(std::string_view limit, std::string_view what) {
  return MakeError(absl::StatusCode::kResourceExhausted,
                   absl::StrCat("the gateway carries as much as it may: try again (",
                                absl::string_view(what.data(), what.size()), ", ",
                                absl::string_view(limit.data(), limit.size()), ")"),
                   {.reason = ErrorReason::kGatewayOverloaded,
                    .metadata = {{"limit", std::string(limit)}},
                    .retry_after = absl::Seconds(1)});
}

absl::Status Overloaded(ConcurrencyLimiter::Refusal refusal) {
  switch (refusal) {
    case ConcurrencyLimiter::Refusal::kShare:
      return Overloaded("--max-in-flight",
                        "the credential has half of all calls in flight, and others have some");
    case ConcurrencyLimiter::Refusal::kReads:
      return Overloaded("--max-reads-per-credential",
                        "the credential has too many reads in flight");
    case ConcurrencyLimiter::Refusal::kWrites:
      return Overloaded("--max-writes-per-credential",
                        "the credential has too many writes in flight");
    case ConcurrencyLimiter::Refusal::kClosed:
    case ConcurrencyLimiter::Refusal::kInFlight:
      break;
  }
  return Overloaded("--max-in-flight", "too many calls in flight");
}

}  // namespace

CallAdmission::CallAdmission(const Config& config, CertificateSource caller_certificates)
    : config_(config),
      allowed_callers_(config.tls.allowed_callers, !config.tls.certificates.ca_file.empty(),
                       config.tls.certificates.revocation_file.empty()
                           ? nullptr
                           : std::move(caller_certificates)),
      portals_(config.PortalNames()),
      router_(portals_),
      memory_(config.limits.max_buffered_bytes) {
  for (std::size_t i = 0; i < portals_.size(); ++i) {
    limiters_.emplace_back(ConcurrencyLimiterOptions{
        .limit = config.limits.max_in_flight,
        .adaptive = config.limits.adaptive_limit,
        .reads_per_credential = config.limits.max_reads_per_credential,
        .writes_per_credential = config.limits.max_writes_per_credential});
  }
}

absl::Status CallAdmission::CheckHeaders(CallContext& context) const {
  context.portal = router_.Resolve(context.metadata);
  if (context.portal.ok()) context.record.portal = portals_[*context.portal];
  if (!allowed_callers_.everyone()) {
    absl::Status allowed = allowed_callers_.Authorize(*context.server_context.auth_context());
    if (!allowed.ok()) return allowed;
  }
  if (!context.portal.ok()) return context.portal.status();
  // gRPC enforces its own limit only once the client has acknowledged it (SETTINGS), so the gateway
  // repeats the check.
  if (SizeOf(context.metadata) > config_.limits.max_metadata_bytes) {
    return MakeError(absl::StatusCode::kResourceExhausted,
                     "the call's metadata is larger than the gateway takes",
                     {.reason = ErrorReason::kRequestTooLarge});
  }
  return context.credential.status();
}

absl::Status CallAdmission::Admit(CallContext& context, std::size_t message_bytes) {
  const ConcurrencyLimiter::Permit& permit =
      context.permit.emplace(limiters_[*context.portal].TryAcquire(
          credential_tags_.TagOf(*context.credential), context.route.is_write));
  if (!permit && permit.refusal() == ConcurrencyLimiter::Refusal::kClosed) {
    return ErrorFromFailure(context.route.rpc,
                            {http::Failure::Kind::kUnreachable, false, kShuttingDown});
  }
  if (!permit) {
    context.shed = permit.refusal() == ConcurrencyLimiter::Refusal::kInFlight
                       ? RpcMetrics::ShedCause::kInFlight
                       : RpcMetrics::ShedCause::kCredential;
    return Overloaded(permit.refusal());
  }
  context.memory.emplace(memory_.ReserveForCall(kMemoryOfRequestByte * message_bytes));
  if (!*context.memory) {
    context.shed = RpcMetrics::ShedCause::kMemory;
    return Overloaded("--max-buffered-bytes", "no memory is left for the call");
  }
  return absl::OkStatus();
}

void CallAdmission::RecordLatency(const CallContext& context) {
  if (context.record.http_status == 0) return;
  limiters_[*context.portal].RecordLatency(context.record.upstream_duration);
}

void CallAdmission::Close() {
  for (ConcurrencyLimiter& limiter : limiters_) limiter.Close();
}

std::size_t CallAdmission::in_flight() const {
  std::size_t calls = 0;
  for (const ConcurrencyLimiter& limiter : limiters_) calls += limiter.in_flight();
  return calls;
}

}  // namespace docspace::gateway
