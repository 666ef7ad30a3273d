#include "metal/encoder.h"

#include <algorithm>
#include <cstring>

#include "gpu/kernels.h"
#include "metal/machine.h"

namespace openswirl::metal {
namespace {

// A command buffer that runs for long keeps the display waiting, and the system stops it.
constexpr uint64_t kMaxDispatches = 64, kMaxBytes = uint64_t{1} << 30;
// Of unfinished ones: a queue blocks its caller beyond what it was made for.
constexpr NS::UInteger kMaxBuffers = 256;
constexpr size_t kFewBuffers = 128;

std::array<uint32_t, 3> groups_for(uint64_t words, const gpu::KernelInfo& info) {
  const uint64_t group = info.variants[0].group;
  return {static_cast<uint32_t>((words + group - 1) / group), 1, 1};
}

uint32_t word_count(uint64_t bytes, const char* what) {
  if (bytes % 4 != 0 || bytes / 4 > UINT32_MAX) {
    throw Error(FailureKind::kInternal, std::string(what) + " of " + std::to_string(bytes) +
                                            " bytes: whole words are moved, less than 2^32 of them");
  }
  return static_cast<uint32_t>(bytes / 4);
}

}  // namespace

Queue::Queue(const Gpu& gpu, MTL::ResidencySet* resident, uint64_t batches) : batches(batches) {
  const AutoreleaseScope scope;
  queue = NS::TransferPtr(gpu.device->newCommandQueue(kMaxBuffers));
  fence = NS::TransferPtr(gpu.device->newFence());
  if (!queue || !fence) throw Error(FailureKind::kDevice, "[metal] " + gpu.name + " gives no command queue");
  if (resident) queue->addResidencySet(resident);
}

Encoder::~Encoder() {
  if (encoder_) encoder_->endEncoding();  // one must be ended before it goes
}

void Encoder::add(const gpu::Command& command) {
  barrier_ |= command.after_barrier;
  std::visit(gpu::Overloaded{[&](const gpu::DispatchCommand& c) { dispatch(c.call, c.variant, c.groups); },
                             [&](const gpu::FillCommand& c) { fill(c.range, c.word); },
                             [&](const gpu::CopyCommand& c) { copy(c.from, c.to); },
                             [&](const gpu::UploadCommand& c) { upload(c); },
                             [&](const gpu::DownloadCommand& c) { download(c); },
                             [](const gpu::DiscardCommand&) {}, [&](const gpu::MarkCommand&) { mark(); }},
             command.what);
}

void Encoder::finish() {
  if (batch_) commit();
  // Nothing followed them.
  for (; unplaced_marks_ > 0; --unplaced_marks_)
    marks[marks.size() - unplaced_marks_].host_time = steady_now();
}

void Encoder::open() {
  if (batch_) return;
  batches_->wait_until_few(kFewBuffers);
  buffer_ = queue_->queue->commandBufferWithUnretainedReferences();
  encoder_ = buffer_ ? buffer_->computeCommandEncoder(MTL::DispatchTypeConcurrent) : nullptr;
  if (!encoder_) throw Error(FailureKind::kDevice, "[metal] the command queue gives no command buffer");
  if (queue_->fence_updated) encoder_->waitForFence(queue_->fence.get());
  batch_ = std::make_shared<Batch>();
  batch_->number = ++queue_->batches;
  batch_->keep = {queue_, kernels_};
  barrier_ = false;  // the fence has ordered it
  resident_.clear();
  dispatches_ = bytes_ = 0;
}

void Encoder::commit() {
  encoder_->updateFence(queue_->fence.get());
  encoder_->endEncoding();
  encoder_ = nullptr;
  queue_->fence_updated = true;
  heap_.update_residency();
  const std::shared_ptr<Batch> batch = std::exchange(batch_, nullptr);
  for (; unplaced_marks_ > 0; --unplaced_marks_) {
    Mark& mark = marks[marks.size() - unplaced_marks_];
    mark.batch = batch, mark.at_end = false;
  }
  Batches::commit(batches_, batch, buffer_);
  batches.push_back(batch);
}

void Encoder::use(const gpu::Range& range) {
  MetalMemory& memory = memory_of(range);
  bytes_ += range.bytes;
  if (memory.last_use == batch_->number) return;
  memory.last_use = batch_->number;
  batch_->keep.push_back(range.memory);
}

// What kernels reach through addresses must be named where no residency set does it.
void Encoder::make_resident(const std::vector<gpu::Use>& uses) {
  for (const gpu::Use& used : uses) {
    MTL::Buffer* buffer = memory_of(used.range).buffer();
    if (heap_.residency_set() || !resident_.insert(buffer).second) continue;
    // Another kernel of this encoder may write what this one reads.
    encoder_->useResource(buffer, MTL::ResourceUsageRead | MTL::ResourceUsageWrite);
  }
}

void Encoder::dispatch(const gpu::Call& call, uint32_t variant, const std::array<uint32_t, 3>& groups) {
  open();
  if (std::exchange(barrier_, false) && dispatches_ > 0) encoder_->memoryBarrier(MTL::BarrierScopeBuffers);
  const gpu::VariantInfo& info = call.info().variants[variant];
  if (call.program) {
    const auto& program = dynamic_cast<const Program&>(*call.program);
    encoder_->setComputePipelineState(program.pipeline(static_cast<size_t>(call.kernel)));
    batch_->keep.push_back(call.program);
  } else {
    encoder_->setComputePipelineState(kernels_->pipeline(call.kernel, variant));
  }
  NS::UInteger index = 0;
  for (const gpu::Range& range : call.buffers) {
    if (range.memory) use(range);
    encoder_->setBuffer(range.memory ? memory_of(range).buffer() : nullptr, range.offset, index++);
  }
  encoder_->setBytes(call.args.data(), call.args.size(), index);
  for (const gpu::Use& used : call.uses) use(used.range);
  make_resident(call.uses);
  encoder_->dispatchThreadgroups(MTL::Size(groups[0], groups[1], groups[2]),
                                 MTL::Size(call.group_size(info), 1, 1));
  ++batch_->kernels[info.symbol];
  ++dispatches_;
  if (dispatches_ >= kMaxDispatches || bytes_ >= kMaxBytes) commit();
}

void Encoder::fill(const gpu::Range& range, uint32_t word) {
  const uint32_t words = word_count(range.bytes, "a fill");
  const auto& info = gpu::kernel_info(gpu::Kernel::kMemoryFill);
  dispatch(gpu::calls::MemoryFill{range, {words, word}}.call(), 0, groups_for(words, info));
}

void Encoder::copy(const gpu::Range& from, const gpu::Range& to) {
  const uint32_t words = word_count(from.bytes, "a copy");
  const auto& info = gpu::kernel_info(gpu::Kernel::kMemoryCopy);
  dispatch(gpu::calls::MemoryCopy{from, to, {words}}.call(), 0, groups_for(words, info));
}

void Encoder::upload(const gpu::UploadCommand& upload) {
  const std::byte* source = upload.borrowed ? upload.borrowed : upload.bytes.data();
  MetalMemory& memory = memory_of(upload.to);
  // No unfinished command names the memory: the host writes it itself.
  if (memory.last_use <= batches_->completed() && !(batch_ && memory.last_use == batch_->number)) {
    std::memcpy(static_cast<std::byte*>(memory.host()) + upload.to.offset, source, upload.to.bytes);
    return;
  }
  const std::shared_ptr<MetalMemory> staged = staging_.lease(upload.to.bytes);
  std::memcpy(staged->host(), source, upload.to.bytes);
  copy({staged, 0, upload.to.bytes}, upload.to);
}

void Encoder::download(const gpu::DownloadCommand& download) {
  // A copy: the memory may be written again before the host reads the result.
  const std::shared_ptr<MetalMemory> staged = staging_.lease(download.from.bytes);
  copy(download.from, {staged, 0, download.from.bytes});
  fetched.push_back({staged, 0, download.from.bytes, download.to});
}

void Encoder::mark() {
  if (batch_) commit();
  Mark mark;
  if (batches.empty()) {
    ++unplaced_marks_;
  } else {
    mark.batch = batches.back();
  }
  marks.push_back(mark);
}

}  // namespace openswirl::metal
