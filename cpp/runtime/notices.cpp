#include "runtime/notices.h"

#include <algorithm>
#include <mutex>
#include <utility>

namespace openswirl {
namespace {

std::mutex notices_mutex;
std::vector<std::string> waiting, waiting_news;

void add(std::vector<std::string>& to, std::string sentence) {
  const std::lock_guard lock(notices_mutex);
  if (std::find(to.begin(), to.end(), sentence) == to.end()) to.push_back(std::move(sentence));
}
std::vector<std::string> take(std::vector<std::string>& from) {
  const std::lock_guard lock(notices_mutex);
  return std::exchange(from, {});
}

}  // namespace

void add_notice(std::string sentence) { add(waiting, std::move(sentence)); }
void add_news(std::string sentence) { add(waiting_news, std::move(sentence)); }
std::vector<std::string> take_notices() { return take(waiting); }
std::vector<std::string> take_news() { return take(waiting_news); }

}  // namespace openswirl
