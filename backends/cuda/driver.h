// The part of the CUDA driver API that the runtime uses, with prototypes of our own: the driver is found with
// dlopen when a process first asks for its devices, so that nothing of CUDA is needed to build or to import.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace openswirl::cuda {

using Code = int;  // CUresult
using DeviceNumber = int;
using DevicePointer = unsigned long long;
using Context = struct ContextOfDriver*;
using Module = struct ModuleOfDriver*;
using Function = struct FunctionOfDriver*;
using Stream = struct StreamOfDriver*;
using Event = struct EventOfDriver*;

inline constexpr Code kSuccess = 0, kOutOfDeviceMemory = 2, kNotReady = 600;
// Attributes of a device.
inline constexpr int kComputeMajor = 75, kComputeMinor = 76, kMultiprocessors = 16,
                     kThreadsOfMultiprocessor = 39;
inline constexpr unsigned kNonBlockingStream = 1;
inline constexpr unsigned kEventWithoutTime = 2;

// The driver's entry points; names without their version suffix.
struct Driver {
  Code (*init)(unsigned flags);
  Code (*version)(int* version);
  Code (*error_name)(Code code, const char** name);
  Code (*error_text)(Code code, const char** text);
  Code (*device_count)(int* count);
  Code (*device_get)(DeviceNumber* device, int index);
  Code (*device_name)(char* name, int length, DeviceNumber device);
  Code (*device_attribute)(int* value, int attribute, DeviceNumber device);
  Code (*device_memory)(size_t* bytes, DeviceNumber device);
  Code (*context_retain)(Context* context, DeviceNumber device);
  Code (*context_release)(DeviceNumber device);
  Code (*context_set)(Context context);
  Code (*memory_allocate)(DevicePointer* address, size_t bytes);
  Code (*memory_free)(DevicePointer address);
  Code (*host_allocate)(void** address, size_t bytes, unsigned flags);
  Code (*host_free)(void* address);
  Code (*copy_to_device)(DevicePointer to, const void* from, size_t bytes, Stream stream);
  Code (*copy_to_host)(void* to, DevicePointer from, size_t bytes, Stream stream);
  Code (*copy_on_device)(DevicePointer to, DevicePointer from, size_t bytes, Stream stream);
  Code (*fill)(DevicePointer to, unsigned word, size_t words, Stream stream);
  Code (*stream_create)(Stream* stream, unsigned flags);
  Code (*stream_destroy)(Stream stream);
  Code (*stream_wait)(Stream stream, Event event, unsigned flags);
  Code (*stream_synchronize)(Stream stream);
  Code (*event_create)(Event* event, unsigned flags);
  Code (*event_destroy)(Event event);
  Code (*event_record)(Event event, Stream stream);
  Code (*event_query)(Event event);
  Code (*event_synchronize)(Event event);
  Code (*event_elapsed)(float* milliseconds, Event begin, Event end);
  Code (*module_load)(Module* module, const void* image);
  Code (*module_unload)(Module module);
  Code (*module_function)(Function* function, Module module, const char* name);
  Code (*launch)(Function function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,
                 unsigned block_y, unsigned block_z, unsigned shared_bytes, Stream stream, void** parameters,
                 void** extra);

  int version_number = 0;  // 13000 is CUDA 13.0

  // "CUDA_ERROR_ILLEGAL_ADDRESS (an illegal memory access was encountered)".
  std::string name_of(Code code) const;
  // Throws Error{kOutOfMemory} or Error{kDevice} unless the code says success; `what` is the call that
  // failed.
  void check(Code code, const std::string& what) const;
};

// After these the context of the process on the device is lost.
bool ends_context(Code code);

// The driver, initialised; loaded at the first call, from OPENSWIRL_CUDA_DRIVER if that is set. Throws
// Error{kDevice} that says what is missing, the same at every call. In a child that was forked after the
// first call every call throws: the driver does not survive a fork.
const Driver& driver();
// Whether this process is a fork of the one that initialised the driver.
bool forked();

}  // namespace openswirl::cuda
