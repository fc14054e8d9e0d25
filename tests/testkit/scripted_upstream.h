// A portal that does, octet for octet, what a test tells it: the other end of every fault.
#ifndef TESTS_TESTKIT_SCRIPTED_UPSTREAM_H_
#define TESTS_TESTKIT_SCRIPTED_UPSTREAM_H_

#include <openssl/ssl.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/testkit/certificates.h"

namespace docspace::gateway::testkit {

// What one connection does from the moment it is accepted (under TLS, from the handshake). Where
// the script ends, the connection stays open and reads whatever comes, until the peer closes it.
class Script {
 public:
  // Reads one request: a head, and as much body as its Content-Length says.
  Script& ReadRequest();
  Script& Read(std::size_t octets);
  Script& Send(std::string octets);
  // Each piece is a write of its own, and so usually a read of its own at the other end.
  Script& SendInPieces(std::string octets, std::size_t piece_size);
  // One octet each interval.
  Script& Drip(std::string octets, std::chrono::milliseconds interval);
  // Sends `octets` again and again, until the peer closes.
  Script& SendForEver(std::string octets);
  // Until ScriptedUpstream::Signal.
  Script& WaitFor(std::string signal);
  // Lets ScriptedUpstream::WaitForSignal go on.
  Script& Signal(std::string signal);
  // Ends the sending direction, after close_notify under TLS.
  Script& HalfClose();
  // Ends both, after close_notify under TLS.
  Script& Close();
  // As Close, but TLS is cut short.
  Script& CloseWithoutNotify();
  // RST instead of FIN.
  Script& Reset();
  // Holds the connection without reading from it.
  Script& NeverRead();
  // Starts over.
  Script& Repeat();
  // Goes on with the steps of `script`.
  Script& Append(const Script& script);

  bool empty() const { return steps_.empty(); }

 private:
  friend class ScriptedUpstream;
  class Peer;
  // False where the connection is over.
  using Step = std::function<bool(Peer&)>;

  Script& Then(Step step);

  std::vector<Step> steps_;
  bool repeats_ = false;
};

// Listens on 127.0.0.1, on a port that the kernel chose. Any thread may use it. Its waits end after
// half a minute, and then answer false.
class ScriptedUpstream {
 public:
  ScriptedUpstream();
  // On a port that another one has left.
  explicit ScriptedUpstream(std::uint16_t port);
  // Over TLS. Clients are asked for a certificate; any will do, and none.
  explicit ScriptedUpstream(const Certificate& certificate);
  // Closes every connection.
  ~ScriptedUpstream();
  ScriptedUpstream(const ScriptedUpstream&) = delete;
  ScriptedUpstream& operator=(const ScriptedUpstream&) = delete;

  // What the next connection does that has no script yet.
  ScriptedUpstream& Next(Script script);
  // What each connection beyond those does. Without it they are closed as soon as accepted.
  ScriptedUpstream& Always(Script script);

  // Whoever connects from now on can send little that is not read.
  void HaveLittleRoom();

  std::uint16_t port() const { return port_; }

  // Lets every connection go on that waits, or will wait, for that signal.
  void Signal(const std::string& signal);
  // Until a connection, or anyone, has signalled that.
  bool WaitForSignal(const std::string& signal);
  // Until it is signalled again.
  void Forget(const std::string& signal);

  // Connections are numbered in the order in which they were accepted.
  bool WaitForConnections(std::size_t count);
  // Until that connection has received `text`.
  bool WaitForOctets(std::size_t connection, std::string_view text);
  // Until that connection has been closed, by whichever end.
  bool WaitForEnd(std::size_t connection);

  std::size_t connections() const;
  // Those of them that have not been closed, by whichever end.
  std::size_t open() const;
  std::string received(std::size_t connection) const;
  // Request lines received, over all connections.
  std::size_t requests() const;
  // Whether TLS resumed an earlier session.
  bool resumed(std::size_t connection) const;
  // The certificate that the client showed, in PEM; empty where it has none.
  std::string client_certificate(std::size_t connection) const;

 private:
  struct Record {
    std::string received;
    bool resumed = false;
    std::string client_certificate;
    bool ended = false;
  };

  friend class Script::Peer;

  void Listen(std::uint16_t port);
  void Accept();
  void Serve(int socket, const Script& script, Record& record);
  void JoinFinished();
  bool WaitUntil(const std::function<bool()>& condition);

  const std::shared_ptr<SSL_CTX> tls_;
  int listener_ = -1;
  // Readable once the upstream is going.
  int stop_ = -1;
  std::uint16_t port_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
  std::deque<Script> next_;
  std::optional<Script> always_;
  std::set<std::string> signals_;
  // A deque: a record stays where it is.
  std::deque<Record> records_;
  std::list<std::thread> threads_;
  // Those that have done with their connection.
  std::list<std::thread> finished_;
  std::thread accepting_;
};

}  // namespace docspace::gateway::testkit

#endif  // TESTS_TESTKIT_SCRIPTED_UPSTREAM_H_
