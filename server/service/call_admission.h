// The checks that a call passes before the portal sees anything of it.
#ifndef SERVER_SERVICE_CALL_ADMISSION_H_
#define SERVER_SERVICE_CALL_ADMISSION_H_

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/caller/allowed_callers.h"
#include "server/caller/credential_tags.h"
#include "server/caller/portal_router.h"
#include "server/config/config.h"
#include "server/overload/concurrency_limiter.h"
#include "server/overload/memory_budget.h"
#include "server/service/call_context.h"
#include "server/tls/certificates.h"

namespace docspace::gateway {

// CallAdmission decides whether a call may be carried, and holds the limits that it decides by.
// Thread-safe. It must outlive the contexts of the calls that it has admitted.
class CallAdmission {
 public:
  // `config` must outlive this object. `caller_certificates` returns those that callers are
  // verified with; it is called only while calls arrive.
  CallAdmission(const Config& config, CertificateSource caller_certificates);

  // Checks what the headers say: the caller's certificate, the portal, the size of the metadata and
  // the credential. Sets the context's portal.
  absl::Status CheckHeaders(CallContext& context) const;

  // Gives the call its permit and its memory. Returns RESOURCE_EXHAUSTED, which names the limit
  // that refuses the call, or UNAVAILABLE after Close. `message_bytes` is the size of the request
  // on the wire.
  absl::Status Admit(CallContext& context, std::size_t message_bytes);

  // Records how long the portal needed for the call, if it responded.
  void RecordLatency(const CallContext& context);

  // Refuses every call from now on.
  void Close();

  // The number of calls in flight to all portals.
  std::size_t in_flight() const;

  // The limiters of the portals, in the order of Config::PortalNames.
  const std::deque<ConcurrencyLimiter>& limiters() const { return limiters_; }
  const MemoryBudget& memory() const { return memory_; }
  const AllowedCallers& allowed_callers() const { return allowed_callers_; }

 private:
  const Config& config_;
  const AllowedCallers allowed_callers_;
  const CredentialTags credential_tags_;
  const std::vector<std::string> portals_;
  const PortalRouter router_;
  // Each portal has one, so that a slow portal does not take the permits of the others.
  std::deque<ConcurrencyLimiter> limiters_;
  MemoryBudget memory_;
};

}  // namespace docspace::gateway

#endif  // SERVER_SERVICE_CALL_ADMISSION_H_
