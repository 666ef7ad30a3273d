#include "cuda/uploader.h"

#include <algorithm>
#include <cstring>
#include <thread>

#include "openswirl/result.h"

namespace openswirl::cuda {

Uploader::Uploader(SharedContext context, PinnedBlocks& pinned)
    : context_(std::move(context)), pinned_(pinned) {}

Uploader::~Uploader() {
  if (!context_->reach()) return;
  const Driver& driver = context_->driver();
  for (const Lane& lane : lanes_) {
    if (lane.stream) driver.stream_destroy(lane.stream);
    for (const Event event : lane.free) {
      if (event) driver.event_destroy(event);
    }
  }
  if (begin_) driver.event_destroy(begin_);
}

void Uploader::open() {
  if (!lanes_.empty()) return;
  const Driver& driver = context_->driver();
  driver.check(driver.event_create(&begin_, 0), "cuEventCreate");
  lanes_.resize(kThreads);
  for (Lane& lane : lanes_) {
    driver.check(driver.stream_create(&lane.stream, kNonBlockingStream), "cuStreamCreate");
    for (Event& event : lane.free) driver.check(driver.event_create(&event, 0), "cuEventCreate");
  }
}

void Uploader::run(Lane& lane, size_t first, DevicePointer to, const std::byte* from, uint64_t bytes) const {
  context_->use();
  const Driver& driver = context_->driver();
  driver.check(driver.stream_wait(lane.stream, begin_, 0), "cuStreamWaitEvent");
  PinnedBlocks::Block slots[kSlots];
  try {
    size_t piece = 0;
    for (uint64_t at = first * kPiece; at < bytes; at += kThreads * kPiece, ++piece) {
      const size_t slot = piece % kSlots;
      const uint64_t size = std::min(kPiece, bytes - at);
      if (piece < kSlots) {
        slots[slot] = pinned_.take(kPiece);
      } else {
        driver.check(driver.event_synchronize(lane.free[slot]), "cuEventSynchronize");
      }
      std::memcpy(slots[slot].data(), from + at, size);
      driver.check(driver.copy_to_device(to + at, slots[slot].data(), size, lane.stream),
                   "cuMemcpyHtoDAsync of " + std::to_string(size) + " bytes");
      driver.check(driver.event_record(lane.free[slot], lane.stream), "cuEventRecord");
    }
  } catch (...) {
    driver.stream_synchronize(lane.stream);  // before the blocks are anybody else's
    throw;
  }
  driver.check(driver.stream_synchronize(lane.stream), "cuStreamSynchronize");
}

void Uploader::copy(DevicePointer to, const std::byte* from, uint64_t bytes, Stream stream) {
  const std::lock_guard lock(mutex_);
  const Driver& driver = context_->driver();
  open();
  driver.check(driver.event_record(begin_, stream), "cuEventRecord");
  std::vector<Status> results(kThreads);
  const auto work = [&](size_t i) { results[i] = guard([&] { run(lanes_[i], i, to, from, bytes); }); };
  {
    std::vector<std::jthread> threads;
    for (size_t i = 1; i < kThreads; ++i) threads.emplace_back(work, i);
    work(0);
  }
  for (Status& result : results) std::move(result).take();
}

}  // namespace openswirl::cuda
