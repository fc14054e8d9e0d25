#include "server/tls/revocation_lists.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <limits>
#include <new>
#include <utility>

#include "absl/strings/str_cat.h"

namespace docspace::gateway {
namespace {

// The most authorities above each other.
constexpr int kMaxDepth = 16;

struct FreeContext {
  void operator()(X509_STORE_CTX* context) const { X509_STORE_CTX_free(context); }
};

absl::Status Wrong(const std::string& what) { return absl::InvalidArgumentError(what); }

// Returns the lists of a text in PEM, or nothing if one of them is broken.
std::optional<std::vector<std::shared_ptr<X509_CRL>>> ReadLists(const std::string& pem) {
  std::vector<std::shared_ptr<X509_CRL>> lists;
  if (pem.size() > std::numeric_limits<int>::max()) return std::nullopt;
  const std::unique_ptr<BIO, int (*)(BIO*)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  if (!bio) return std::nullopt;
  ERR_clear_error();
  while (X509_CRL* list = PEM_read_bio_X509_CRL(bio.get(), nullptr, nullptr, nullptr)) {
    lists.emplace_back(list, X509_CRL_free);
  }
  // For OpenSSL the end of the text is an error, and any other error is one in a list.
  const bool is_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (!is_end) return std::nullopt;
  return lists;
}

// Returns the certificate that has signed `list`, or null.
X509* SignerOf(X509_CRL* list, const std::vector<X509Certificate>& authorities) {
  X509* signer = nullptr;
  for (const X509Certificate& authority : authorities) {
    if (X509_NAME_cmp(X509_get_subject_name(authority.get()), X509_CRL_get_issuer(list)) != 0) {
      continue;
    }
    EVP_PKEY* key = X509_get0_pubkey(authority.get());
    if (key != nullptr && X509_CRL_verify(list, key) == 1) signer = authority.get();
  }
  ERR_clear_error();
  return signer;
}

bool IsSelfIssued(const X509* certificate) {
  return X509_NAME_cmp(X509_get_subject_name(certificate), X509_get_issuer_name(certificate)) == 0;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const RevocationLists>> RevocationLists::Read(
    const std::string& authorities, const std::string& lists) {
  const std::vector<X509Certificate> trusted = ReadX509Chain(authorities);
  auto read_lists = ReadLists(lists);
  if (!read_lists) return Wrong("names a file with a broken revocation list");
  if (read_lists->empty()) return Wrong("names a file without a revocation list in PEM");

  std::shared_ptr<RevocationLists> read(new RevocationLists());
  read->lists_ = *std::move(read_lists);
  read->store_ = {X509_STORE_new(), &X509_STORE_free};
  if (!read->store_) throw std::bad_alloc();
  for (const X509Certificate& authority : trusted) {
    X509_STORE_add_cert(read->store_.get(), authority.get());
  }
  for (const std::shared_ptr<X509_CRL>& list : read->lists_) {
    const std::string name = NameOf(X509_CRL_get_issuer(list.get()));
    if (SignerOf(list.get(), trusted) == nullptr) {
      return Wrong("has a list of " + name + " that no authority of callers has signed");
    }
    const auto issued = InstantOf(X509_CRL_get0_lastUpdate(list.get()));
    const ASN1_TIME* next = X509_CRL_get0_nextUpdate(list.get());
    const auto next_update = next != nullptr ? InstantOf(next) : std::nullopt;
    if (!issued || (next != nullptr && !next_update)) {
      return Wrong("has a list of " + name + " with malformed times");
    }
    read->AddPeriod({name, *issued, next_update});
    X509_STORE_add_crl(read->store_.get(), list.get());
  }
  for (const X509Certificate& authority : trusted) {
    const X509_NAME* name = X509_get_subject_name(authority.get());
    if (!read->HasListOf(name)) read->authorities_without_list_.push_back(NameOf(name));
  }
  // OpenSSL reports a certificate or list that is given twice as an error, which must not appear in
  // a later call.
  ERR_clear_error();
  return read;
}

void RevocationLists::AddPeriod(Period period) {
  const auto known = std::ranges::find(periods_, period.authority, &Period::authority);
  if (known == periods_.end()) {
    periods_.push_back(std::move(period));
  } else if (known->issued < period.issued) {
    *known = std::move(period);
  }
}

std::optional<RevocationLists::Time> RevocationLists::FirstExpiry() const {
  std::optional<Time> first;
  for (const Period& period : periods_) {
    if (period.next_update && (!first || *period.next_update < *first)) first = period.next_update;
  }
  return first;
}

bool RevocationLists::HasListOf(const X509_NAME* authority) const {
  return std::ranges::any_of(lists_, [authority](const std::shared_ptr<X509_CRL>& list) {
    return X509_NAME_cmp(X509_CRL_get_issuer(list.get()), authority) == 0;
  });
}

std::string RevocationLists::ProblemOf(std::string_view certificate, Time now) const {
  const std::vector<X509Certificate> chain = ReadX509Chain(certificate);
  if (chain.empty()) return "cannot be read";
  X509Certificate issuer;
  std::string problem = Verify(chain.front().get(), now, issuer);
  for (int depth = 0; problem.empty() && issuer != nullptr; ++depth) {
    if (!HasListOf(X509_get_issuer_name(issuer.get()))) return "";
    if (depth == kMaxDepth) return "has too many authorities above it";
    const X509Certificate authority = std::move(issuer);
    problem = Verify(authority.get(), now, issuer);
    if (!problem.empty()) problem.insert(0, "was issued by an authority that ");
  }
  return problem;
}

std::string RevocationLists::Verify(X509* certificate, Time now, X509Certificate& issuer) const {
  issuer.reset();
  const std::unique_ptr<X509_STORE_CTX, FreeContext> context(X509_STORE_CTX_new());
  if (!context || X509_STORE_CTX_init(context.get(), store_.get(), certificate, nullptr) != 1) {
    throw std::bad_alloc();
  }
  // A chain may end at any authority of the file, as gRPC accepts it. Authorities that callers send
  // are not used, because none of them can have signed one of these lists.
  X509_STORE_CTX_set_flags(context.get(), X509_V_FLAG_CRL_CHECK | X509_V_FLAG_PARTIAL_CHAIN);
  X509_STORE_CTX_set_time(context.get(), 0, std::chrono::system_clock::to_time_t(now));
  const bool is_verified = X509_verify_cert(context.get()) == 1;
  ERR_clear_error();
  if (!is_verified) {
    const int error = X509_STORE_CTX_get_error(context.get());
    if (error == X509_V_ERR_CERT_REVOKED) return "has been revoked";
    return absl::StrCat("cannot be checked for revocation: ", X509_verify_cert_error_string(error));
  }
  const STACK_OF(X509)* chain = X509_STORE_CTX_get0_chain(context.get());
  if (sk_X509_num(chain) > 1 && !IsSelfIssued(sk_X509_value(chain, 1))) {
    issuer.reset(sk_X509_value(chain, 1));
    X509_up_ref(issuer.get());
  }
  return "";
}

}  // namespace docspace::gateway
