// The objects of Metal as the fake device has them.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "code.h"
#include "done.h"
#include "objects.h"
#include "sim/shadow.h"

namespace fake_metal {

// Something that is wrong although nothing stops yet: kept for fake_metal::violations().
void violation(const std::string& what);

// Of the counts that tests read.
struct LiveCounts {
  std::atomic<uint64_t> libraries{0}, compiled_pipelines{0}, archived_pipelines{0};
  std::atomic<uint64_t> command_buffers{0}, encoders{0}, dispatches{0}, barriers{0}, fence_waits{0};
  std::atomic<uint64_t> used_resources{0}, most_dispatches{0}, live_bytes{0};
};
LiveCounts& live_counts();

struct Buffer final : Object {
  Buffer(std::byte* memory, size_t size, bool own);
  void dispose() override;
  std::byte* const data;
  const size_t bytes;
  const bool owned;
  std::unique_ptr<openswirl::sim::Shadow> shadow;  // who touched every word last
  std::atomic<int> memberships{0};                 // in residency sets
};

struct Library final : Object {
  explicit Library(std::vector<std::shared_ptr<const Code>> all)
      : Object("MTLLibrary"), codes(std::move(all)) {}
  const std::vector<std::shared_ptr<const Code>> codes;
};

struct Function final : Object {
  explicit Function(std::shared_ptr<const Code> of) : Object("MTLFunction"), code(std::move(of)) {}
  const std::shared_ptr<const Code> code;
};

struct Pipeline final : Object {
  explicit Pipeline(std::shared_ptr<const Code> of)
      : Object("MTLComputePipelineState"), code(std::move(of)) {}
  size_t max_group() const;
  const std::shared_ptr<const Code> code;
};

struct PipelineDescriptor final : Object {
  PipelineDescriptor() : Object("MTLComputePipelineDescriptor") {}
  void dispose() override;
  Function* function = nullptr;
  Array* archives = nullptr;
  Text* label = nullptr;
};

struct ArchiveDescriptor final : Object {
  ArchiveDescriptor() : Object("MTLBinaryArchiveDescriptor") {}
  std::string path;
};

struct Archive final : Object {
  Archive() : Object("MTLBinaryArchive") {}
  std::mutex mutex;
  std::set<std::string> functions;
};

struct ResidencySet final : Object {
  ResidencySet() : Object("MTLResidencySet") {}
  std::mutex mutex;
  std::set<Buffer*> members, committed;
  bool requested = false;
};

struct Queue final : Object {
  explicit Queue(size_t limit) : Object("MTLCommandQueue"), max_buffers(limit) {}
  void dispose() override;
  const size_t max_buffers;
  std::vector<ResidencySet*> sets;
};

struct Fence final : Object {
  Fence() : Object("MTLFence") {}
  // Of the thread of the GPU: what is over once it was updated.
  Done done;
  bool updated = false;
};

}  // namespace fake_metal
