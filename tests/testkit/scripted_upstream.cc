#include "tests/testkit/scripted_upstream.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace docspace::gateway::testkit {
namespace {

constexpr std::chrono::seconds kPatience{30};

std::shared_ptr<SSL_CTX> ServerContext(const Certificate& certificate) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (SSL_CTX_use_certificate(context.get(), certificate.certificate.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context.get(), certificate.key.get()) != 1) {
    throw std::runtime_error("the certificate cannot be used");
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, [](int, X509_STORE_CTX*) { return 1; });
  // Without a context id OpenSSL resumes no session if the server requests client certificates.
  SSL_CTX_set_session_id_context(context.get(), reinterpret_cast<const unsigned char*>("tests"), 5);
  return context;
}

std::size_t ContentLength(std::string_view head) {
  constexpr std::string_view kName = "\r\ncontent-length:";
  for (std::size_t i = 0; i + kName.size() <= head.size(); ++i) {
    if (strncasecmp(head.data() + i, kName.data(), kName.size()) == 0) {
      return std::strtoull(head.data() + i + kName.size(), nullptr, 10);
    }
  }
  return 0;
}

}  // namespace

// The connection that a script acts on, used by one thread.
class Script::Peer {
 public:
  Peer(ScriptedUpstream& upstream, ScriptedUpstream::Record& record, int socket)
      : upstream_(upstream), record_(record), socket_(socket) {
    if (upstream_.tls_) {
      ssl_.reset(SSL_new(upstream_.tls_.get()));
      SSL_set_fd(ssl_.get(), socket_);
      SSL_set_accept_state(ssl_.get());
    }
  }
  ~Peer() { CloseSocket(); }

  bool Handshake() {
    if (!ssl_) return true;
    const bool done = Retry(POLLIN, [this] { return SSL_do_handshake(ssl_.get()); }) > 0;
    const std::lock_guard lock(upstream_.mutex_);
    record_.resumed = done && SSL_session_reused(ssl_.get()) == 1;
    if (X509* shown = SSL_get1_peer_certificate(ssl_.get()); shown != nullptr) {
      record_.client_certificate = Certificate{{shown, FreeX509()}, nullptr}.CertificatePem();
    }
    return done;
  }

  bool ReadRequest() {
    std::size_t head = std::string::npos;
    while ((head = unread_.find("\r\n\r\n")) == std::string::npos) {
      if (!ReadSome()) return false;
    }
    return Read(head + 4 + ContentLength(std::string_view(unread_).substr(0, head + 2)));
  }

  bool Read(std::size_t octets) {
    while (unread_.size() < octets) {
      if (!ReadSome()) return false;
    }
    unread_.erase(0, octets);
    return true;
  }

  bool Write(std::string_view octets) {
    while (!octets.empty()) {
      const int written = Retry(POLLOUT, [this, octets]() -> int {
        if (ssl_) return SSL_write(ssl_.get(), octets.data(), static_cast<int>(octets.size()));
        return static_cast<int>(send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL));
      });
      if (written <= 0) return false;
      octets.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
  }

  bool WaitFor(const std::string& signal) {
    std::unique_lock lock(upstream_.mutex_);
    upstream_.changed_.wait(
        lock, [&] { return upstream_.stopped_ || upstream_.signals_.contains(signal); });
    return !upstream_.stopped_;
  }

  void Signal(const std::string& signal) { upstream_.Signal(signal); }

  // Returns false if the upstream is destroyed first.
  bool Pause(std::chrono::milliseconds time) {
    std::unique_lock lock(upstream_.mutex_);
    return !upstream_.changed_.wait_for(lock, time, [&] { return upstream_.stopped_; });
  }

  void Notify() {
    if (ssl_) SSL_shutdown(ssl_.get());
  }

  void HalfClose() {
    Notify();
    shutdown(socket_, SHUT_WR);
  }

  void CloseSocket() {
    if (socket_ < 0) return;
    close(socket_);
    socket_ = -1;
  }

  void Reset() {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    CloseSocket();
  }

  void ReadUntilEnd() {
    while (ReadSome()) unread_.clear();
  }

  // Returns false once the upstream is being destroyed.
  bool Poll(std::int16_t events) {
    std::array<pollfd, 2> waits = {{{.fd = socket_, .events = events, .revents = 0},
                                    {.fd = upstream_.stop_, .events = POLLIN, .revents = 0}}};
    while (poll(waits.data(), waits.size(), -1) < 0 && errno == EINTR) {
    }
    return waits[1].revents == 0;
  }

 private:
  struct FreeSsl {
    void operator()(SSL* ssl) const {
      // Otherwise OpenSSL considers the session broken and does not resume it.
      SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN);
      SSL_free(ssl);
    }
  };

  // Calls `attempt` until it has done something, or the connection is over. A plain socket that is
  // not ready waits for `events`; TLS says itself what it waits for.
  template <class Attempt>
  int Retry(std::int16_t events, Attempt attempt) {
    while (socket_ >= 0) {
      ERR_clear_error();
      const int done = attempt();
      if (done > 0) return done;
      if (ssl_) {
        const int why = SSL_get_error(ssl_.get(), done);
        if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) return -1;
        events = why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
      } else if (done == 0 || errno != EAGAIN) {
        return -1;
      }
      if (!Poll(events)) return -1;
    }
    return -1;
  }

  bool ReadSome() {
    std::array<char, 16 * 1024> octets;
    const int size = Retry(POLLIN, [&]() -> int {
      if (ssl_) return SSL_read(ssl_.get(), octets.data(), octets.size());
      return static_cast<int>(recv(socket_, octets.data(), octets.size(), 0));
    });
    if (size <= 0) return false;
    const std::string_view came(octets.data(), static_cast<std::size_t>(size));
    unread_.append(came);
    const std::lock_guard lock(upstream_.mutex_);
    record_.received.append(came);
    upstream_.changed_.notify_all();
    return true;
  }

  ScriptedUpstream& upstream_;
  ScriptedUpstream::Record& record_;
  int socket_;
  std::unique_ptr<SSL, FreeSsl> ssl_;
  // Bytes received that the script has not read yet.
  std::string unread_;
};

Script& Script::Then(Step step) {
  steps_.push_back(std::move(step));
  return *this;
}

Script& Script::ReadRequest() {
  return Then([](Peer& peer) { return peer.ReadRequest(); });
}

Script& Script::Read(std::size_t octets) {
  return Then([octets](Peer& peer) { return peer.Read(octets); });
}

Script& Script::Send(std::string octets) {
  return Then([octets = std::move(octets)](Peer& peer) { return peer.Write(octets); });
}

Script& Script::SendInPieces(std::string octets, std::size_t piece_size) {
  return Then([octets = std::move(octets), piece_size](Peer& peer) {
    for (std::size_t i = 0; i < octets.size(); i += piece_size) {
      if (!peer.Write(std::string_view(octets).substr(i, piece_size))) return false;
    }
    return true;
  });
}

Script& Script::Drip(std::string octets, std::chrono::milliseconds interval) {
  return Then([octets = std::move(octets), interval](Peer& peer) {
    for (const char& octet : octets) {
      if (!peer.Write({&octet, 1}) || !peer.Pause(interval)) return false;
    }
    return true;
  });
}

Script& Script::SendForEver(std::string octets) {
  return Then([octets = std::move(octets)](Peer& peer) {
    while (peer.Write(octets)) {
    }
    return false;
  });
}

Script& Script::WaitFor(std::string signal) {
  return Then([signal = std::move(signal)](Peer& peer) { return peer.WaitFor(signal); });
}

Script& Script::Signal(std::string signal) {
  return Then([signal = std::move(signal)](Peer& peer) {
    peer.Signal(signal);
    return true;
  });
}

Script& Script::HalfClose() {
  return Then([](Peer& peer) {
    peer.HalfClose();
    return true;
  });
}

Script& Script::Close() {
  return Then([](Peer& peer) {
    peer.Notify();
    peer.CloseSocket();
    return false;
  });
}

Script& Script::CloseWithoutNotify() {
  return Then([](Peer& peer) {
    peer.CloseSocket();
    return false;
  });
}

Script& Script::Reset() {
  return Then([](Peer& peer) {
    peer.Reset();
    return false;
  });
}

Script& Script::NeverRead() {
  return Then([](Peer& peer) {
    peer.Poll(0);  // poll() always reports a hang-up or an error.
    return false;
  });
}

Script& Script::Repeat() {
  repeats_ = true;
  return *this;
}

Script& Script::Append(const Script& script) {
  steps_.insert(steps_.end(), script.steps_.begin(), script.steps_.end());
  return *this;
}

ScriptedUpstream::ScriptedUpstream() { Listen(0); }

ScriptedUpstream::ScriptedUpstream(std::uint16_t port) { Listen(port); }

ScriptedUpstream::ScriptedUpstream(const Certificate& certificate)
    : tls_(ServerContext(certificate)) {
  Listen(0);
}

void ScriptedUpstream::Listen(std::uint16_t port) {
  signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL.
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  stop_ = eventfd(0, EFD_CLOEXEC);
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  // Old connections in TIME_WAIT must not block the port. If the kernel chooses the port,
  // SO_REUSEADDR is set only after bind, because otherwise the kernel may choose a port on which
  // another program is about to listen.
  const int reuse = 1;
  const auto allow_reuse = [&] {
    return setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse) == 0;
  };
  if ((port != 0 && !allow_reuse()) || bind(listener_, generic, size) != 0 || !allow_reuse() ||
      listen(listener_, SOMAXCONN) != 0 || getsockname(listener_, generic, &size) != 0) {
    throw std::runtime_error("no listener on loopback");
  }
  port_ = ntohs(address.sin_port);
  accepting_ = std::thread([this] { Accept(); });
}

ScriptedUpstream::~ScriptedUpstream() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }
  eventfd_write(stop_, 1);
  accepting_.join();
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return threads_.empty(); });
  }
  JoinFinished();
  close(listener_);
  close(stop_);
}

void ScriptedUpstream::Accept() {
  while (true) {
    std::array<pollfd, 2> waits = {{{.fd = listener_, .events = POLLIN, .revents = 0},
                                    {.fd = stop_, .events = POLLIN, .revents = 0}}};
    if (poll(waits.data(), waits.size(), -1) < 0 && errno == EINTR) continue;
    if (waits[1].revents != 0) return;
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (socket < 0) continue;
    const int no_delay = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof no_delay);

    JoinFinished();
    const std::lock_guard lock(mutex_);
    Script script = Script().Close();
    if (!next_.empty()) {
      script = std::move(next_.front());
      next_.pop_front();
    } else if (always_) {
      script = *always_;
    }
    Record& record = records_.emplace_back();
    const auto thread = threads_.emplace(threads_.end());
    *thread = std::thread([this, socket, script = std::move(script), &record, thread] {
      Serve(socket, script, record);
      const std::lock_guard serving(mutex_);
      finished_.splice(finished_.end(), threads_, thread);
      changed_.notify_all();
    });
    changed_.notify_all();
  }
}

void ScriptedUpstream::Serve(int socket, const Script& script, Record& record) {
  {
    Script::Peer peer(*this, record, socket);
    bool open = peer.Handshake();
    do {
      for (auto step = script.steps_.begin(); open && step != script.steps_.end(); ++step) {
        open = (*step)(peer);
      }
    } while (open && script.repeats_);
    if (open) peer.ReadUntilEnd();
  }
  const std::lock_guard lock(mutex_);
  record.ended = true;
  changed_.notify_all();
}

void ScriptedUpstream::JoinFinished() {
  std::list<std::thread> finished;
  {
    const std::lock_guard lock(mutex_);
    finished.swap(finished_);
  }
  for (std::thread& thread : finished) thread.join();
}

ScriptedUpstream& ScriptedUpstream::Next(Script script) {
  const std::lock_guard lock(mutex_);
  next_.push_back(std::move(script));
  return *this;
}

ScriptedUpstream& ScriptedUpstream::Always(Script script) {
  const std::lock_guard lock(mutex_);
  always_ = std::move(script);
  return *this;
}

void ScriptedUpstream::HaveLittleRoom() {
  // Accepted sockets inherit both options. Small segments keep the peer's own buffer small.
  const int octets = 4096;
  setsockopt(listener_, SOL_SOCKET, SO_RCVBUF, &octets, sizeof octets);
  const int segment = 536;
  setsockopt(listener_, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
}

void ScriptedUpstream::Signal(const std::string& signal) {
  const std::lock_guard lock(mutex_);
  signals_.insert(signal);
  changed_.notify_all();
}

bool ScriptedUpstream::WaitUntil(const std::function<bool()>& condition) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kPatience, condition);
}

bool ScriptedUpstream::WaitForConnections(std::size_t count) {
  return WaitUntil([&] { return records_.size() >= count; });
}

bool ScriptedUpstream::WaitForOctets(std::size_t connection, std::string_view text) {
  return WaitUntil([&] {
    return records_.size() > connection &&
           records_[connection].received.find(text) != std::string::npos;
  });
}

bool ScriptedUpstream::WaitForSignal(const std::string& signal) {
  return WaitUntil([&] { return signals_.contains(signal); });
}

void ScriptedUpstream::Forget(const std::string& signal) {
  const std::lock_guard lock(mutex_);
  signals_.erase(signal);
}

bool ScriptedUpstream::WaitForEnd(std::size_t connection) {
  return WaitUntil([&] { return records_.size() > connection && records_[connection].ended; });
}

std::size_t ScriptedUpstream::connections() const {
  const std::lock_guard lock(mutex_);
  return records_.size();
}

std::size_t ScriptedUpstream::open() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(
      std::ranges::count_if(records_, [](const Record& record) { return !record.ended; }));
}

std::string ScriptedUpstream::received(std::size_t connection) const {
  const std::lock_guard lock(mutex_);
  return records_.at(connection).received;
}

std::size_t ScriptedUpstream::requests() const {
  constexpr std::string_view kEndOfLine = " HTTP/1.1\r\n";
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const Record& record : records_) {
    for (std::size_t at = record.received.find(kEndOfLine); at != std::string::npos;
         at = record.received.find(kEndOfLine, at + 1)) {
      ++count;
    }
  }
  return count;
}

std::string ScriptedUpstream::client_certificate(std::size_t connection) const {
  const std::lock_guard lock(mutex_);
  return records_.at(connection).client_certificate;
}

bool ScriptedUpstream::resumed(std::size_t connection) const {
  const std::lock_guard lock(mutex_);
  return records_.at(connection).resumed;
}

}  // namespace docspace::gateway::testkit
