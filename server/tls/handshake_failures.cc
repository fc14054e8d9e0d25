#include "server/tls/handshake_failures.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <exception>
#include <span>
#include <string>
#include <utility>

namespace docspace::gateway {
namespace {

// The report of the scope of this thread, or null.
thread_local const HandshakeFailureReport* current_report = nullptr;

// Returns why OpenSSL sends the fatal alert `alert`, or nothing if that has another reason than the
// peer's certificate. OpenSSL 3.0 queues the error before it sends the alert.
std::string ReasonOf(const SSL* ssl, int alert) {
  const auto error = ERR_peek_last_error();
  switch (ERR_GET_LIB(error) == ERR_LIB_SSL ? ERR_GET_REASON(error) : 0) {
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
      return X509_verify_cert_error_string(SSL_get_verify_result(ssl));
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return "no certificate was presented";
    default:
      break;
  }
  switch (alert) {
    case SSL_AD_BAD_CERTIFICATE:
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
    case SSL_AD_CERTIFICATE_REVOKED:
    case SSL_AD_CERTIFICATE_EXPIRED:
    case SSL_AD_CERTIFICATE_UNKNOWN:
    case SSL_AD_UNKNOWN_CA:
    case TLS13_AD_CERTIFICATE_REQUIRED:
      return SSL_alert_desc_string_long(alert);
    default:
      return "";
  }
}

int Index();

void OnMessage(int is_written, int /*version*/, int type, const void* content, std::size_t size,
               SSL* ssl, void* /*argument*/) {
  const auto* report = static_cast<const HandshakeFailureReport*>(SSL_get_ex_data(ssl, Index()));
  if (report == nullptr) {
    SSL_set_msg_callback(ssl, nullptr);
    return;
  }
  const std::span message(static_cast<const unsigned char*>(content), size);
  if (is_written == 0) {
    // The peer's certificate has been verified when its last message of the handshake arrives.
    if (type == SSL3_RT_HANDSHAKE && !message.empty() && message[0] == SSL3_MT_FINISHED) {
      SSL_set_msg_callback(ssl, nullptr);
    }
    return;
  }
  if (type != SSL3_RT_ALERT || message.size() != 2 || message[0] != SSL3_AL_FATAL) return;
  try {
    const std::string why = ReasonOf(ssl, message[1]);
    if (!why.empty()) (*report)(why);
  } catch (const std::exception&) {
    // Without memory for it, there is no report.
  }
}

// The type `long` is OpenSSL's.
// NOLINTNEXTLINE(google-runtime-int)
void OnNew(void* /*ssl*/, void* /*value*/, CRYPTO_EX_DATA* data, int index, long /*number*/,
           void* /*argument*/) {
  if (current_report == nullptr) return;
  try {
    CRYPTO_set_ex_data(data, index, new HandshakeFailureReport(*current_report));
  } catch (const std::exception&) {
    // Without memory for it, this connection reports nothing.
  }
}

// NOLINTNEXTLINE(google-runtime-int)
void OnFree(void* /*ssl*/, void* value, CRYPTO_EX_DATA* /*data*/, int /*index*/, long /*number*/,
            void* /*argument*/) {
  delete static_cast<HandshakeFailureReport*>(value);
}

// Returns the index of the report among the data of a TLS connection.
int Index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, &OnNew, nullptr, &OnFree);
  return index;
}

// NOLINTNEXTLINE(google-runtime-int)
void OnNewContext(void* context, void* /*value*/, CRYPTO_EX_DATA* /*data*/, int /*index*/,
                  long /*number*/, void* /*argument*/) {  // NOLINT(google-runtime-int)
  SSL_CTX_set_msg_callback(static_cast<SSL_CTX*>(context), &OnMessage);
}

}  // namespace

void WatchHandshakeFailures() {
  [[maybe_unused]] static const int index =
      SSL_CTX_get_ex_new_index(0, nullptr, &OnNewContext, nullptr, nullptr);
}

HandshakeFailureScope::HandshakeFailureScope(HandshakeFailureReport report)
    : report_(std::move(report)) {
  Index();
  current_report = &report_;
}

HandshakeFailureScope::~HandshakeFailureScope() { current_report = nullptr; }

const HandshakeFailureReport* HandshakeFailureScope::current() { return current_report; }

}  // namespace docspace::gateway
