// The bytes that the calls of all event loops hold, and their limit.
#ifndef SERVER_RPC_HELD_BYTES_H_
#define SERVER_RPC_HELD_BYTES_H_

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace docspace::gateway {

// HeldBytes limits what the calls of several event loops hold together. A loop may use what the
// others leave. While the limit is exceeded, the loop whose calls hold the most has to end some.
// It must outlive its shares. Thread-safe.
class HeldBytes {
 public:
  // The bytes held on one loop. Add and Remove must be called by one thread at a time.
  class Share {
   public:
    // `reduce` is called on the thread of another share if the limit is exceeded and this one is
    // the greatest. It must not use a HeldBytes itself, and must not throw. It makes the thread of
    // this share call Reduce.
    Share(HeldBytes& all, std::function<void()> reduce) : all_(all), reduce_(std::move(reduce)) {
      const std::lock_guard lock(all_.mutex_);
      all_.shares_.push_back(this);
    }
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    ~Share() {
      const std::lock_guard lock(all_.mutex_);
      std::erase(all_.shares_, this);
      all_.bytes_ -= bytes_;
    }

    // Counts further bytes. If they exceed the limit, but another share is greater, that one is
    // told to reduce itself.
    void Add(std::size_t bytes) {
      bytes_ += bytes;
      all_.bytes_ += bytes;
      TellGreatest();
    }
    void Remove(std::size_t bytes) {
      bytes_ -= bytes;
      all_.bytes_ -= bytes;
    }

    // Ends calls of this loop while IsTooGreat(): `end_one` removes the bytes of a call, or returns
    // false if there is none. If the limit is then still exceeded, the greatest share is told to
    // reduce itself. Must be called by the thread of Add.
    template <class EndOne>
    void Reduce(EndOne end_one) {
      while (IsTooGreat() && end_one()) {
      }
      TellGreatest();
    }
    // Returns whether this loop has to end some of its calls: the limit is exceeded, and no other
    // share is greater.
    bool IsTooGreat() const {
      if (!all_.IsExceeded()) return false;
      const std::lock_guard lock(all_.mutex_);
      return bytes_ >= all_.Greatest().bytes_;
    }

   private:
    friend class HeldBytes;

    // Tells the greatest share to reduce itself, if the limit is exceeded and this one is smaller.
    void TellGreatest() const {
      if (!all_.IsExceeded()) return;
      const std::lock_guard lock(all_.mutex_);
      const Share& greatest = all_.Greatest();
      if (greatest.bytes_ > bytes_) greatest.reduce_();
    }

    HeldBytes& all_;
    const std::function<void()> reduce_;
    std::atomic<std::size_t> bytes_{0};
  };

  explicit HeldBytes(std::size_t limit) : limit_(limit) {}

  std::size_t limit() const { return limit_; }

 private:
  bool IsExceeded() const { return bytes_ > limit_; }
  // There is a share, because one asks.
  const Share& Greatest() const {
    return **std::ranges::max_element(shares_, {},
                                      [](const Share* share) { return share->bytes_.load(); });
  }

  const std::size_t limit_;
  std::atomic<std::size_t> bytes_{0};
  mutable std::mutex mutex_;
  std::vector<const Share*> shares_;
};

}  // namespace docspace::gateway

#endif  // SERVER_RPC_HELD_BYTES_H_
