#include "server/metrics/upstream_sampler.h"

#include <condition_variable>
#include <cstdint>
#include <utility>

namespace docspace::gateway {

struct UpstreamSampler::Answer {
  std::mutex mutex;
  std::condition_variable came;
  // Numbers of requests to the loop: the last one that was posted, and the last one that was
  // answered.
  std::uint64_t asked = 0;
  std::uint64_t answered = 0;
  http::ClientState state;
};

void UpstreamSampler::Add(std::string portal, EventLoop& loop, const http::Client& client) {
  sources_.push_back({std::move(portal), loop, client, std::make_shared<Answer>()});
}

std::vector<UpstreamSampler::Sample> UpstreamSampler::Take() {
  const auto until = std::chrono::steady_clock::now() + patience_;
  std::vector<std::uint64_t> questions;
  for (const Source& source : sources_) {
    std::uint64_t question = 0;
    {
      const std::lock_guard lock(source.answer->mutex);
      question = ++source.answer->asked;
    }
    questions.push_back(question);
    source.loop.Post([answer = source.answer, question, &client = source.client] {
      const http::ClientState state = client.State();
      const std::lock_guard lock(answer->mutex);
      answer->state = state;
      answer->answered = question;
      answer->came.notify_all();
    });
  }
  std::vector<Sample> samples;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    Answer& answer = *sources_[i].answer;
    std::unique_lock lock(answer.mutex);
    answer.came.wait_until(lock, until, [&] { return answer.answered >= questions[i]; });
    samples.push_back({sources_[i].portal, answer.state});
  }
  return samples;
}

}  // namespace docspace::gateway
