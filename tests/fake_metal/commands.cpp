#include "commands.h"

extern "C" void* _Block_copy(const void* block);
extern "C" void _Block_release(const void* block);

namespace fake_metal {
namespace {

constexpr size_t kMaxBytes = 4096, kAlignment = 4, kSimdWidth = 32;

// What is wrong with recording fails the buffer when it runs.
void refuse(Encoder* encoder, const std::string& what) { encoder->buffer->fail(1, what); }

bool is_slot(Encoder* encoder, unsigned long index) {
  if (index >= kSlots) refuse(encoder, "buffer index " + std::to_string(index) + " is above 30");
  return index < kSlots;
}

Object* new_encoder(CommandBuffer* self, Selector*, unsigned long type) {
  if (self->status != kNotCommitted) die("a committed command buffer is asked for an encoder");
  if (self->encoding) self->fail(1, "an encoder begins before the one before it was ended");
  self->encoding = true;
  ++live_counts().encoders;
  self->steps.push_back({Step::kBegin});
  return autoreleased(new Encoder(self, type == 1));
}

void set_buffer(Encoder* self, Selector*, Buffer* buffer, unsigned long offset, unsigned long index) {
  if (!is_slot(self, index)) return;
  if (buffer && offset >= buffer->bytes) refuse(self, "a buffer is bound from beyond its end");
  if (offset % kAlignment != 0) refuse(self, "the offset of a buffer is not a multiple of 4");
  self->slots[index] = {true, buffer, offset, {}};
}

void set_bytes(Encoder* self, Selector*, const char* bytes, unsigned long count, unsigned long index) {
  if (!is_slot(self, index)) return;
  if (count > kMaxBytes) refuse(self, "setBytes takes up to 4 KiB, not " + std::to_string(count) + " bytes");
  self->slots[index] = {true, nullptr, 0, std::string(bytes, count)};
}

void use_resource(Encoder* self, Selector*, Buffer* buffer, unsigned long usage) {
  ++live_counts().used_resources;
  self->used.push_back({buffer, static_cast<openswirl::gpu::Access>(usage & 3)});
}

void dispatch(Encoder* self, Selector*, Size3 groups, Size3 group) {
  if (!self->open) return refuse(self, "a dispatch after the end of encoding");
  if (!self->pipeline) return refuse(self, "a dispatch without a pipeline");
  const Pipeline& pipeline = *self->pipeline;
  const std::string name = pipeline.code->symbol;
  const size_t threads = group.x * group.y * group.z;
  if (threads > pipeline.max_group()) {
    return refuse(self, name + ": a group of " + std::to_string(threads) + " threads, the pipeline allows " +
                            std::to_string(pipeline.max_group()));
  }
  if (group.x == 0 || group.x > pipeline.code->group || group.x % kSimdWidth != 0 || group.y != 1 ||
      group.z != 1) {
    return refuse(self, name + ": a group of " + std::to_string(threads) +
                            " threads, the kernel is written for " + std::to_string(pipeline.code->group));
  }
  if (groups.x * groups.y * groups.z == 0) return refuse(self, name + ": an empty grid");
  if (!self->concurrent) self->buffer->steps.push_back({Step::kBarrier});
  self->buffer->steps.push_back(
      {Step::kDispatch, nullptr, self->pipeline, self->slots, self->used, groups, group.x});
}

void commit(CommandBuffer* self, Selector*) {
  if (self->status != kNotCommitted) die("a command buffer is committed twice");
  if (self->encoding) die("a command buffer is committed before its encoder was ended");
  for (ResidencySet* set : self->queue->sets) {
    const std::lock_guard lock(set->mutex);
    if (!set->requested) violation("a residency set was never requested to be resident");
    self->resident.insert(self->resident.end(), set->committed.begin(), set->committed.end());
  }
  self->seen_numbers = seen_numbers();
  self->status = kCommitted;
  self->retain();
  run_on_gpu(self);
}

void wait_until_completed(CommandBuffer* self, Selector*) {
  std::unique_lock lock(self->mutex);
  self->done.wait(lock, [&] { return self->status == kCompleted || self->status == kFailed; });
  if (self->last_number > seen_numbers()) seen_numbers() = self->last_number;
}

Object* error_of(CommandBuffer* self, Selector*) {
  const std::lock_guard lock(self->mutex);
  return self->error_code == 0 ? nullptr : autoreleased(new ErrorObject(self->error_code, self->error_text));
}

void define_encoder() {
  const char* const name = "MTLComputeCommandEncoder";
  define(
      name, "setComputePipelineState:", +[](Encoder* self, Selector*, Pipeline* pipeline) {
        self->pipeline = pipeline;
      });
  define(name, "setBuffer:offset:atIndex:", &set_buffer);
  define(name, "setBytes:length:atIndex:", &set_bytes);
  define(name, "useResource:usage:", &use_resource);
  define(name, "dispatchThreadgroups:threadsPerThreadgroup:", &dispatch);
  define(
      name, "memoryBarrierWithScope:", +[](Encoder* self, Selector*, unsigned long scope) {
        if (!(scope & 1)) refuse(self, "a barrier that does not order buffers");
        ++live_counts().barriers;
        self->buffer->steps.push_back({Step::kBarrier});
      });
  define(
      name, "waitForFence:", +[](Encoder* self, Selector*, Fence* fence) {
        ++live_counts().fence_waits;
        self->buffer->steps.push_back({Step::kWait, fence});
      });
  define(
      name, "updateFence:", +[](Encoder* self, Selector*, Fence* fence) {
        self->buffer->steps.push_back({Step::kUpdate, fence});
      });
  define(
      name, "endEncoding", +[](Encoder* self, Selector*) {
        if (!self->open) die("an encoder is ended twice");
        self->open = false;
        self->buffer->encoding = false;
      });
}

}  // namespace

void CommandBuffer::dispose() {
  for (void* block : handlers) _Block_release(block);
  steps.clear();
  queue->release();
}

void CommandBuffer::fail(long code, const std::string& text) {
  const std::lock_guard lock(mutex);
  if (error_code != 0) return;
  error_code = code, error_text = text;
}

void Encoder::dispose() {
  if (open) violation("an encoder goes before it was ended");
  buffer->release();
}

void define_commands() {
  define(
      "MTLCommandQueue", "commandBufferWithUnretainedReferences",
      +[](Queue* self, Selector*) { return autoreleased(new CommandBuffer(self)); });
  const char* const name = "MTLCommandBuffer";
  define(name, "computeCommandEncoderWithDispatchType:", &new_encoder);
  define(
      name, "addCompletedHandler:", +[](CommandBuffer* self, Selector*, const void* block) {
        if (self->status != kNotCommitted) die("a completion handler is added after the commit");
        self->handlers.push_back(_Block_copy(block));
      });
  define(name, "commit", &commit);
  define(name, "waitUntilCompleted", &wait_until_completed);
  define(name, "status", +[](CommandBuffer* self, Selector*) { return self->status.load(); });
  define(name, "error", &error_of);
  define(name, "GPUStartTime", +[](CommandBuffer* self, Selector*) { return self->start; });
  define(name, "GPUEndTime", +[](CommandBuffer* self, Selector*) { return self->end; });
  define_encoder();
}

}  // namespace fake_metal
