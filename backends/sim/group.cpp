#include "sim/group.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "openswirl/failure.h"

namespace openswirl::sim {
namespace {

constexpr uint32_t kSimdWidth = 32;
constexpr int kPoison = 0xA5;
constexpr uint32_t kUndefined = 0xDEADBEEF;

thread_local GroupRunner* runner = nullptr;

std::string triple(const Index3& index) {
  std::string text = "(";
  text += std::to_string(index.x);
  text += ", ";
  text += std::to_string(index.y);
  text += ", ";
  text += std::to_string(index.z);
  text += ")";
  return text;
}

std::string place(const char* file, int line) {
  const char* name = std::strrchr(file, '/');
  return std::string(name ? name + 1 : file) + ":" + std::to_string(line);
}

bool same_place(const char* file_a, int line_a, const char* file_b, int line_b) {
  return line_a == line_b && std::strcmp(file_a, file_b) == 0;
}

}  // namespace

thread_local const ThreadIndex* current = nullptr;
thread_local Counts counts;

Counts& Counts::operator+=(const Counts& other) {
  KernelOperations::operator+=(other);
  if (other.longest.weight() > longest.weight()) longest = other.longest;
  barriers += other.barriers, threads += other.threads, groups += other.groups;
  dispatches += other.dispatches;
  return *this;
}

void touch(const void* address, uint32_t words, Touch kind, const char* file, int line) {
  runner->touch(address, words, kind, file, line);
}
void barrier(bool orders_device, const char* file, int line) { runner->barrier(orders_device, file, line); }
uint32_t shuffle(uint32_t value, uint32_t source, bool may_leave, const char* file, int line) {
  return runner->shuffle(value, source, may_leave, file, line);
}
void* shared_array(const void* key, size_t bytes) { return runner->shared_array(key, bytes); }

void GroupRunner::fail(const std::string& what, const char* file, int line) const {
  const Thread& thread = threads_[running_];
  throw Error(FailureKind::kDevice, std::string("kernel ") + launch_->entry->symbol + ", group " +
                                        triple(thread.index.bid) + ", thread " + triple(thread.index.tid) +
                                        ", " + place(file, line) + ": " + what);
}

std::string GroupRunner::describe(const Thread& thread) const {
  const std::string name = "thread " + triple(thread.index.tid);
  switch (thread.state) {
    case State::kBarrier:
      return name + " waits at the barrier of " + place(thread.file, thread.line);
    case State::kShuffle:
      return name + " waits at the shuffle of " + place(thread.file, thread.line);
    case State::kDone:
      return name + " has returned";
    default:
      return name + " runs";
  }
}

void GroupRunner::touch(const void* address, uint32_t words, Touch kind, const char* file, int line) {
  const auto* begin = static_cast<const std::byte*>(address);
  const std::byte* end = begin + 4 * size_t{words};
  const bool writing = kind != Touch::kRead;
  if (kind == Touch::kRead) counts.words_loaded += words;
  if (kind == Touch::kWrite) counts.words_stored += words;
  if (kind == Touch::kAtomic) ++counts.atomics;
  if (reinterpret_cast<uintptr_t>(address) % (4 * words) != 0) {
    fail("an access to " + std::to_string(words) + " words is not aligned to their size", file, line);
  }
  const Bound* found = nullptr;
  bool inside_another = false;
  for (size_t i = 0; i < launch_->bound.size() && !found; ++i) {
    const size_t slot =
        last_bound_ + i < launch_->bound.size() ? last_bound_ + i : last_bound_ + i - launch_->bound.size();
    const Bound& bound = launch_->bound[slot];
    if (begin < bound.begin || end > bound.end) continue;
    inside_another = true;
    if (writing ? !gpu::writes(bound.access) : !gpu::reads(bound.access) && kind != Touch::kAtomic) continue;
    found = &bound;
    last_bound_ = slot;
  }
  if (!found) {
    fail(
        std::string(writing ? "writes" : "reads") +
            (inside_another ? " a buffer that the manifest does not allow it to" : " outside of its buffers"),
        file, line);
  }
  if (!found->shadow) return;
  const Toucher who{group_, running_, epoch_};
  const auto first = static_cast<uint64_t>(begin - found->memory) / 4;
  for (uint32_t w = 0; w < words; ++w) {
    if (const char* wrong = found->shadow->touch(first + w, kind, who, found->number, launch_->earlier)) {
      const auto word = static_cast<uint64_t>(begin - found->begin) / 4 + w;
      fail(std::string(wrong) + " (word " + std::to_string(word) + " of " + found->name + ")", file, line);
    }
  }
}

void GroupRunner::barrier(bool orders_device, const char* file, int line) {
  Thread& thread = threads_[running_];
  thread.state = State::kBarrier;
  thread.orders_device = orders_device;
  thread.file = file, thread.line = line;
  thread.fibre->stop();
}

uint32_t GroupRunner::shuffle(uint32_t value, uint32_t source, bool may_leave, const char* file, int line) {
  Thread& thread = threads_[running_];
  thread.state = State::kShuffle;
  thread.value = value, thread.source = source, thread.may_leave = may_leave;
  thread.file = file, thread.line = line;
  thread.fibre->stop();
  return thread.value;
}

void* GroupRunner::shared_array(const void* key, size_t bytes) {
  for (SharedArray& array : shared_) {
    if (array.key == key) return array.data.get();
  }
  size_t total = bytes;
  for (const SharedArray& array : shared_) total += array.bytes;
  if (total > launch_->threadgroup_bytes) {
    fail("its shared arrays take " + std::to_string(total) + " bytes, the manifest says " +
             std::to_string(launch_->threadgroup_bytes),
         "shared array", 0);
  }
  shared_.push_back({key, bytes, std::make_unique<std::byte[]>(bytes)});
  std::memset(shared_.back().data.get(), kPoison, bytes);
  return shared_.back().data.get();
}

void GroupRunner::enter(void* self) {
  auto& group = *static_cast<GroupRunner*>(self);
  try {
    group.launch_->entry->run(group.launch_->buffers.data(), group.launch_->args);
  } catch (...) {
    group.failure_ = std::current_exception();  // must not unwind past the fibre
  }
}

// Runs a thread up to its next barrier or shuffle, or its end.
void GroupRunner::step(uint32_t thread_index) {
  Thread& thread = threads_[thread_index];
  if (thread.state == State::kFresh) {
    if (idle_.empty()) {
      fibres_.push_back(std::make_unique<Fibre>());
      idle_.push_back(fibres_.back().get());
    }
    thread.fibre = idle_.back();
    idle_.pop_back();
    thread.fibre->start(&GroupRunner::enter, this);
  }
  thread.state = State::kReady;
  running_ = thread_index;
  current = &thread.index;
  const KernelOperations before = counts;
  const bool finished = thread.fibre->resume();
  const KernelOperations done = counts - before;
  if (done.weight() > slowest_.weight()) slowest_ = done;
  current = nullptr;
  if (finished) {
    thread.state = State::kDone;
    idle_.push_back(thread.fibre);
  }
  if (failure_) std::rethrow_exception(failure_);
}

// Lets every SIMD group go on that waits at one shuffle. True if there was one.
bool GroupRunner::release_shuffles() {
  bool released = false;
  for (size_t begin = 0; begin < threads_.size(); begin += kSimdWidth) {
    const size_t end = std::min(threads_.size(), begin + kSimdWidth);
    const Thread* first = nullptr;
    for (size_t i = begin; i < end && !first; ++i) {
      if (threads_[i].state == State::kShuffle) first = &threads_[i];
    }
    if (!first) continue;
    running_ = static_cast<uint32_t>(first - threads_.data());
    uint32_t values[kSimdWidth];
    for (size_t i = begin; i < end; ++i) {
      const Thread& thread = threads_[i];
      if (thread.state != State::kShuffle ||
          !same_place(thread.file, thread.line, first->file, first->line)) {
        fail("divergent shuffle: " + describe(thread), first->file, first->line);
      }
      const bool inside = thread.source < end - begin;
      if (!inside && !thread.may_leave) {
        running_ = static_cast<uint32_t>(i);
        fail("shuffle from lane " + std::to_string(thread.source) + ", which does not exist", thread.file,
             thread.line);
      }
      values[i - begin] = inside ? threads_[begin + thread.source].value : kUndefined;
    }
    for (size_t i = begin; i < end; ++i) {
      threads_[i].value = values[i - begin];
      threads_[i].state = State::kReady;
    }
    released = true;
  }
  return released;
}

// Nobody can run: all threads must wait at the same barrier.
void GroupRunner::release_barrier() {
  const auto waiting = std::find_if(threads_.begin(), threads_.end(),
                                    [](const Thread& thread) { return thread.state == State::kBarrier; });
  running_ = static_cast<uint32_t>(waiting - threads_.begin());
  for (Thread& thread : threads_) {
    if (thread.state != State::kBarrier ||
        !same_place(thread.file, thread.line, waiting->file, waiting->line)) {
      fail("divergent barrier: " + describe(thread), waiting->file, waiting->line);
    }
  }
  if (waiting->orders_device) ++epoch_;
  ++counts.barriers;
  for (Thread& thread : threads_) thread.state = State::kReady;
}

void GroupRunner::run(const Launch& launch, uint32_t group) {
  launch_ = &launch;
  group_ = group;
  epoch_ = 0;
  last_bound_ = 0;
  failure_ = nullptr;
  shared_.clear();
  const Index3 bid{group % launch.groups.x, group / launch.groups.x % launch.groups.y,
                   group / launch.groups.x / launch.groups.y};
  const uint32_t size = launch.group_size;
  if (threads_.size() != size) {
    order_.resize(size);
    std::iota(order_.begin(), order_.end(), 0u);
  }
  threads_.assign(size, Thread{});
  for (uint32_t i = 0; i < size; ++i) {
    threads_[i].index = {{bid.x * size + i, bid.y, bid.z},
                         {i, 0, 0},
                         bid,
                         {size, 1, 1},
                         launch.groups,
                         i % kSimdWidth,
                         i / kSimdWidth};
  }
  // All fibres are free: those of a group that failed were left in the middle.
  idle_.clear();
  for (const auto& fibre : fibres_) idle_.push_back(fibre.get());

  std::mt19937_64 random(launch.schedule.seed * 0x9E3779B97F4A7C15u + group);
  runner = this;
  ++counts.groups;
  counts.threads += size;
  KernelOperations longest;
  for (;;) {
    slowest_ = {};
    if (launch.schedule.order == Order::kRandom) std::shuffle(order_.begin(), order_.end(), random);
    for (uint32_t i = 0; i < size; ++i) {
      const uint32_t thread = launch.schedule.order == Order::kForward   ? i
                              : launch.schedule.order == Order::kReverse ? size - 1 - i
                                                                         : order_[i];
      const State state = threads_[thread].state;
      if (state == State::kFresh || state == State::kReady) step(thread);
    }
    longest += slowest_;
    if (release_shuffles()) continue;
    const auto done = std::count_if(threads_.begin(), threads_.end(),
                                    [](const Thread& thread) { return thread.state == State::kDone; });
    if (static_cast<size_t>(done) == threads_.size()) break;
    release_barrier();
  }
  if (longest.weight() > counts.longest.weight()) counts.longest = longest;
}

}  // namespace openswirl::sim
