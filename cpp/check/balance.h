// Sums the counts of every message of every bus. Internal to check.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "check/check.h"

namespace openswirl::checking {

// Stands for (bus, message); 128 bits, so that different messages practically never share one.
struct Fingerprint {
  uint64_t low = 0, high = 0;
  bool operator==(const Fingerprint&) const = default;
  void absorb(uint64_t value) {
    low = (low ^ value) * 0x9e3779b97f4a7c15u;
    low ^= low >> 32;
    high = (high + value) * 0xc2b2ae3d27d4eb4fu;
    high ^= high >> 29;
  }
};

struct FingerprintHash {
  size_t operator()(const Fingerprint& print) const {
    return static_cast<size_t>(print.low ^ (print.high << 1));
  }
};

struct Place {
  uint32_t air_id = 0;
  uint64_t row = 0;
  uint32_t interaction = 0;
  auto operator<=>(const Place&) const = default;
};

struct MessageSum {
  uint16_t bus_index = 0;
  Fp net = Fp::zero();
  Place first;  // the smallest place of the message
};

struct CountedMessage {
  Fingerprint print;
  uint16_t bus_index = 0;
  Fp count;
  Place place;
};

// Messages of all buses, in shards so that threads seldom wait for each other.
class Balance {
 public:
  void add(const std::vector<CountedMessage>& messages);
  // Those with a net count, by bus, then first place.
  std::vector<std::pair<Fingerprint, MessageSum>> unbalanced() const;

 private:
  static constexpr size_t kShards = 64;
  struct Shard {
    std::mutex mutex;
    std::unordered_map<Fingerprint, MessageSum, FingerprintHash> sums;
  };
  std::array<Shard, kShards> shards_;
};

}  // namespace openswirl::checking
