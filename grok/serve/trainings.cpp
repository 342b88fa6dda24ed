#include "grok/serve/trainings.h"

#include <algorithm>
#include <utility>

#include "grok/base/error.h"

namespace grok::serve {
namespace {

// The only place where an exception of a training thread stops: it becomes text.
std::string error_of(const Trainings::Train& train, const RunOptions& options) noexcept {
  try {
    train(options);
    return "";
  } catch (const std::exception& error) {
    return error.what();
  }
}

}  // namespace

Trainings::~Trainings() {
  for (const auto& training : trainings_) training->stop = true;
  for (const auto& training : trainings_) training->thread.join();
}

void Trainings::start(const std::filesystem::path& path, Train train) {
  const std::lock_guard lock(mutex_);
  std::size_t n_running = 0;
  for (const auto& training : trainings_) {
    if (!training->is_running) continue;
    ++n_running;
    if (training->path == path)
      throw Error(ErrorCode::usage, path.filename().string() + " is in training already");
  }
  if (n_running >= most_at_once)
    throw Error(ErrorCode::unavailable, std::to_string(n_running) +
                                            " runs are in training already; stop one first, or "
                                            "wait for its end");
  auto training = std::make_unique<Training>();
  training->path = path;
  training->thread = std::thread([this, &one = *training, train = std::move(train)] {
    one.error = error_of(train, {.n_threads = n_threads_, .stop = &one.stop});
    one.is_running = false;
  });
  trainings_.push_back(std::move(training));
}

bool Trainings::stop(const std::filesystem::path& path) {
  const std::lock_guard lock(mutex_);
  bool is_found = false;
  for (const auto& training : trainings_) {
    if (training->path != path || !training->is_running) continue;
    training->stop = true;
    is_found = true;
  }
  return is_found;
}

std::vector<TrainingState> Trainings::states() const {
  const std::lock_guard lock(mutex_);
  std::vector<TrainingState> out;
  for (const auto& training : trainings_) {
    TrainingState state{.path = training->path, .is_running = training->is_running, .error = {}};
    if (!state.is_running) state.error = training->error;
    out.push_back(std::move(state));
  }
  return out;
}

}  // namespace grok::serve
