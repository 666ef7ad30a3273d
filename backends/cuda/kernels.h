// The kernels of a device: compiled for its architecture or found in the cache, loaded, looked up.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cuda/code_cache.h"
#include "cuda/compiler.h"
#include "cuda/context.h"
#include "gpu/call.h"
#include "gpu/compile_news.h"
#include "gpu/kernels.h"

namespace openswirl::cuda {

// A loaded text of kernels.
class LoadedCode {
 public:
  // Throws Error{kDevice} if the driver refuses it.
  LoadedCode(SharedContext context, const std::string& name, const std::vector<char>& code);
  ~LoadedCode();
  LoadedCode(LoadedCode&& other) noexcept
      : context_(std::move(other.context_)), module_(std::exchange(other.module_, nullptr)) {}
  LoadedCode& operator=(LoadedCode&&) = delete;

  Function function(const std::string& symbol) const;

 private:
  SharedContext context_;
  Module module_ = nullptr;
};

// A text that was compiled at run time.
class CudaProgram final : public gpu::KernelProgram {
 public:
  // Throws Error{kDevice} if the code has not the kernels that the text declares.
  CudaProgram(SharedContext context, gpu::KernelText text, const std::vector<char>& code);
  Function function(gpu::Kernel kernel) const { return functions_[static_cast<size_t>(kernel)]; }

 private:
  LoadedCode code_;
  std::vector<Function> functions_;
};

class Kernels {
 public:
  // Compiles what the cache lacks, several texts at a time, and says so; `gpu` for people.
  Kernels(SharedContext context, const Compiler& compiler, int capability, const CodeCache& cache,
          const std::string& gpu);

  // Of the manifest, or of the program that the call names.
  Function function(const gpu::Call& call, uint32_t variant) const {
    if (call.program) return dynamic_cast<const CudaProgram&>(*call.program).function(call.kernel);
    return functions_[static_cast<size_t>(call.kernel)][variant];
  }

 private:
  std::vector<LoadedCode> loaded_;
  std::vector<std::vector<Function>> functions_;  // by kernel and variant
};

// Machine code of a text, from the cache or compiled and then kept. `family` begins the name of the file;
// `news`, which may be null, hears of what is compiled.
std::vector<char> compiled(const Compiler& compiler, int capability, const CodeCache& cache,
                           const std::string& family, const std::string& name, const std::string& text,
                           gpu::CompileNews* news);

}  // namespace openswirl::cuda
