#include "cuda/driver.h"

#include <dlfcn.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <mutex>

#include "openswirl/failure.h"
#include "openswirl/result.h"

namespace openswirl::cuda {
namespace {

constexpr const char* kDriverVariable = "OPENSWIRL_CUDA_DRIVER";

std::atomic<pid_t> owner{0};  // the process that initialised the driver

template <class F>
void find(void* library, F*& function, const char* name) {
  function = reinterpret_cast<F*>(dlsym(library, name));
  if (!function) {
    throw Error(FailureKind::kDevice, std::string("the NVIDIA driver has no ") + name +
                                          "; it is too old, install one for CUDA 12 or later");
  }
}

void find_all(void* library, Driver& driver) {
  find(library, driver.init, "cuInit");
  find(library, driver.version, "cuDriverGetVersion");
  find(library, driver.error_name, "cuGetErrorName");
  find(library, driver.error_text, "cuGetErrorString");
  find(library, driver.device_count, "cuDeviceGetCount");
  find(library, driver.device_get, "cuDeviceGet");
  find(library, driver.device_name, "cuDeviceGetName");
  find(library, driver.device_attribute, "cuDeviceGetAttribute");
  find(library, driver.device_memory, "cuDeviceTotalMem_v2");
  find(library, driver.context_retain, "cuDevicePrimaryCtxRetain");
  find(library, driver.context_release, "cuDevicePrimaryCtxRelease_v2");
  find(library, driver.context_set, "cuCtxSetCurrent");
  find(library, driver.memory_allocate, "cuMemAlloc_v2");
  find(library, driver.memory_free, "cuMemFree_v2");
  find(library, driver.host_allocate, "cuMemHostAlloc");
  find(library, driver.host_free, "cuMemFreeHost");
  find(library, driver.copy_to_device, "cuMemcpyHtoDAsync_v2");
  find(library, driver.copy_to_host, "cuMemcpyDtoHAsync_v2");
  find(library, driver.copy_on_device, "cuMemcpyDtoDAsync_v2");
  find(library, driver.fill, "cuMemsetD32Async");
  find(library, driver.stream_create, "cuStreamCreate");
  find(library, driver.stream_destroy, "cuStreamDestroy_v2");
  find(library, driver.stream_wait, "cuStreamWaitEvent");
  find(library, driver.stream_synchronize, "cuStreamSynchronize");
  find(library, driver.event_create, "cuEventCreate");
  find(library, driver.event_destroy, "cuEventDestroy_v2");
  find(library, driver.event_record, "cuEventRecord");
  find(library, driver.event_query, "cuEventQuery");
  find(library, driver.event_synchronize, "cuEventSynchronize");
  find(library, driver.event_elapsed, "cuEventElapsedTime");
  find(library, driver.module_load, "cuModuleLoadData");
  find(library, driver.module_unload, "cuModuleUnload");
  find(library, driver.module_function, "cuModuleGetFunction");
  find(library, driver.launch, "cuLaunchKernel");
}

std::unique_ptr<Driver> load() {
  const char* asked = std::getenv(kDriverVariable);
  void* library = dlopen(asked ? asked : "libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char* why = dlerror();
    throw Error(FailureKind::kDevice,
                std::string("no NVIDIA driver: ") + (why ? why : "libcuda.so.1 does not load"));
  }
  auto driver = std::make_unique<Driver>();
  find_all(library, *driver);
  driver->check(driver->init(0), "cuInit");
  driver->check(driver->version(&driver->version_number), "cuDriverGetVersion");
  return driver;
}

void refuse_forked() {
  if (!forked()) return;
  throw Error(FailureKind::kDevice,
              "CUDA was initialised before this process was forked, and its driver cannot be used in the "
              "child; start processes with the 'spawn' method of multiprocessing, or use the device first in "
              "the child");
}

}  // namespace

std::string Driver::name_of(Code code) const {
  const char* name = nullptr;
  const char* text = nullptr;
  if (error_name(code, &name) != kSuccess || !name) return "CUDA error " + std::to_string(code);
  std::string result = name;
  if (error_text(code, &text) == kSuccess && text) result += std::string(" (") + text + ")";
  return result;
}

void Driver::check(Code code, const std::string& what) const {
  if (code == kSuccess) return;
  std::string message = what + " failed: " + name_of(code);
  if (ends_context(code)) message += "; this process can use the device no more, start a new one";
  throw Error(code == kOutOfDeviceMemory ? FailureKind::kOutOfMemory : FailureKind::kDevice,
              std::move(message));
}

bool ends_context(Code code) {
  // Illegal address, launch timeout, assertion, hardware stack error, illegal instruction, misaligned
  // address, invalid address space, invalid program counter, launch failure; uncorrectable memory error.
  return code == 700 || code == 702 || code == 710 || (code >= 714 && code <= 719) || code == 214;
}

bool forked() {
  const pid_t process = owner.load();
  return process != 0 && process != getpid();
}

const Driver& driver() {
  refuse_forked();
  static std::once_flag once;
  static Result<Driver*> loaded{Failure{}};
  // Never destroyed: devices may outlive static destruction.
  std::call_once(once, [] {
    owner = getpid();
    loaded = guard([] { return load().release(); });
    if (!loaded.ok()) owner = 0;
  });
  Result<Driver*> result = loaded;
  return *std::move(result).take();
}

}  // namespace openswirl::cuda
