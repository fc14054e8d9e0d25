// A portal that can do only so much at a time, and has its callers wait for the rest.
#ifndef TESTS_PROCESSES_BUSY_PORTAL_H_
#define TESTS_PROCESSES_BUSY_PORTAL_H_

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

namespace docspace::gateway::testkit {

// Answers each GET with a list of permissions, on a port of loopback that the kernel chose. Its
// capacity is `workers` / `service_time`, whatever is asked of it: a request takes that time once a
// worker is free, in the order in which requests come.
class BusyPortal {
 public:
  BusyPortal(std::size_t workers, std::chrono::microseconds service_time);
  // Closes every connection.
  ~BusyPortal();
  BusyPortal(const BusyPortal&) = delete;
  BusyPortal& operator=(const BusyPortal&) = delete;

  std::string url() const;

  // Keeps every request waiting until Resume.
  void Pause();
  void Resume();

  std::size_t requests() const { return requests_; }
  // Requests that wait for their answers: now, and the most there ever were.
  std::size_t waiting() const { return waiting_; }
  std::size_t most_waiting() const { return most_waiting_; }

 private:
  using Clock = std::chrono::steady_clock;
  template <class T>
  using Task = boost::asio::awaitable<T>;

  Task<void> Accept();
  Task<void> Serve(boost::asio::ip::tcp::socket caller);
  Task<void> Work();

  const std::chrono::microseconds service_time_;
  // When each worker is done with what it has been given.
  std::vector<Clock::time_point> free_at_;
  std::atomic<std::size_t> requests_{0};
  std::atomic<std::size_t> waiting_{0};
  std::atomic<std::size_t> most_waiting_{0};
  boost::asio::io_context loop_{1};
  boost::asio::ip::tcp::acceptor acceptor_;
  bool paused_ = false;
  // Cancelled, which wakes every request that waits, by Resume.
  boost::asio::steady_timer resumed_;
  std::thread thread_;
};

}  // namespace docspace::gateway::testkit

#endif  // TESTS_PROCESSES_BUSY_PORTAL_H_
