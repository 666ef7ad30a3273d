// A CUDA driver and an NVRTC for machines without either: one shared library with the entry points that the
// cuda backend uses. Kernels are the emulator's; they run, like copies, only when somebody waits, and no more
// of them than the wait needs, so that a result read or a buffer reused too early is seen. Between streams
// only events order them: one stream runs as far as it can before the next one's turn. Every access of a
// kernel must lie in a live allocation.
#pragma once

#include <atomic>
#include <cstdint>

// What the library does and what was done with it; found with dlsym("fake_cuda").
struct FakeCuda {
  // Settings
  int devices = 1;
  int driver_version = 13000, compiler_major = 13;
  int capability = 90;
  int old_device = -1;                        // has capability 6.0
  int threads_per_multiprocessor = 256;       // of 4 multiprocessors
  uint64_t memory_limit = uint64_t{1} << 40;  // bytes of device memory
  // The next call of this entry point, after so many that succeed, returns this code; then the name is
  // cleared.
  const char* fail_entry = nullptr;
  int fail_after = 0;
  int fail_code = 0;
  const char* fail_kernel = nullptr;  // accesses an illegal address when it runs
  bool stuck = false;                 // nothing is ever done
  bool newest_first = false;          // of the streams that can go on, instead of the oldest

  // Observed
  std::atomic<int> compiled{0}, launched{0}, calls{0};
  std::atomic<uint64_t> device_bytes{0}, pinned_bytes{0};
  std::atomic<int> events{0}, streams{0};  // not destroyed
  std::atomic<int> stream_waits{0};        // of streams for events
  std::atomic<int> waiting{0};             // commands that have not run
  int lost = 0;                            // the error that all calls return from now on
};
