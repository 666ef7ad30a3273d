// What clang's blocks need at run time: copies on the heap with reference counts, of blocks and of the
// __block variables they capture. The layouts are those of the published block ABI.
#include <atomic>
#include <cstdlib>
#include <cstring>

namespace {

constexpr int kCountMask = 0xffff, kOnHeap = 1 << 24, kHasHelpers = 1 << 25, kGlobal = 1 << 28;
constexpr int kFieldMask = 0x1f, kFieldBlock = 7, kFieldVariable = 8;

struct Descriptor {
  unsigned long reserved, size;
  void (*copy)(void* to, const void* from);
  void (*dispose)(const void* block);
};
struct Block {
  void* isa;
  std::atomic<int> flags;
  int reserved;
  void* invoke;
  Descriptor* descriptor;
};
struct Variable {
  void* isa;
  Variable* forwarding;
  std::atomic<int> flags;
  int size;
  void (*keep)(Variable* to, Variable* from);
  void (*destroy)(Variable* variable);
};

bool drop(std::atomic<int>& flags) {
  return ((flags.fetch_sub(1, std::memory_order_acq_rel) - 1) & kCountMask) == 0;
}

void copy_variable(Variable** to, Variable* from) {
  if (from->forwarding->flags.load() & kOnHeap) {
    ++from->forwarding->flags;
    *to = from->forwarding;
    return;
  }
  auto* copy = static_cast<Variable*>(std::malloc(static_cast<size_t>(from->size)));
  std::memcpy(static_cast<void*>(copy), from, static_cast<size_t>(from->size));
  // One reference for the block, one for the frame that made the variable.
  copy->flags = (from->flags.load() & ~kCountMask) | kOnHeap | 2;
  copy->forwarding = from->forwarding = copy;
  if (copy->flags.load() & kHasHelpers) from->keep(copy, from);
  *to = copy;
}

void drop_variable(Variable* variable) {
  variable = variable->forwarding;
  if (!(variable->flags.load() & kOnHeap) || !drop(variable->flags)) return;
  if (variable->flags.load() & kHasHelpers) variable->destroy(variable);
  std::free(variable);
}

}  // namespace

extern "C" {

void* _NSConcreteStackBlock[32];
void* _NSConcreteGlobalBlock[32];
void* _NSConcreteMallocBlock[32];

void* _Block_copy(const void* from) {
  auto* block = static_cast<Block*>(const_cast<void*>(from));
  if (!block || (block->flags.load() & kGlobal)) return block;
  if (block->flags.load() & kOnHeap) {
    ++block->flags;
    return block;
  }
  auto* copy = static_cast<Block*>(std::malloc(block->descriptor->size));
  std::memcpy(static_cast<void*>(copy), block, block->descriptor->size);
  copy->isa = _NSConcreteMallocBlock;
  copy->flags = (block->flags.load() & ~kCountMask) | kOnHeap | 1;
  if (copy->flags.load() & kHasHelpers) copy->descriptor->copy(copy, block);
  return copy;
}

void _Block_release(const void* of) {
  auto* block = static_cast<Block*>(const_cast<void*>(of));
  if (!block || !(block->flags.load() & kOnHeap) || !drop(block->flags)) return;
  if (block->flags.load() & kHasHelpers) block->descriptor->dispose(block);
  std::free(block);
}

void _Block_object_assign(void* to, const void* from, const int flags) {
  void* const object = const_cast<void*>(from);
  if ((flags & kFieldMask) == kFieldVariable) {
    copy_variable(static_cast<Variable**>(to), static_cast<Variable*>(object));
  } else if ((flags & kFieldMask) == kFieldBlock) {
    *static_cast<void**>(to) = _Block_copy(object);
  } else {
    *static_cast<void**>(to) = object;
  }
}

void _Block_object_dispose(const void* object, const int flags) {
  if ((flags & kFieldMask) == kFieldVariable) {
    drop_variable(static_cast<Variable*>(const_cast<void*>(object)));
  } else if ((flags & kFieldMask) == kFieldBlock) {
    _Block_release(object);
  }
}
}
