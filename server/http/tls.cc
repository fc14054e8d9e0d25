#include "server/http/tls.h"

#include <openssl/x509v3.h>

#include <array>
#include <boost/asio/ip/address.hpp>
#include <utility>

namespace docspace::gateway::http {
namespace {

constexpr std::array<unsigned char, 9> kAlpnHttp11 = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

// Returns an index of OpenSSL's extra data, because Asio uses the first one itself.
int OwnerIndex() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

bool IsAddress(const std::string& host) {
  boost::system::error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

// Makes the handshake fail unless the peer's certificate is for `host`. Returns false if there is
// no memory.
bool Expect(TlsStream& stream, const std::string& host, bool is_address) {
  SSL* ssl = stream.native_handle();
  X509_VERIFY_PARAM* expected = SSL_get0_param(ssl);
  X509_VERIFY_PARAM_set_hostflags(
      expected, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return is_address ? X509_VERIFY_PARAM_set1_ip_asc(expected, host.c_str()) == 1
                    : X509_VERIFY_PARAM_set1_host(expected, host.data(), host.size()) == 1;
}

}  // namespace

TlsClient::TlsClient(std::string host, CertificateSource certificates, int min_version)
    : host_(std::move(host)),
      host_is_address_(IsAddress(host_)),
      certificates_(std::move(certificates)),
      min_version_(min_version) {}

asio::ssl::context TlsClient::NewContext() {
  asio::ssl::context made(asio::ssl::context::tls_client);
  SSL_CTX* context = made.native_handle();
  SSL_CTX_set_min_proto_version(context, min_version_);
  SSL_CTX_set_alpn_protos(context, kAlpnHttp11.data(), kAlpnHttp11.size());
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
  SSL_CTX_sess_set_new_cb(context, &TlsClient::KeepSession);
  SSL_CTX_set_ex_data(context, OwnerIndex(), this);
  made.set_verify_mode(asio::ssl::verify_peer);
  // Without the flag OpenSSL requires a root at the end of each chain.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
  in_use_->Use(made);
  if (in_use_->authorities().empty()) made.set_default_verify_paths();
  return made;
}

std::unique_ptr<TlsStream> TlsClient::NewStream(TcpSocket socket) {
  if (auto newest = certificates_(); newest != in_use_) {
    in_use_ = std::move(newest);
    // If this call throws, the next one makes the context again.
    context_.reset();
    // OpenSSL would resume the session without a check of the new certificates.
    session_.reset();
  }
  if (!context_) context_.emplace(NewContext());
  auto stream = std::make_unique<TlsStream>(std::move(socket), *context_);
  // Without this check another host's certificate would be accepted.
  if (!Expect(*stream, host_, host_is_address_)) {
    throw boost::system::system_error(
        boost::system::errc::make_error_code(boost::system::errc::not_enough_memory));
  }
  if (!host_is_address_) {
    // This is SSL_set_tlsext_host_name without the cast that its macro hides. OpenSSL copies the
    // name.
    std::string name = host_;
    SSL_ctrl(stream->native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             name.data());
  }
  if (session_) SSL_set_session(stream->native_handle(), session_.get());
  return stream;
}

std::string ReasonOfHandshakeFailure(TlsStream& stream, const boost::system::error_code& error) {
  const auto verdict = SSL_get_verify_result(stream.native_handle());
  return verdict == X509_V_OK ? error.message() : X509_verify_cert_error_string(verdict);
}

int TlsClient::KeepSession(SSL* ssl, SSL_SESSION* session) {
  const SSL_CTX* context = SSL_get_SSL_CTX(ssl);
  auto* owner = static_cast<TlsClient*>(SSL_CTX_get_ex_data(context, OwnerIndex()));
  const bool in_use = owner->context_ && owner->context_->native_handle() == context;
  if (!in_use) return 0;
  owner->session_.reset(session);
  return 1;  // A result of 1 means that this code owns the reference.
}

}  // namespace docspace::gateway::http
