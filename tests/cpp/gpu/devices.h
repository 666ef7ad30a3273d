// Emulated devices for kernel tests: one per scheduling order, exact allocations watched word by word. With
// OPENSWIRL_GPU_TEST_DEVICE=cuda the same tests run on the first NVIDIA device instead, also with exact
// allocations.
#pragma once

#include <cstdlib>
#include <string>
#include <vector>

#include "gpu/engine.h"
#include "runtime/context.h"
#include "sim/runtime.h"
#ifdef OPENSWIRL_CUDA
#include "cuda/runtime.h"
#endif

namespace gpu_test {

using namespace openswirl;

inline const std::vector<sim::Schedule>& schedules() {
  static const std::vector<sim::Schedule> all = {
      {sim::Order::kForward, 1}, {sim::Order::kReverse, 1}, {sim::Order::kRandom, 7}};
  return all;
}

inline Context context(unsigned threads = 2) {
  Context result;
  result.pool = std::make_shared<ThreadPool>(threads);
  return result;
}

inline bool on_hardware() { return std::getenv("OPENSWIRL_GPU_TEST_DEVICE") != nullptr; }

inline std::shared_ptr<gpu::Runtime> hardware() {
  const std::string name = std::getenv("OPENSWIRL_GPU_TEST_DEVICE");
#ifdef OPENSWIRL_CUDA
  if (name == "cuda") {
    const cuda::Driver& driver = cuda::driver();
    return cuda::make_runtime(driver, std::make_shared<const cuda::Compiler>(driver.version_number), 0,
                              "cuda:0");
  }
#endif
  throw Error(FailureKind::kInput, "OPENSWIRL_GPU_TEST_DEVICE names no device of this program: " + name);
}

// A device with buffers of their own, so that nothing hides what a kernel touches.
struct Device {
  explicit Device(const sim::Schedule& schedule) {
    setenv("OPENSWIRL_POOL", "off", 1);
    runtime = on_hardware() ? hardware() : sim::make_runtime({schedule, true});
    engine = gpu::make_engine(runtime);
    unsetenv("OPENSWIRL_POOL");
  }
  gpu::Work work() const { return gpu::Work(engine, context()); }

  std::shared_ptr<gpu::Runtime> runtime;
  std::shared_ptr<gpu::Engine> engine;
};

// The words of a range, after everything recorded has run.
inline std::vector<uint32_t> read(gpu::Work& work, const gpu::Range& range) {
  std::vector<uint32_t> words(range.bytes / 4);
  work.recorder().download(range, std::as_writable_bytes(std::span(words)));
  work.wait();
  return words;
}

// Every combination of variants: all first ones, then each kernel's others.
inline std::vector<gpu::Tuning> tunings() {
  std::vector<gpu::Tuning> result(1);
  size_t most = 1;
  for (const gpu::KernelInfo& info : gpu::kernel_infos()) most = std::max(most, info.variants.size());
  for (size_t variant = 1; variant < most; ++variant) {
    gpu::Tuning& tuning = result.emplace_back();
    for (size_t k = 0; k < gpu::kNumKernels; ++k) {
      const size_t count = gpu::kernel_infos()[k].variants.size();
      tuning[k] = static_cast<uint8_t>(std::min(variant, count - 1));
    }
  }
  return result;
}

// Calls body(work) on every schedule with every tuning; hardware has its own schedule.
template <class Body>
void on_every_device(const Body& body) {
  for (const sim::Schedule& schedule : schedules()) {
    if (on_hardware() && &schedule != &schedules().front()) continue;
    for (const gpu::Tuning& tuning : tunings()) {
      const Device device(schedule);
      device.engine->tuning = tuning;
      gpu::Work work = device.work();
      body(work);
    }
  }
}

}  // namespace gpu_test
