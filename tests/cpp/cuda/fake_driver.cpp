#include "cuda/fake_driver.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "openswirl/failure.h"
#include "sim/group.h"

#define EXPORT extern "C" __attribute__((visibility("default")))

EXPORT FakeCuda fake_cuda;
FakeCuda fake_cuda;

namespace {

using namespace openswirl;

constexpr int kNotReady = 600, kIllegalAddress = 700, kInvalidValue = 1, kOutOfMemory = 2;

// One recording of an event: what waits for it does so even when the event is recorded again.
struct Point {
  bool done = false;
  double time = 0;
};
struct EventState {
  std::shared_ptr<Point> point;  // null until it is recorded
  bool asked = false;

  bool done() const { return !point || point->done; }
};

struct Command {
  std::function<void()> run;
  std::shared_ptr<const Point> after;  // null: runs as soon as it is the first of its stream
};
using StreamState = std::deque<Command>;

std::recursive_mutex mutex;
std::vector<std::unique_ptr<StreamState>> streams;  // the oldest first
std::map<const std::byte*, size_t> device_memory, pinned_memory;
int current_context = 0;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// The code that a call returns before it does anything.
int entered(const char* name) {
  ++fake_cuda.calls;
  if (fake_cuda.lost) return fake_cuda.lost;
  if (fake_cuda.fail_entry && std::strcmp(fake_cuda.fail_entry, name) == 0 && fake_cuda.fail_after-- <= 0) {
    fake_cuda.fail_entry = nullptr;
    return fake_cuda.fail_code;
  }
  return 0;
}

#define ENTER(name)                  \
  const std::lock_guard lock(mutex); \
  if (const int code = entered(name); code != 0) return code

void enqueue(void* stream, std::function<void()> run, std::shared_ptr<const Point> after = nullptr) {
  ++fake_cuda.waiting;
  static_cast<StreamState*>(stream)->push_back({std::move(run), std::move(after)});
}

// False if there is nothing to run.
bool run_one() {
  for (size_t i = 0; i < streams.size(); ++i) {
    StreamState& stream = *streams[fake_cuda.newest_first ? streams.size() - 1 - i : i];
    if (stream.empty() || (stream.front().after && !stream.front().after->done)) continue;
    const Command next = std::move(stream.front());
    stream.pop_front();
    next.run();
    --fake_cuda.waiting;
    return true;
  }
  return false;
}

int run_until(const std::function<bool()>& done) {
  while (!done() && !fake_cuda.lost && !fake_cuda.stuck && run_one()) {
  }
  return fake_cuda.lost;
}
int run_all() {
  return run_until([] { return false; });
}
int run_stream(void* stream) {
  return run_until([=] { return static_cast<StreamState*>(stream)->empty(); });
}

bool is_pinned(const void* address, size_t bytes) {
  const auto* begin = static_cast<const std::byte*>(address);
  const auto found = pinned_memory.upper_bound(begin);
  if (found == pinned_memory.begin()) return false;
  const auto& [start, size] = *std::prev(found);
  return begin + bytes <= start + size;
}

const sim::Entry* entry_of(const std::string& symbol) {
  for (const auto& family : sim::entry_families()) {
    for (const sim::Entry& entry : family) {
      if (symbol == entry.symbol) return &entry;
    }
  }
  return nullptr;
}

void run_kernel(const sim::Entry& entry, std::vector<void*> buffers, const std::vector<std::byte>& args,
                sim::Index3 groups, uint32_t group_size) {
  if (fake_cuda.fail_kernel && std::strcmp(fake_cuda.fail_kernel, entry.symbol) == 0) {
    fake_cuda.lost = kIllegalAddress;
    return;
  }
  sim::Launch launch;
  launch.entry = &entry;
  launch.buffers = std::move(buffers);
  launch.args = args.data();
  launch.group_size = group_size;
  launch.threadgroup_bytes = 32 * 1024;
  launch.groups = groups;
  for (const auto& [start, size] : device_memory) {
    launch.bound.push_back({start, start + size, start, "memory", gpu::Access::kReadWrite, nullptr, 0});
  }
  static sim::GroupRunner runner;
  try {
    for (uint32_t group = 0; group < groups.x * groups.y * groups.z; ++group) runner.run(launch, group);
  } catch (const Error&) {
    fake_cuda.lost = kIllegalAddress;
  }
}

std::byte* host(unsigned long long address) { return reinterpret_cast<std::byte*>(address); }

}  // namespace

// The driver

EXPORT int cuInit(unsigned) {
  ENTER("cuInit");
  return 0;
}
EXPORT int cuDriverGetVersion(int* version) {
  ENTER("cuDriverGetVersion");
  *version = fake_cuda.driver_version;
  return 0;
}
EXPORT int cuGetErrorName(int code, const char** name) {
  *name = code == 2     ? "CUDA_ERROR_OUT_OF_MEMORY"
          : code == 1   ? "CUDA_ERROR_INVALID_VALUE"
          : code == 600 ? "CUDA_ERROR_NOT_READY"
          : code == 700 ? "CUDA_ERROR_ILLEGAL_ADDRESS"
                        : nullptr;
  return *name ? 0 : kInvalidValue;
}
EXPORT int cuGetErrorString(int code, const char** text) {
  *text = code == 700 ? "an illegal memory access was encountered" : "no text";
  return 0;
}
EXPORT int cuDeviceGetCount(int* count) {
  ENTER("cuDeviceGetCount");
  *count = fake_cuda.devices;
  return 0;
}
EXPORT int cuDeviceGet(int* device, int index) {
  ENTER("cuDeviceGet");
  *device = index;
  return 0;
}
EXPORT int cuDeviceGetName(char* name, int length, int device) {
  ENTER("cuDeviceGetName");
  std::strncpy(name, ("Fake " + std::to_string(device)).c_str(), static_cast<size_t>(length));
  return 0;
}
EXPORT int cuDeviceGetAttribute(int* value, int attribute, int device) {
  ENTER("cuDeviceGetAttribute");
  const int capability = device == fake_cuda.old_device ? 60 : fake_cuda.capability;
  *value = attribute == 75   ? capability / 10
           : attribute == 76 ? capability % 10
           : attribute == 39 ? fake_cuda.threads_per_multiprocessor
                             : 4;
  return 0;
}
EXPORT int cuDeviceTotalMem_v2(size_t* bytes, int) {
  ENTER("cuDeviceTotalMem");
  *bytes = size_t{1} << 34;
  return 0;
}
EXPORT int cuDevicePrimaryCtxRetain(void** context, int) {
  ENTER("cuDevicePrimaryCtxRetain");
  *context = &current_context;
  return 0;
}
EXPORT int cuDevicePrimaryCtxRelease_v2(int) { return 0; }
EXPORT int cuCtxSetCurrent(void*) { return 0; }

EXPORT int cuMemAlloc_v2(unsigned long long* address, size_t bytes) {
  ENTER("cuMemAlloc");
  if (bytes == 0) return kInvalidValue;
  if (fake_cuda.device_bytes + bytes > fake_cuda.memory_limit) return kOutOfMemory;
  void* data = nullptr;
  if (posix_memalign(&data, 256, bytes) != 0) return kOutOfMemory;
  std::memset(data, 0x5A, bytes);
  device_memory[static_cast<std::byte*>(data)] = bytes;
  fake_cuda.device_bytes += bytes;
  *address = reinterpret_cast<unsigned long long>(data);
  return 0;
}
EXPORT int cuMemFree_v2(unsigned long long address) {
  ENTER("cuMemFree");
  run_all();
  const auto found = device_memory.find(host(address));
  if (found == device_memory.end()) return kInvalidValue;
  fake_cuda.device_bytes -= found->second;
  device_memory.erase(found);
  std::free(host(address));
  return 0;
}
EXPORT int cuMemHostAlloc(void** address, size_t bytes, unsigned) {
  ENTER("cuMemHostAlloc");
  *address = std::malloc(bytes);
  pinned_memory[static_cast<std::byte*>(*address)] = bytes;
  fake_cuda.pinned_bytes += bytes;
  return 0;
}
EXPORT int cuMemFreeHost(void* address) {
  ENTER("cuMemFreeHost");
  const auto found = pinned_memory.find(static_cast<std::byte*>(address));
  if (found == pinned_memory.end()) return kInvalidValue;
  fake_cuda.pinned_bytes -= found->second;
  pinned_memory.erase(found);
  std::free(address);
  return 0;
}
EXPORT int cuMemcpyHtoDAsync_v2(unsigned long long to, const void* from, size_t bytes, void* stream) {
  ENTER("cuMemcpyHtoDAsync");
  enqueue(stream, [=] { std::memcpy(host(to), from, bytes); });
  return is_pinned(from, bytes) ? 0 : run_stream(stream);
}
EXPORT int cuMemcpyDtoHAsync_v2(void* to, unsigned long long from, size_t bytes, void* stream) {
  ENTER("cuMemcpyDtoHAsync");
  enqueue(stream, [=] { std::memcpy(to, host(from), bytes); });
  return is_pinned(to, bytes) ? 0 : run_stream(stream);
}
EXPORT int cuMemcpyDtoDAsync_v2(unsigned long long to, unsigned long long from, size_t bytes, void* stream) {
  ENTER("cuMemcpyDtoDAsync");
  enqueue(stream, [=] { std::memcpy(host(to), host(from), bytes); });
  return 0;
}
EXPORT int cuMemsetD32Async(unsigned long long to, unsigned word, size_t words, void* stream) {
  ENTER("cuMemsetD32Async");
  enqueue(stream, [=] { std::fill_n(reinterpret_cast<unsigned*>(to), words, word); });
  return 0;
}

EXPORT int cuStreamCreate(void** stream, unsigned) {
  ENTER("cuStreamCreate");
  *stream = streams.emplace_back(std::make_unique<StreamState>()).get();
  ++fake_cuda.streams;
  return 0;
}
// What is in it still runs.
EXPORT int cuStreamDestroy_v2(void* stream) {
  ENTER("cuStreamDestroy");
  run_stream(stream);
  --fake_cuda.streams;
  std::erase_if(streams, [=](const auto& state) { return state.get() == stream && state->empty(); });
  return 0;
}
EXPORT int cuStreamWaitEvent(void* stream, void* event, unsigned) {
  ENTER("cuStreamWaitEvent");
  ++fake_cuda.stream_waits;
  enqueue(stream, [] {}, static_cast<EventState*>(event)->point);
  return 0;
}
EXPORT int cuStreamSynchronize(void* stream) {
  ENTER("cuStreamSynchronize");
  return run_stream(stream);
}
EXPORT int cuEventCreate(void** event, unsigned) {
  ENTER("cuEventCreate");
  ++fake_cuda.events;
  *event = new EventState;
  return 0;
}
EXPORT int cuEventDestroy_v2(void* event) {
  const std::lock_guard lock(mutex);
  --fake_cuda.events;
  delete static_cast<EventState*>(event);
  return 0;
}
EXPORT int cuEventRecord(void* event, void* stream) {
  ENTER("cuEventRecord");
  const auto point = std::make_shared<Point>();
  *static_cast<EventState*>(event) = {point, false};
  enqueue(stream, [point] { point->done = true, point->time = now(); });
  return 0;
}
// Not ready when first asked, so that waits do wait.
EXPORT int cuEventQuery(void* event) {
  ENTER("cuEventQuery");
  auto* state = static_cast<EventState*>(event);
  if (!state->asked) {
    state->asked = true;
    return state->done() ? 0 : kNotReady;
  }
  const int lost = run_until([=] { return state->done(); });
  if (lost) return lost;
  return state->done() ? 0 : kNotReady;
}
EXPORT int cuEventSynchronize(void* event) {
  ENTER("cuEventSynchronize");
  return run_until([=] { return static_cast<EventState*>(event)->done(); });
}
EXPORT int cuEventElapsedTime(float* milliseconds, void* begin, void* end) {
  ENTER("cuEventElapsedTime");
  const auto* from = static_cast<EventState*>(begin)->point.get();
  const auto* to = static_cast<EventState*>(end)->point.get();
  if (!from || !to) return kInvalidValue;
  if (!from->done || !to->done) return kNotReady;
  *milliseconds = static_cast<float>(1e3 * (to->time - from->time));
  return 0;
}

EXPORT int cuModuleLoadData(void** module, const void* image) {
  ENTER("cuModuleLoadData");
  if (std::memcmp(image, "fake code", 9) != 0) return kInvalidValue;
  *module = &current_context;
  return 0;
}
EXPORT int cuModuleUnload(void*) { return 0; }
EXPORT int cuModuleGetFunction(void** function, void*, const char* name) {
  ENTER("cuModuleGetFunction");
  const sim::Entry* entry = entry_of(name);
  if (!entry) return kInvalidValue;
  *function = const_cast<sim::Entry*>(entry);
  return 0;
}
EXPORT int cuLaunchKernel(void* function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,
                          unsigned, unsigned, unsigned, void* stream, void** parameters, void**) {
  ENTER("cuLaunchKernel");
  ++fake_cuda.launched;
  const auto* entry = static_cast<const sim::Entry*>(function);
  std::vector<void*> buffers;
  for (size_t i = 0; i < entry->num_buffers; ++i) {
    buffers.push_back(host(*static_cast<unsigned long long*>(parameters[i])));
  }
  const auto* args = static_cast<const std::byte*>(parameters[entry->num_buffers]);
  const std::vector<std::byte> copied(args, args + entry->args_bytes);
  enqueue(stream, [=] { run_kernel(*entry, buffers, copied, {grid_x, grid_y, grid_z}, block_x); });
  return 0;
}

// The compiler: the code of a text is its name.

struct FakeProgram {
  std::string name, code, log;
};

EXPORT int nvrtcVersion(int* major, int* minor) {
  *major = fake_cuda.compiler_major, *minor = 0;
  return 0;
}
EXPORT int nvrtcGetNumSupportedArchs(int* count) {
  *count = 2;
  return 0;
}
EXPORT int nvrtcGetSupportedArchs(int* capabilities) {
  capabilities[0] = 80, capabilities[1] = 90;
  return 0;
}
EXPORT int nvrtcCreateProgram(void** program, const char*, const char* name, int, const char* const*,
                              const char* const*) {
  *program = new FakeProgram{name, {}, {}};
  return 0;
}
EXPORT int nvrtcDestroyProgram(void** program) {
  delete static_cast<FakeProgram*>(*program);
  return 0;
}
EXPORT int nvrtcCompileProgram(void* program, int count, const char* const* options) {
  auto* made = static_cast<FakeProgram*>(program);
  ++fake_cuda.compiled;
  const std::lock_guard lock(mutex);
  if (fake_cuda.fail_entry && std::strcmp(fake_cuda.fail_entry, "nvrtcCompileProgram") == 0) {
    made->log = made->name + "(7): error: expected a ';'";
    return fake_cuda.fail_code;
  }
  made->code = "fake code of " + made->name;
  for (int i = 0; i < count; ++i) made->code += std::string(" ") + options[i];
  return 0;
}
EXPORT int nvrtcGetProgramLogSize(void* program, size_t* bytes) {
  *bytes = static_cast<FakeProgram*>(program)->log.size() + 1;
  return 0;
}
EXPORT int nvrtcGetProgramLog(void* program, char* log) {
  const std::string& text = static_cast<FakeProgram*>(program)->log;
  std::memcpy(log, text.c_str(), text.size() + 1);
  return 0;
}
EXPORT int nvrtcGetCUBINSize(void* program, size_t* bytes) {
  *bytes = static_cast<FakeProgram*>(program)->code.size();
  return 0;
}
EXPORT int nvrtcGetCUBIN(void* program, char* code) {
  const std::string& text = static_cast<FakeProgram*>(program)->code;
  std::memcpy(code, text.data(), text.size());
  return 0;
}
EXPORT const char* nvrtcGetErrorString(int code) {
  return code == 6 ? "NVRTC_ERROR_COMPILATION" : "NVRTC_ERROR_OTHER";
}
