#include "metal/gpus.h"

#include <utility>

#include "metal/machine.h"

namespace openswirl::metal {
namespace {

constexpr int kOldestFamily = 7, kNewestFamily = 10;
constexpr NS::UInteger kThreadgroupBytes = 32 * 1024;

int apple_family(MTL::Device* device) {
  for (int family = kNewestFamily; family >= kOldestFamily; --family) {
    if (device->supportsFamily(static_cast<MTL::GPUFamily>(MTL::GPUFamilyApple1 + family - 1))) return family;
  }
  return 0;
}

// Why the kernels cannot run on it; empty if they can.
std::string refusal(MTL::Device* device) {
  const std::string name = text_of(device->name());
  if (apple_family(device) == 0) {
    return name + " is not a GPU of Apple's family 7 (M1) or later, which the kernels need";
  }
  if (!device->supportsFamily(MTL::GPUFamilyMetal3)) return name + " does not support Metal 3";
  if (!device->hasUnifiedMemory()) return name + " does not share its memory with the CPU";
  if (device->maxThreadgroupMemoryLength() < kThreadgroupBytes) {
    return name + " has " + std::to_string(device->maxThreadgroupMemoryLength()) +
           " bytes of threadgroup memory, the kernels need " + std::to_string(kThreadgroupBytes);
  }
  return {};
}

Gpu examine(NS::SharedPtr<MTL::Device> device) {
  Gpu gpu;
  gpu.name = text_of(device->name());
  gpu.family = apple_family(device.get());
  gpu.working_set = device->recommendedMaxWorkingSetSize();
  gpu.max_buffer = device->maxBufferLength();
  gpu.residency_sets = responds(device.get(), "newResidencySetWithDescriptor:error:");
  gpu.device = std::move(device);
  return gpu;
}

// The default device first.
std::vector<NS::SharedPtr<MTL::Device>> all_devices() {
  std::vector<NS::SharedPtr<MTL::Device>> found;
  if (MTL::Device* preferred = MTL::CreateSystemDefaultDevice()) found.push_back(NS::TransferPtr(preferred));
  // Empty in sessions without a display, where the default device may still be there.
  const auto listed = NS::TransferPtr(MTL::CopyAllDevices());
  for (NS::UInteger i = 0; listed && i < listed->count(); ++i) {
    auto* device = listed->object<MTL::Device>(i);
    if (found.empty() || found[0].get() != device) found.push_back(NS::RetainPtr(device));
  }
  return found;
}

}  // namespace

std::string describe(const Gpu& gpu) {
  return gpu.name + ", Apple GPU family " + std::to_string(gpu.family) + "; not yet tried on hardware";
}

std::vector<Gpu> find_gpus(std::string& why_none) {
  const AutoreleaseScope scope;
  why_none.clear();
  std::vector<Gpu> gpus;
  if (is_translated()) {
    why_none = "this Python is built for Intel and runs translated by Rosetta; install an arm64 Python";
    return gpus;
  }
  std::string refusals;
  for (auto& device : all_devices()) {
    const std::string why = refusal(device.get());
    if (why.empty()) {
      gpus.push_back(examine(std::move(device)));
    } else {
      refusals += (refusals.empty() ? "" : "; ") + why;
    }
  }
  if (gpus.empty()) why_none = refusals.empty() ? "Metal finds no GPU in this session" : refusals;
  return gpus;
}

}  // namespace openswirl::metal
