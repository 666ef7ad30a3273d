#include "cuda/side_streams.h"

#include <algorithm>

namespace openswirl::cuda {

SideStreams::~SideStreams() {
  if (!context_->reach()) return;
  const Driver& driver = context_->driver();
  for (const Side& side : sides_) {
    if (side.stream) driver.stream_destroy(side.stream);
    if (side.end) driver.event_destroy(side.end);
  }
  if (fork_) driver.event_destroy(fork_);
}

void SideStreams::open() {
  const Driver& driver = context_->driver();
  if (!fork_) driver.check(driver.event_create(&fork_, kEventWithoutTime), "cuEventCreate");
  sides_.resize(kCount);
  for (Side& side : sides_) {
    if (!side.stream) driver.check(driver.stream_create(&side.stream, kNonBlockingStream), "cuStreamCreate");
    if (!side.end) driver.check(driver.event_create(&side.end, kEventWithoutTime), "cuEventCreate");
  }
}

// An event may be recorded anew while streams wait for it: they wait for what it was when they were told to.
void SideStreams::fork(Stream main) {
  open();
  const Driver& driver = context_->driver();
  driver.check(driver.event_record(fork_, main), "cuEventRecord");
  given_ = 0;
}

Stream SideStreams::next() {
  const Driver& driver = context_->driver();
  const Stream stream = sides_[given_ % kCount].stream;
  if (given_ < kCount) driver.check(driver.stream_wait(stream, fork_, 0), "cuStreamWaitEvent");
  ++given_;
  return stream;
}

void SideStreams::join(Stream main) {
  const Driver& driver = context_->driver();
  for (size_t i = 0; i < std::min(given_, kCount); ++i) {
    driver.check(driver.event_record(sides_[i].end, sides_[i].stream), "cuEventRecord");
    driver.check(driver.stream_wait(main, sides_[i].end, 0), "cuStreamWaitEvent");
  }
  given_ = 0;
}

}  // namespace openswirl::cuda
