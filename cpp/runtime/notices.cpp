#include "runtime/notices.h"

#include <algorithm>
#include <mutex>
#include <utility>

namespace openswirl {
namespace {

std::mutex mutex;
std::vector<std::string> waiting;

}  // namespace

void add_notice(std::string sentence) {
  const std::lock_guard lock(mutex);
  if (std::find(waiting.begin(), waiting.end(), sentence) == waiting.end()) {
    waiting.push_back(std::move(sentence));
  }
}

std::vector<std::string> take_notices() {
  const std::lock_guard lock(mutex);
  return std::exchange(waiting, {});
}

}  // namespace openswirl
