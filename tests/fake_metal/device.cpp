#include "device.h"

#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include "commands.h"
#include "fake_metal.h"

namespace fake_metal {
namespace {

constexpr unsigned long kShared = 0, kUntracked = 1;
constexpr unsigned long kFailOnArchiveMiss = 4;
constexpr size_t kPage = 16384;
constexpr unsigned char kGarbage = 0xCD, kFreed = 0xDD;
// Of an archive's file.
const std::string kMagic = "fake Metal archive 1\n";

struct Device final : Object {
  Device() : Object("MTLDevice") {}
};

struct Options final : Object {
  Options() : Object("MTLCompileOptions") {}
  unsigned long language = 0;
  bool math_chosen = false;
};

// For descriptors of which nothing is read.
struct Empty final : Object {
  explicit Empty(const char* class_name) : Object(class_name) {}
};

void require_untracked_shared(unsigned long options) {
  if (((options >> 4) & 15) != kShared || ((options >> 8) & 3) != kUntracked) {
    violation("a buffer is not shared and untracked, which is all that this device models");
  }
}

template <class T>
void replace(T*& slot, T* value) {
  if (value) value->retain();
  if (slot) slot->release();
  slot = value;
}

Object* new_library(Object*, Selector*, Text* source, Options* options, ErrorObject** error) {
  if (options->language < (3 << 16 | 1)) violation("kernels are compiled as an older language than MSL 3.1");
  if (!options->math_chosen) violation("kernels are compiled with the default floating-point rules");
  std::string why;
  auto codes = compile_text(source->text, why);
  if (codes.empty()) {
    set_error(error, 3, why);
    return nullptr;
  }
  ++live_counts().libraries;
  return new Library(std::move(codes));
}

Object* new_function(Library* self, Selector*, Text* name) {
  for (const auto& code : self->codes) {
    if (code->symbol == name->text) return new Function(code);
  }
  return nullptr;
}

Object* new_pipeline(Object*, Selector*, PipelineDescriptor* descriptor, unsigned long options, void*,
                     ErrorObject** error) {
  const std::string symbol = descriptor->function->code->symbol;
  for (Object* object : descriptor->archives ? descriptor->archives->held : std::vector<Object*>()) {
    auto* archive = static_cast<Archive*>(object);
    const std::lock_guard lock(archive->mutex);
    if (!archive->functions.contains(symbol)) continue;
    ++live_counts().archived_pipelines;
    return new Pipeline(descriptor->function->code);
  }
  if (options & kFailOnArchiveMiss) {
    set_error(error, 2, "not in the archive");
    return nullptr;
  }
  ++live_counts().compiled_pipelines;
  return new Pipeline(descriptor->function->code);
}

Object* new_archive(Object*, Selector*, ArchiveDescriptor* descriptor, ErrorObject** error) {
  auto* archive = new Archive;
  if (descriptor->path.empty()) return archive;
  std::ifstream file(descriptor->path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  const std::string all = text.str(), trailer = "end\n";
  if (!file || !all.starts_with(kMagic) || !all.ends_with(trailer)) {
    set_error(error, 1, "invalid file");
    archive->release();
    return nullptr;
  }
  std::istringstream lines(all.substr(kMagic.size(), all.size() - kMagic.size() - trailer.size()));
  for (std::string line; std::getline(lines, line);) archive->functions.insert(line);
  return archive;
}

bool add_to_archive(Archive* self, Selector*, PipelineDescriptor* descriptor, ErrorObject**) {
  const std::lock_guard lock(self->mutex);
  self->functions.insert(descriptor->function->code->symbol);
  return true;
}

bool write_archive(Archive* self, Selector*, Url* url, ErrorObject** error) {
  std::ofstream file(url->path, std::ios::binary);
  file << kMagic;
  for (const std::string& name : self->functions) file << name << "\n";
  file << "end\n";
  file.close();
  if (!file) set_error(error, 4, "cannot write " + url->path);
  return static_cast<bool>(file);
}

Object* new_buffer(Object*, Selector*, unsigned long bytes, unsigned long options) {
  require_untracked_shared(options);
  if (bytes == 0 || bytes > system().max_buffer) return nullptr;
  void* memory = nullptr;
  // At its exact size, so that a sanitizer sees what leaves it.
  if (posix_memalign(&memory, 64, bytes) != 0) return nullptr;
  std::memset(memory, kGarbage, bytes);
  return new Buffer(static_cast<std::byte*>(memory), bytes, true);
}

Object* lend_buffer(Object*, Selector*, std::byte* memory, unsigned long bytes, unsigned long options,
                    void*) {
  require_untracked_shared(options);
  const auto page = static_cast<size_t>(getpagesize());
  if (reinterpret_cast<uintptr_t>(memory) % page != 0 || bytes % page != 0) {
    violation("memory is lent that does not consist of whole pages");
    return nullptr;
  }
  return new Buffer(memory, bytes, false);
}

void add_member(ResidencySet* self, Selector*, Buffer* buffer) {
  const std::lock_guard lock(self->mutex);
  if (self->members.insert(buffer).second) ++buffer->memberships;
}
void remove_member(ResidencySet* self, Selector*, Buffer* buffer) {
  const std::lock_guard lock(self->mutex);
  if (self->members.erase(buffer)) --buffer->memberships;
}
void commit_members(ResidencySet* self, Selector*) {
  const std::lock_guard lock(self->mutex);
  self->committed = self->members;
}

void define_pipelines() {
  define("class MTLCompileOptions", "alloc", +[](Object*, Selector*) -> Object* { return new Options; });
  define(
      "MTLCompileOptions", "setLanguageVersion:", +[](Options* self, Selector*, unsigned long version) {
        self->language = version;
      });
  define(
      "MTLCompileOptions",
      "setFastMathEnabled:", +[](Options* self, Selector*, bool fast) { self->math_chosen |= !fast; });
  define(
      "MTLCompileOptions",
      "setMathMode:", +[](Options* self, Selector*, long mode) { self->math_chosen |= mode == 0; }, 15);
  define("MTLLibrary", "newFunctionWithName:", &new_function);
  define(
      "class MTLComputePipelineDescriptor", "alloc",
      +[](Object*, Selector*) -> Object* { return new PipelineDescriptor; });
  define(
      "MTLComputePipelineDescriptor", "setComputeFunction:",
      +[](PipelineDescriptor* self, Selector*, Function* function) { replace(self->function, function); });
  define(
      "MTLComputePipelineDescriptor",
      "setLabel:", +[](PipelineDescriptor* self, Selector*, Text* label) { replace(self->label, label); });
  define(
      "MTLComputePipelineDescriptor", "label",
      +[](PipelineDescriptor* self, Selector*) { return self->label; });
  define(
      "MTLComputePipelineDescriptor", "setBinaryArchives:",
      +[](PipelineDescriptor* self, Selector*, Array* archives) { replace(self->archives, archives); });
  define(
      "MTLComputePipelineDescriptor",
      "setThreadGroupSizeIsMultipleOfThreadExecutionWidth:", +[](Object*, Selector*, bool) {});
  define("MTLComputePipelineState", "threadExecutionWidth", +[](Object*, Selector*) { return 32ul; });
  define(
      "MTLComputePipelineState", "maxTotalThreadsPerThreadgroup",
      +[](Pipeline* self, Selector*) { return self->max_group(); });
  define(
      "MTLComputePipelineState", "staticThreadgroupMemoryLength",
      +[](Pipeline* self, Selector*) -> unsigned long { return self->code->threadgroup_bytes; });
  define(
      "class MTLBinaryArchiveDescriptor", "alloc",
      +[](Object*, Selector*) -> Object* { return new ArchiveDescriptor; });
  define(
      "MTLBinaryArchiveDescriptor", "setUrl:", +[](ArchiveDescriptor* self, Selector*, Url* url) {
        self->path = url ? url->path : std::string();
      });
  define("MTLBinaryArchive", "addComputePipelineFunctionsWithDescriptor:error:", &add_to_archive);
  define("MTLBinaryArchive", "serializeToURL:error:", &write_archive);
}

}  // namespace

Buffer::Buffer(std::byte* memory, size_t size, bool own)
    : Object("MTLBuffer"), data(memory), bytes(size), owned(own) {
  shadow = std::make_unique<openswirl::sim::Shadow>((size + 3) / 4);
  shadow->set_written(0, (size + 3) / 4);  // the host may have written any of it
  live_counts().live_bytes += size;
}

void Buffer::dispose() {
  if (memberships > 0) violation("a buffer is freed that is still in a residency set");
  live_counts().live_bytes -= bytes;
  if (owned) {
    std::memset(data, kFreed, bytes);
    std::free(data);
  }
}

size_t Pipeline::max_group() const { return std::min<size_t>(code->group, system().max_group); }

void PipelineDescriptor::dispose() {
  replace<Function>(function, nullptr);
  replace<Array>(archives, nullptr);
  replace<Text>(label, nullptr);
}

void Queue::dispose() {
  for (ResidencySet* set : sets) set->release();
}

void define_device() {
  define("MTLDevice", "name", +[](Object*, Selector*) { return autoreleased(new Text(system().name)); });
  define(
      "MTLDevice", "supportsFamily:", +[](Object*, Selector*, long family) {
        const bool metal3 = family == 5001;
        return metal3 ? system().family >= 7 : family >= 1001 && family <= 1000 + system().family;
      });
  define("MTLDevice", "hasUnifiedMemory", +[](Object*, Selector*) { return system().unified_memory; });
  define("MTLDevice", "maxThreadgroupMemoryLength", +[](Object*, Selector*) { return 32768ul; });
  define(
      "MTLDevice", "recommendedMaxWorkingSetSize", +[](Object*, Selector*) { return system().working_set; });
  define("MTLDevice", "maxBufferLength", +[](Object*, Selector*) { return system().max_buffer; });
  define("MTLDevice", "newLibraryWithSource:options:error:", &new_library);
  define("MTLDevice", "newComputePipelineStateWithDescriptor:options:reflection:error:", &new_pipeline);
  define("MTLDevice", "newBinaryArchiveWithDescriptor:error:", &new_archive);
  define("MTLDevice", "newBufferWithLength:options:", &new_buffer);
  define("MTLDevice", "newBufferWithBytesNoCopy:length:options:deallocator:", &lend_buffer);
  define(
      "MTLDevice", "newCommandQueueWithMaxCommandBufferCount:",
      +[](Object*, Selector*, unsigned long limit) -> Object* { return new Queue(limit); });
  define("MTLDevice", "newFence", +[](Object*, Selector*) -> Object* { return new Fence; });
  define(
      "MTLDevice", "newResidencySetWithDescriptor:error:",
      +[](Object*, Selector*, Object*, ErrorObject**) -> Object* { return new ResidencySet; }, 15);
  define("MTLBuffer", "contents", +[](Buffer* self, Selector*) { return self->data; });
  define("MTLBuffer", "length", +[](Buffer* self, Selector*) { return self->bytes; });
  define(
      "MTLBuffer", "gpuAddress",
      +[](Buffer* self, Selector*) { return reinterpret_cast<uint64_t>(self->data); });
  define(
      "class MTLResidencySetDescriptor", "alloc",
      +[](Object*, Selector*) -> Object* { return new Empty("MTLResidencySetDescriptor"); }, 15);
  define("MTLResidencySet", "addAllocation:", &add_member);
  define("MTLResidencySet", "removeAllocation:", &remove_member);
  define("MTLResidencySet", "commit", &commit_members);
  define(
      "MTLResidencySet", "requestResidency", +[](ResidencySet* self, Selector*) { self->requested = true; });
  define(
      "MTLCommandQueue", "addResidencySet:",
      +[](Queue* self, Selector*, ResidencySet* set) {
        set->retain();
        self->sets.push_back(set);
      },
      15);
  define_pipelines();
}

}  // namespace fake_metal

extern "C" {

void* MTLCreateSystemDefaultDevice() {
  return fake_metal::system().devices > 0 ? new fake_metal::Device : nullptr;
}

// Metal lists the default device among the others, as the same object; this one is found by its name alone,
// so it lists only further ones.
void* MTLCopyAllDevices() {
  std::vector<fake_metal::Object*> others;
  for (int i = 1; i < fake_metal::system().devices; ++i) others.push_back(new fake_metal::Device);
  auto* listed = new fake_metal::Array(others);
  for (fake_metal::Object* device : others) device->release();
  return listed;
}

// Only named by metal-cpp.
void* MTLCopyAllDevicesWithObserver(void**, void*) { fake_metal::die("devices are not observed"); }
void MTLRemoveDeviceObserver(const void*) { fake_metal::die("devices are not observed"); }
}
