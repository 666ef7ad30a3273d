#include "metal/heap.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace openswirl::metal {
namespace {

// Untracked: the recorder knows the hazards. The CPU's cache stays on, as the host reads results.
constexpr MTL::ResourceOptions kOptions =
    MTL::ResourceStorageModeShared | MTL::ResourceHazardTrackingModeUntracked;
constexpr int kPoison = 0xA5;

std::string mebibytes(uint64_t bytes) { return std::to_string((bytes + (1u << 20) - 1) >> 20) + " MiB"; }

[[noreturn]] void out_of_memory(const std::string& device, uint64_t need, uint64_t have,
                                const std::string& why) {
  Failure failure;
  failure.kind = FailureKind::kOutOfMemory;
  failure.message = "[metal] " + device + ": " + why;
  failure.where = "device memory";
  failure.need = need, failure.have = have;
  throw Error(std::move(failure));
}

}  // namespace

MetalMemory::MetalMemory(std::shared_ptr<Heap> heap, NS::SharedPtr<MTL::Buffer> buffer, uint64_t bytes,
                         uint64_t charged, std::shared_ptr<const void> owner)
    : heap_(std::move(heap)),
      buffer_(std::move(buffer)),
      bytes_(bytes),
      charged_(charged),
      address_(buffer_->gpuAddress()),
      host_(buffer_->contents()),
      owner_(std::move(owner)) {}

MetalMemory::~MetalMemory() { heap_->release(std::move(buffer_), charged_); }

Heap::Heap(const Gpu& gpu)
    : device_(gpu.device), name_(gpu.name), working_set_(gpu.working_set), max_buffer_(gpu.max_buffer) {
  if (!gpu.residency_sets) return;
  const AutoreleaseScope scope;
  const auto descriptor = NS::TransferPtr(MTL::ResidencySetDescriptor::alloc()->init());
  NS::Error* error = nullptr;
  resident_ = NS::TransferPtr(device_->newResidencySet(descriptor.get(), &error));
  if (!resident_) {
    throw Error(FailureKind::kDevice, "[metal] " + name_ + " makes no residency set: " + text_of(error));
  }
  resident_->requestResidency();
}

std::shared_ptr<MetalMemory> Heap::allocate(uint64_t bytes, bool poison) {
  const AutoreleaseScope scope;
  {
    const std::lock_guard lock(mutex_);
    const uint64_t left = working_set_ - std::min(allocated_, working_set_);
    if (bytes > max_buffer_) {
      out_of_memory(name_, bytes, max_buffer_,
                    "a buffer of " + mebibytes(bytes) + " exceeds the device's limit of " +
                        mebibytes(max_buffer_) + "; use smaller traces");
    }
    if (bytes > left) {
      out_of_memory(name_, bytes, left,
                    mebibytes(bytes) + " are needed and " + mebibytes(left) + " of the working set of " +
                        mebibytes(working_set_) + " are left; use smaller traces or another device");
    }
    allocated_ += bytes;
  }
  auto buffer = NS::TransferPtr(device_->newBuffer(bytes, kOptions));
  if (!buffer) {
    const std::lock_guard lock(mutex_);
    allocated_ -= bytes;
    out_of_memory(name_, bytes, working_set_ - std::min(allocated_, working_set_),
                  "the system gives no memory for a buffer of " + mebibytes(bytes));
  }
  if (poison) std::memset(buffer->contents(), kPoison, bytes);
  add(buffer.get());
  return std::make_shared<MetalMemory>(shared_from_this(), std::move(buffer), bytes, bytes, nullptr);
}

std::shared_ptr<MetalMemory> Heap::borrow(const void* data, uint64_t bytes,
                                          std::shared_ptr<const void> owner) {
  const auto page = static_cast<uint64_t>(getpagesize());
  if (bytes == 0 || bytes > max_buffer_ - page || reinterpret_cast<uintptr_t>(data) % page != 0)
    return nullptr;
  const AutoreleaseScope scope;
  const uint64_t whole = (bytes + page - 1) / page * page;
  {
    const std::lock_guard lock(mutex_);
    if (whole > working_set_ - std::min(allocated_, working_set_)) return nullptr;
    allocated_ += whole;
  }
  // With a deallocator, null here, Metal uses the memory itself; without the argument it would copy.
  auto buffer = NS::TransferPtr(device_->newBuffer(data, whole, kOptions, nullptr));
  if (!buffer) {
    const std::lock_guard lock(mutex_);
    allocated_ -= whole;
    return nullptr;
  }
  add(buffer.get());
  return std::make_shared<MetalMemory>(shared_from_this(), std::move(buffer), bytes, whole, std::move(owner));
}

void Heap::add(MTL::Buffer* buffer) {
  if (!resident_) return;
  const std::lock_guard lock(mutex_);
  resident_->addAllocation(buffer);
  residency_changed_ = true;
}

void Heap::release(NS::SharedPtr<MTL::Buffer> buffer, uint64_t charged) {
  if (guard_.forked()) {
    buffer.detach();  // of a device that this process does not have
    return;
  }
  const AutoreleaseScope scope;
  const std::lock_guard lock(mutex_);
  allocated_ -= charged;
  if (resident_) {
    // At once: the set must not name what is gone when it is next looked at.
    resident_->removeAllocation(buffer.get());
    resident_->commit();
    residency_changed_ = false;
  }
}

void Heap::update_residency() {
  if (!resident_) return;
  const std::lock_guard lock(mutex_);
  if (std::exchange(residency_changed_, false)) resident_->commit();
}

uint64_t Heap::allocated() const {
  const std::lock_guard lock(mutex_);
  return allocated_;
}

}  // namespace openswirl::metal
