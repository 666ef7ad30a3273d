#include "sim/shadow.h"

namespace openswirl::sim {
namespace {

// dispatch 20 bits | group 22 | thread 11 | epoch 11
constexpr uint32_t kMaxDispatch = (1u << 20) - 1;
constexpr uint32_t kManyGroups = (1u << 22) - 1, kAtomics = kManyGroups - 1;
constexpr uint32_t kManyThreads = (1u << 11) - 1;
constexpr uint32_t kEpochMask = (1u << 11) - 1;

uint64_t pack(uint32_t dispatch, uint32_t group, uint32_t thread, uint32_t epoch) {
  return uint64_t{dispatch} << 44 | uint64_t{group} << 22 | uint64_t{thread} << 11 | (epoch & kEpochMask);
}
uint32_t dispatch_of(uint64_t cell) { return static_cast<uint32_t>(cell >> 44); }
uint32_t group_of(uint64_t cell) { return static_cast<uint32_t>(cell >> 22) & kManyGroups; }
uint32_t thread_of(uint64_t cell) { return static_cast<uint32_t>(cell >> 11) & kManyThreads; }
uint32_t epoch_of(uint64_t cell) { return static_cast<uint32_t>(cell) & kEpochMask; }

// The number of whoever wrote outside of dispatches.
constexpr uint32_t kOutside = 1;
constexpr uint64_t kWrittenOutside = uint64_t{kOutside} << 44;

// Whether `who` may follow the one in the cell without a barrier between them.
bool other_group(uint64_t cell, const Toucher& who) { return group_of(cell) != who.group; }
bool unordered(uint64_t cell, const Toucher& who) {
  return thread_of(cell) != who.thread && epoch_of(cell) == (who.epoch & kEpochMask);
}

}  // namespace

Shadow::Shadow(uint64_t words) : words_(words), cells_(new Cell[words]) {}

uint32_t Shadow::begin_dispatch() {
  if (++dispatch_ > kMaxDispatch) {
    for (uint64_t i = 0; i < words_; ++i) {
      if (cells_[i].writer.load(std::memory_order_relaxed)) cells_[i].writer = kWrittenOutside;
      cells_[i].reader = 0;
    }
    dispatch_ = 2;
  }
  return dispatch_;
}

const char* Shadow::touch(uint64_t word, Touch touch, const Toucher& who, uint32_t dispatch,
                          const Earlier* earlier) {
  Cell& cell = cells_[word];
  const uint64_t writer = cell.writer.load(std::memory_order_relaxed);
  const bool written_now = dispatch_of(writer) == dispatch;
  if (touch != Touch::kWrite && writer == 0) return "reads a word that nobody wrote";
  if (earlier) {
    const auto running = [&](uint64_t toucher) {
      const uint32_t other = dispatch_of(toucher);
      return other > kOutside && other != dispatch && !earlier->over(other);
    };
    if (running(writer))
      return "touches a word that an earlier dispatch, which nothing orders before, writes";
    if (touch != Touch::kRead && running(cell.reader.load(std::memory_order_relaxed))) {
      return "writes a word that an earlier dispatch, which nothing orders before, reads";
    }
  }
  if (touch == Touch::kAtomic) {
    if (written_now && group_of(writer) != kAtomics) return "mixes atomic and plain writes of a word";
    if (dispatch_of(cell.reader.load(std::memory_order_relaxed)) == dispatch) {
      return "changes atomically a word that others read plainly";
    }
    cell.writer.store(pack(dispatch, kAtomics, 0, 0), std::memory_order_relaxed);
    return nullptr;
  }
  if (written_now) {
    if (group_of(writer) == kAtomics) return "touches a word that others change atomically";
    if (other_group(writer, who)) {
      return touch == Touch::kRead ? "reads a word that another group writes"
                                   : "writes a word that another group writes";
    }
    if (unordered(writer, who)) {
      return touch == Touch::kRead ? "reads a word that another thread wrote since the last device barrier"
                                   : "writes a word that another thread wrote since the last device barrier";
    }
  }
  const uint64_t reader = cell.reader.load(std::memory_order_relaxed);
  const bool read_now = dispatch_of(reader) == dispatch;
  if (touch == Touch::kRead) {
    uint32_t group = who.group, thread = who.thread;
    if (read_now && other_group(reader, who)) group = kManyGroups;
    if (read_now && !other_group(reader, who) && unordered(reader, who)) thread = kManyThreads;
    cell.reader.store(pack(dispatch, group, thread, who.epoch), std::memory_order_relaxed);
    return nullptr;
  }
  if (read_now) {
    if (other_group(reader, who)) return "writes a word that another group reads";
    if (unordered(reader, who)) return "writes a word that another thread read since the last device barrier";
  }
  cell.writer.store(pack(dispatch, who.group, who.thread, who.epoch), std::memory_order_relaxed);
  return nullptr;
}

void Shadow::set_written(uint64_t first, uint64_t count) {
  for (uint64_t i = first; i < first + count; ++i) {
    cells_[i].writer.store(kWrittenOutside, std::memory_order_relaxed);
  }
}

void Shadow::set_unwritten(uint64_t first, uint64_t count) {
  for (uint64_t i = first; i < first + count; ++i) {
    cells_[i].writer.store(0, std::memory_order_relaxed);
    cells_[i].reader.store(0, std::memory_order_relaxed);
  }
}

uint64_t Shadow::find_unwritten(uint64_t first, uint64_t count) const {
  for (uint64_t i = first; i < first + count; ++i) {
    if (cells_[i].writer.load(std::memory_order_relaxed) == 0) return i;
  }
  return first + count;
}

}  // namespace openswirl::sim
