#include "cuda/kernels.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <optional>
#include <thread>

#include "gpu/kernel_info.h"
#include "openswirl/result.h"

namespace openswirl::cuda {
namespace {

using Compiled = Result<std::vector<char>>;

// Every family's code; one thread a processor, because a text takes the compiler a second.
std::vector<std::vector<char>> compile_all(const Compiler& compiler, int capability, const CodeCache& cache,
                                           const std::string& gpu) {
  const auto sources = gpu::kernel_sources();
  std::vector<Compiled> results(sources.size(), Compiled(std::vector<char>()));
  gpu::CompileNews news("texts of GPU kernels for " + gpu);
  std::atomic<size_t> next{0};
  const auto work = [&] {
    for (size_t i = next++; i < sources.size(); i = next++) {
      results[i] = guard([&] {
        const std::string family = sources[i].family;
        return compiled(compiler, capability, cache, family, family + ".metal", std::string(sources[i].text),
                        &news);
      });
    }
  };
  const size_t count = std::min<size_t>(std::max(std::thread::hardware_concurrency(), 1u), sources.size());
  {
    std::vector<std::jthread> threads;
    for (size_t i = 1; i < count; ++i) threads.emplace_back(work);
    work();
  }
  std::vector<std::vector<char>> codes;
  for (Compiled& result : results) codes.push_back(std::move(result).take());
  news.finished();
  return codes;
}

}  // namespace

std::vector<char> compiled(const Compiler& compiler, int capability, const CodeCache& cache,
                           const std::string& family, const std::string& name, const std::string& text,
                           gpu::CompileNews* news) {
  const std::string made_from = compiler.fingerprint() + " sm_" + std::to_string(capability) + "\n" + text;
  if (auto found = cache.find(family, made_from)) return *std::move(found);
  if (news) news->begins();
  std::vector<char> code = compiler.compile(name, text, capability);
  if (news) news->ends();
  cache.store(family, made_from, code);
  return code;
}

LoadedCode::LoadedCode(SharedContext context, const std::string& name, const std::vector<char>& code)
    : context_(std::move(context)) {
  context_->use();
  const Driver& driver = context_->driver();
  driver.check(driver.module_load(&module_, code.data()), "loading the kernels of " + name);
}

LoadedCode::~LoadedCode() {
  if (module_ && context_->reach()) context_->driver().module_unload(module_);
}

Function LoadedCode::function(const std::string& symbol) const {
  context_->use();
  Function function = nullptr;
  const Driver& driver = context_->driver();
  driver.check(driver.module_function(&function, module_, symbol.c_str()), "finding kernel " + symbol);
  return function;
}

CudaProgram::CudaProgram(SharedContext context, gpu::KernelText text, const std::vector<char>& code)
    : gpu::KernelProgram(std::move(text)), code_(std::move(context), this->text().name, code) {
  for (const gpu::TextKernel& kernel : this->text().kernels)
    functions_.push_back(code_.function(kernel.symbol));
}

Kernels::Kernels(SharedContext context, const Compiler& compiler, int capability, const CodeCache& cache,
                 const std::string& gpu) {
  const std::vector<std::vector<char>> codes = compile_all(compiler, capability, cache, gpu);
  std::map<std::string, const LoadedCode*> by_family;
  loaded_.reserve(codes.size());
  for (size_t i = 0; i < codes.size(); ++i) {
    const std::string family = gpu::kernel_sources()[i].family;
    by_family[family] = &loaded_.emplace_back(context, family, codes[i]);
  }
  for (const gpu::KernelInfo& info : gpu::kernel_infos()) {
    std::vector<Function>& variants = functions_.emplace_back();
    for (const gpu::VariantInfo& variant : info.variants) {
      variants.push_back(by_family.at(info.family)->function(variant.symbol));
    }
  }
}

}  // namespace openswirl::cuda
