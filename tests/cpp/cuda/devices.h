// The cuda backend on the tests' driver, in a cache folder of its own.
#pragma once

#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include "cuda/backend.h"
#include "cuda/fake_driver.h"
#include "cuda/runtime.h"
#include "runtime/context.h"
#include "runtime/notices.h"

namespace cuda_test {

using namespace openswirl;

// Before anything asks for the driver: it is loaded once in a process.
inline void use_fake() {
  setenv("OPENSWIRL_CUDA_DRIVER", OPENSWIRL_FAKE_CUDA, 1);
  setenv("OPENSWIRL_NVRTC", OPENSWIRL_FAKE_CUDA, 1);
}

inline FakeCuda& fake() {
  use_fake();
  static auto* found = [] {
    void* library = dlopen(OPENSWIRL_FAKE_CUDA, RTLD_NOW | RTLD_LOCAL);
    if (!library) throw std::runtime_error(dlerror());
    return static_cast<FakeCuda*>(dlsym(library, "fake_cuda"));
  }();
  return *found;
}

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "openswirl-cuda-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline Context context(unsigned threads = 2) {
  Context result;
  result.pool = std::make_shared<ThreadPool>(threads);
  return result;
}

inline std::shared_ptr<gpu::Runtime> make_runtime() {
  fake();
  const cuda::Driver& driver = cuda::driver();
  return cuda::make_runtime(driver, std::make_shared<const cuda::Compiler>(driver.version_number), 0,
                            "cuda:0");
}

inline gpu::Range memory(gpu::Runtime& runtime, uint64_t words) {
  return {runtime.allocate(4 * words, false).take(), 0, 4 * words};
}

}  // namespace cuda_test
