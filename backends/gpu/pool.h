// Device memory by size classes, kept for reuse. OPENSWIRL_POOL=off gives every array an exact, poisoned
// allocation of its own instead, so that nothing hides an access beyond its end or before its first write.
#pragma once

#include <map>
#include <mutex>
#include <vector>

#include "gpu/recorder.h"

namespace openswirl::gpu {

class Pool;

// An array on the device, charged to a meter. Move-only; its memory returns to the pool when it dies, which
// may be before the commands that use it ran: its recorder's later ones are ordered behind them, and others
// get it once they are submitted. Only its recorder may have commands with it that are not.
class Array {
 public:
  Array() = default;
  Array(Array&& other) noexcept { swap(other); }
  Array& operator=(Array&& other) noexcept {
    Array moved(std::move(other));
    swap(moved);
    return *this;
  }
  ~Array();

  // The words asked for, not the size class.
  const Range& range() const { return range_; }
  uint64_t words() const { return range_.bytes / 4; }
  Range words(uint64_t first, uint64_t count) const { return range_.part(4 * first, 4 * count); }

 private:
  friend class Pool;
  void swap(Array& other) noexcept {
    std::swap(pool_, other.pool_), std::swap(meter_, other.meter_), std::swap(range_, other.range_);
    std::swap(recording_, other.recording_);
  }
  std::shared_ptr<Pool> pool_;
  std::shared_ptr<Recording> recording_;
  std::shared_ptr<MemoryMeter> meter_;
  Range range_;
};

class Pool : public std::enable_shared_from_this<Pool> {
 public:
  // Reads OPENSWIRL_POOL ("on", the default, or "off"); throws Error{kInput} for another value.
  explicit Pool(std::shared_ptr<Runtime> runtime);

  // Discarded by the recorder, so undefined until written. Throws Error{kOutOfMemory} beyond the meter's
  // limit or the device's memory.
  Array words(const Context& context, Recorder& recorder, uint64_t words, const char* what);
  // Frees what nobody uses.
  void trim();

 private:
  friend class Array;
  // Memory that nobody holds, and from when on it is free for other recorders than its last one.
  struct Free {
    std::shared_ptr<Memory> memory;
    std::shared_ptr<Recording> recording;
    uint64_t submissions;

    bool for_recorder(const Recorder& recorder) const {
      return recording == recorder.recording() || recording->submissions > submissions ||
             submissions == Recording::kOver;
    }
  };
  void give_back(std::shared_ptr<Memory> memory, std::shared_ptr<Recording> recording);

  std::shared_ptr<Runtime> runtime_;
  bool exact_ = false;
  std::mutex mutex_;
  std::map<uint64_t, std::vector<Free>> free_;  // by size class
};

}  // namespace openswirl::gpu
