// Sharded sums of message counts; the result does not depend on the order in which threads add.
#include "check/balance.h"

#include <algorithm>
#include <tuple>

namespace openswirl::checking {

void Balance::add(const std::vector<CountedMessage>& messages) {
  std::array<std::vector<const CountedMessage*>, kShards> by_shard;
  for (const CountedMessage& message : messages) by_shard[message.print.high % kShards].push_back(&message);
  for (size_t i = 0; i < kShards; ++i) {
    if (by_shard[i].empty()) continue;
    const std::lock_guard lock(shards_[i].mutex);
    for (const CountedMessage* message : by_shard[i]) {
      const auto [entry, is_new] = shards_[i].sums.try_emplace(message->print);
      MessageSum& sum = entry->second;
      if (is_new || message->place < sum.first) sum.first = message->place;
      sum.bus_index = message->bus_index;
      sum.net += message->count;
    }
  }
}

std::vector<std::pair<Fingerprint, MessageSum>> Balance::unbalanced() const {
  std::vector<std::pair<Fingerprint, MessageSum>> result;
  for (const Shard& shard : shards_) {
    for (const auto& [print, sum] : shard.sums) {
      if (!sum.net.is_zero()) result.emplace_back(print, sum);
    }
  }
  std::sort(result.begin(), result.end(), [](const auto& a, const auto& b) {
    return std::tie(a.second.bus_index, a.second.first) < std::tie(b.second.bus_index, b.second.first);
  });
  return result;
}

}  // namespace openswirl::checking
