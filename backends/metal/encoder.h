// The commands of one submission as command buffers of bounded size, each with one concurrent encoder.
#pragma once

#include <memory>
#include <set>

#include "gpu/runtime.h"
#include "metal/batch.h"
#include "metal/heap.h"
#include "metal/kernels.h"
#include "metal/staging.h"

namespace openswirl::metal {

// Where command buffers go. A fence orders their encoders, which untracked memory does not.
struct Queue {
  NS::SharedPtr<MTL::CommandQueue> queue;
  NS::SharedPtr<MTL::Fence> fence;
  bool fence_updated = false;  // nobody may wait for it before
  uint64_t batches = 0;        // begun so far

  // Numbers go on from `batches`.
  Queue(const Gpu& gpu, MTL::ResidencySet* resident, uint64_t batches);
};

// A download: its bytes wait in staging memory until the host asks.
struct Fetched {
  std::shared_ptr<MetalMemory> from;
  uint64_t offset = 0, bytes = 0;
  std::byte* to = nullptr;
};

// A mark is the end of the batch before it, or the start of the one after it.
struct Mark {
  std::shared_ptr<const Batch> batch;  // null: at `host_time`
  bool at_end = true;
  double host_time = 0;
};

class Encoder {
 public:
  Encoder(std::shared_ptr<Queue> queue, std::shared_ptr<const Kernels> kernels, Heap& heap, Staging& staging,
          std::shared_ptr<Batches> batches)
      : queue_(std::move(queue)),
        kernels_(std::move(kernels)),
        heap_(heap),
        staging_(staging),
        batches_(std::move(batches)) {}
  // What was not committed is dropped.
  ~Encoder();
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  void add(const gpu::Command& command);
  // Commits what is open.
  void finish();

  std::vector<std::shared_ptr<Batch>> batches;
  std::vector<Mark> marks;
  std::vector<Fetched> fetched;

 private:
  void dispatch(const gpu::Call& call, uint32_t variant, const std::array<uint32_t, 3>& groups);
  void fill(const gpu::Range& range, uint32_t word);
  void copy(const gpu::Range& from, const gpu::Range& to);
  void upload(const gpu::UploadCommand& upload);
  void download(const gpu::DownloadCommand& download);
  void mark();

  void open();
  void commit();
  void use(const gpu::Range& range);
  void make_resident(const std::vector<gpu::Use>& uses);

  std::shared_ptr<Queue> queue_;
  std::shared_ptr<const Kernels> kernels_;
  Heap& heap_;
  Staging& staging_;
  std::shared_ptr<Batches> batches_;

  std::shared_ptr<Batch> batch_;  // null: none is open
  MTL::CommandBuffer* buffer_ = nullptr;
  MTL::ComputeCommandEncoder* encoder_ = nullptr;
  std::set<const MTL::Buffer*> resident_;  // named to this encoder
  uint64_t dispatches_ = 0, bytes_ = 0;    // of the open batch
  bool barrier_ = false;                   // before the next command
  size_t unplaced_marks_ = 0;              // at the end of `marks`: waiting for the next batch
};

}  // namespace openswirl::metal
