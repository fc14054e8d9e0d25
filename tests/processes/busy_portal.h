// A portal with a limited capacity, which queues further requests.
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

// `BusyPortal` responds to each GET with a list of permissions, on a port of loopback that the
// kernel chooses. Its capacity is `workers` / `service_time`, independent of the load: a request
// takes `service_time` once a worker is free, and requests are served in the order of arrival.
class BusyPortal {
 public:
  BusyPortal(std::size_t workers, std::chrono::microseconds service_time);
  // Closes all connections.
  ~BusyPortal();
  BusyPortal(const BusyPortal&) = delete;
  BusyPortal& operator=(const BusyPortal&) = delete;

  std::string url() const;

  // Delays every response until Resume.
  void Pause();
  void Resume();

  std::size_t requests() const { return requests_; }
  // The number of requests that wait for their responses: the current one, and the largest so far.
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
  // The time at which each worker finishes its assigned requests.
  std::vector<Clock::time_point> free_at_;
  std::atomic<std::size_t> requests_{0};
  std::atomic<std::size_t> waiting_{0};
  std::atomic<std::size_t> most_waiting_{0};
  boost::asio::io_context loop_{1};
  boost::asio::ip::tcp::acceptor acceptor_;
  bool paused_ = false;
  // A timer that Resume cancels, which wakes every waiting request.
  boost::asio::steady_timer resumed_;
  std::thread thread_;
};

}  // namespace docspace::gateway::testkit

#endif  // TESTS_PROCESSES_BUSY_PORTAL_H_
