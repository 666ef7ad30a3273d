// Command buffers and encoders as they were recorded, for the GPU's thread.
#pragma once

#include <array>
#include <condition_variable>

#include "device.h"
#include "fake_metal.h"

namespace fake_metal {

constexpr size_t kSlots = 31;

struct Bound {
  bool set = false;
  Buffer* buffer = nullptr;
  size_t offset = 0;
  std::string bytes;  // of setBytes
};

struct Used {
  Buffer* buffer;
  openswirl::gpu::Access access;
};

struct Size3 {
  size_t x, y, z;
};

struct Step {
  enum Kind { kBegin, kDispatch, kBarrier, kWait, kUpdate } kind;
  Fence* fence = nullptr;
  Pipeline* pipeline = nullptr;
  std::array<Bound, kSlots> slots{};
  std::vector<Used> used{};  // named to the encoder so far
  Size3 groups{};
  size_t group = 0;  // threads of each
};

enum Status : long { kNotCommitted = 0, kCommitted = 2, kCompleted = 4, kFailed = 5 };

struct CommandBuffer final : Object {
  explicit CommandBuffer(Queue* of) : Object("MTLCommandBuffer"), queue(of) { queue->retain(); }
  void dispose() override;
  // The first one stays.
  void fail(long code, const std::string& text);

  Queue* const queue;
  bool encoding = false;  // an encoder is open
  std::vector<Step> steps;
  std::vector<void*> handlers;    // blocks
  std::vector<Buffer*> resident;  // when it was committed
  std::mutex mutex;
  std::condition_variable done;
  std::atomic<long> status{kNotCommitted};
  long error_code = 0;
  std::string error_text;
  double start = 0, end = 0;
  uint32_t seen_numbers =
      0;  // when it was committed, the host had waited for the dispatches below this number
  uint32_t last_number = 0;  // of its dispatches, when it has completed
};

struct Encoder final : Object {
  Encoder(CommandBuffer* of, bool is_concurrent)
      : Object("MTLComputeCommandEncoder"), buffer(of), concurrent(is_concurrent) {
    buffer->retain();
  }
  void dispose() override;

  CommandBuffer* const buffer;
  const bool concurrent;
  bool open = true;
  Pipeline* pipeline = nullptr;
  std::array<Bound, kSlots> slots{};
  std::vector<Used> used;
};

// The host waited for dispatches below this number with waitUntilCompleted, which orders as a fence does.
std::atomic<uint32_t>& seen_numbers();
// Hands it to the GPU's thread, which holds a reference until it has completed.
void run_on_gpu(CommandBuffer* buffer);

}  // namespace fake_metal
