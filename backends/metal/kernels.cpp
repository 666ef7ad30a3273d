#include "metal/kernels.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <thread>

#include "metal/archive.h"
#include "metal/machine.h"
#include "openswirl/result.h"

namespace openswirl::metal {
namespace {

constexpr NS::UInteger kSimdWidth = 32;

NS::SharedPtr<MTL::Library> compile(const Gpu& gpu, const std::string& name, const std::string& text) {
  const auto options = NS::TransferPtr(MTL::CompileOptions::alloc()->init());
  options->setLanguageVersion(MTL::LanguageVersion3_1);  // of macOS 14
  // The kernels have no floating point; said so that none is ever compiled with less care.
  if (responds(options.get(), "setMathMode:")) {
    options->setMathMode(MTL::MathModeSafe);
  } else {
    options->setFastMathEnabled(false);
  }
  NS::Error* error = nullptr;
  auto library = NS::TransferPtr(gpu.device->newLibrary(apple_string(text), options.get(), &error));
  if (!library) {
    throw Error(FailureKind::kDevice,
                "[metal] the kernels of " + name + " do not compile on " + gpu.name + ": " + text_of(error));
  }
  return library;
}

NS::SharedPtr<MTL::ComputePipelineState> make_pipeline(const Gpu& gpu, MTL::Library* library,
                                                       Archive& archive, const gpu::VariantInfo& variant,
                                                       gpu::CompileNews* news) {
  const std::string name = variant.symbol;
  const auto function = NS::TransferPtr(library->newFunction(apple_string(name)));
  if (!function) throw Error(FailureKind::kDevice, "[metal] there is no kernel " + name + " in its library");
  const auto descriptor = NS::TransferPtr(MTL::ComputePipelineDescriptor::alloc()->init());
  descriptor->setLabel(apple_string(name));
  descriptor->setComputeFunction(function.get());
  descriptor->setThreadGroupSizeIsMultipleOfThreadExecutionWidth(true);
  auto pipeline = archive.pipeline(descriptor.get(), name, news);
  const auto refuse = [&](const std::string& why) {
    throw Error(FailureKind::kDevice, "[metal] kernel " + name + " cannot run on " + gpu.name + ": " + why);
  };
  if (pipeline->threadExecutionWidth() != kSimdWidth) {
    refuse("its SIMD groups have " + std::to_string(pipeline->threadExecutionWidth()) + " lanes, not 32");
  }
  if (pipeline->maxTotalThreadsPerThreadgroup() < variant.group) {
    refuse("it takes so many registers that a group may have " +
           std::to_string(pipeline->maxTotalThreadsPerThreadgroup()) + " threads, it needs " +
           std::to_string(variant.group));
  }
  if (pipeline->staticThreadgroupMemoryLength() > gpu.device->maxThreadgroupMemoryLength()) {
    refuse("it takes " + std::to_string(pipeline->staticThreadgroupMemoryLength()) +
           " bytes of threadgroup memory");
  }
  return pipeline;
}

// Joined also when starting one of them fails.
struct Threads {
  ~Threads() {
    for (std::thread& thread : all) thread.join();
  }
  std::vector<std::thread> all;
};

// What machine code depends on beside the texts.
std::string place_of(const Gpu& gpu) { return gpu.name + "\n" + system_build() + "\n"; }

std::string made_from(const Gpu& gpu) {
  std::string text = place_of(gpu);
  for (const gpu::KernelSource& source : gpu::kernel_sources()) text += source.text;
  return text;
}

}  // namespace

Kernels::Kernels(const Gpu& gpu, const std::string& cache_folder) {
  const auto infos = gpu::kernel_infos();
  const auto sources = gpu::kernel_sources();
  pipelines_.resize(infos.size());
  for (size_t k = 0; k < infos.size(); ++k) pipelines_[k].resize(infos[k].variants.size());

  Archive archive(gpu.device, cache_folder, made_from(gpu));
  gpu::CompileNews news("GPU kernels for " + gpu.name);
  // Metal compiles on the thread that asks: one family after another on every thread.
  std::atomic<size_t> next{0};
  std::vector<Status> outcomes(sources.size());
  const auto work = [&] {
    for (size_t s = next++; s < sources.size(); s = next++) {
      outcomes[s] = guard([&] {
        const AutoreleaseScope scope;
        const auto library = compile(gpu, sources[s].family, std::string(sources[s].text));
        for (size_t k = 0; k < infos.size(); ++k) {
          if (std::string(infos[k].family) != sources[s].family) continue;
          for (size_t v = 0; v < infos[k].variants.size(); ++v) {
            pipelines_[k][v] = make_pipeline(gpu, library.get(), archive, infos[k].variants[v], &news);
          }
        }
      });
    }
  };
  {
    Threads threads;
    const size_t together =
        std::min<size_t>(std::max(1u, std::thread::hardware_concurrency()), sources.size());
    for (size_t i = 1; i < together; ++i) threads.all.emplace_back(work);
    work();
  }
  for (Status& outcome : outcomes) std::move(outcome).take();
  archive.save();
  news.finished(archive.saved() ? "; later processes find them in " + cache_folder : std::string());
}

Program::Program(const Gpu& gpu, gpu::KernelText text, const std::string& cache_folder)
    : gpu::KernelProgram(std::move(text)) {
  const AutoreleaseScope scope;
  Archive archive(gpu.device, cache_folder, place_of(gpu) + this->text().text);
  const auto library = compile(gpu, this->text().name, this->text().text);
  for (const gpu::KernelInfo& kernel : kernels()) {
    pipelines_.push_back(make_pipeline(gpu, library.get(), archive, kernel.variants[0], nullptr));
  }
  archive.save();
}

}  // namespace openswirl::metal
