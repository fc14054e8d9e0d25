#include "server/event_loop.h"

#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

namespace docspace::gateway {

EventLoop::EventLoop(std::function<void(std::string_view what)> on_exception)
    : on_exception_(std::move(on_exception)),
      work_(context_.get_executor()),
      thread_([this] { Run(); }) {}

EventLoop::~EventLoop() { Stop(); }

void EventLoop::Stop() {
  if (!thread_.joinable()) return;
  boost::asio::post(context_, [this] { context_.stop(); });
  thread_.join();
}

void EventLoop::Run() {
  while (!context_.stopped()) {
    try {
      context_.run();
    } catch (const std::exception& error) {
      // One handler failed, out of memory say. The others must not fall with it.
      Tell(error);
    }
  }
}

void EventLoop::Tell(const std::exception& error) const {
  try {
    on_exception_(error.what());
  } catch (const std::exception&) {
    // Nor is there memory to tell it.
  }
}

}  // namespace docspace::gateway
