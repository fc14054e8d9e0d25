// A portal that does byte for byte what a test tells it, and so can simulate every fault.
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

// `Script` lists what the portal does on one connection from the moment it is accepted (with TLS,
// from the handshake). At the end of the script the connection stays open and reads until the peer
// closes it.
class Script {
 public:
  // Reads one request: a head, and as many bytes of body as its Content-Length says.
  Script& ReadRequest();
  Script& Read(std::size_t octets);
  Script& Send(std::string octets);
  // Sends each piece by a write of its own, which is usually a read of its own for the peer.
  Script& SendInPieces(std::string octets, std::size_t piece_size);
  // Sends one byte per interval.
  Script& Drip(std::string octets, std::chrono::milliseconds interval);
  // Sends `octets` repeatedly until the peer closes.
  Script& SendForEver(std::string octets);
  // Waits for ScriptedUpstream::Signal.
  Script& WaitFor(std::string signal);
  // Ends a ScriptedUpstream::WaitForSignal.
  Script& Signal(std::string signal);
  // Closes the sending direction, after close_notify with TLS.
  Script& HalfClose();
  // Closes both directions, after close_notify with TLS.
  Script& Close();
  // Closes both directions, without close_notify with TLS.
  Script& CloseWithoutNotify();
  // Closes the connection by RST instead of FIN.
  Script& Reset();
  // Holds the connection without reading from it.
  Script& NeverRead();
  // Continues with the first step of the script.
  Script& Repeat();
  // Continues with the steps of `script`.
  Script& Append(const Script& script);

  bool empty() const { return steps_.empty(); }

 private:
  friend class ScriptedUpstream;
  class Peer;
  // Returns false if the connection is over.
  using Step = std::function<bool(Peer&)>;

  Script& Then(Step step);

  std::vector<Step> steps_;
  bool repeats_ = false;
};

// `ScriptedUpstream` listens on 127.0.0.1, on a port that the kernel chooses. Thread-safe. Its
// functions that wait return false after half a minute.
class ScriptedUpstream {
 public:
  ScriptedUpstream();
  // Listens on a port that another socket has released.
  explicit ScriptedUpstream(std::uint16_t port);
  // Listens with TLS. The server requests a client certificate, but accepts any certificate, and
  // none.
  explicit ScriptedUpstream(const Certificate& certificate);
  // Closes all connections.
  ~ScriptedUpstream();
  ScriptedUpstream(const ScriptedUpstream&) = delete;
  ScriptedUpstream& operator=(const ScriptedUpstream&) = delete;

  // Sets the script of the next connection that has none yet.
  ScriptedUpstream& Next(Script script);
  // Sets the script of all connections without one of their own. Otherwise such a connection is
  // closed as soon as it is accepted.
  ScriptedUpstream& Always(Script script);

  // Gives connections accepted from now on small buffers, so that a peer can send little that the
  // script does not read.
  void HaveLittleRoom();

  std::uint16_t port() const { return port_; }

  // Resumes every connection that waits, or will wait, for that signal.
  void Signal(const std::string& signal);
  // Waits until a connection or a call of Signal has given that signal.
  bool WaitForSignal(const std::string& signal);
  // Resets a signal, so that waiting for it lasts until it is given again.
  void Forget(const std::string& signal);

  // Waits until `count` connections have been accepted. Connections are numbered in the order in
  // which they were accepted.
  bool WaitForConnections(std::size_t count);
  // Waits until that connection has received `text`.
  bool WaitForOctets(std::size_t connection, std::string_view text);
  // Waits until either end has closed that connection.
  bool WaitForEnd(std::size_t connection);

  std::size_t connections() const;
  // Returns the number of connections that neither end has closed.
  std::size_t open() const;
  std::string received(std::size_t connection) const;
  // Returns the number of request lines received on all connections.
  std::size_t requests() const;
  // Returns whether the TLS session of that connection was resumed.
  bool resumed(std::size_t connection) const;
  // Returns the client's certificate in PEM, or an empty string if it has none.
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
  // An eventfd, readable once the upstream is being destroyed.
  int stop_ = -1;
  std::uint16_t port_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
  std::deque<Script> next_;
  std::optional<Script> always_;
  std::set<std::string> signals_;
  // A deque, because a record must not move.
  std::deque<Record> records_;
  std::list<std::thread> threads_;
  // Threads that have finished with their connection.
  std::list<std::thread> finished_;
  std::thread accepting_;
};

}  // namespace docspace::gateway::testkit

#endif  // TESTS_TESTKIT_SCRIPTED_UPSTREAM_H_
