#include "metal/archive.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "openswirl/failure.h"
#include "runtime/cached_files.h"
#include "runtime/notices.h"

namespace openswirl::metal {

Archive::Archive(NS::SharedPtr<MTL::Device> device, std::string folder, const std::string& made_from)
    : device_(std::move(device)), folder_(std::move(folder)) {
  if (folder_.empty()) return;
  path_ = folder_ + "/metal-" + cache_hash(made_from) + ".binarchive";
  std::error_code error;
  if (!std::filesystem::exists(path_, error)) return;
  const AutoreleaseScope scope;
  const auto descriptor = NS::TransferPtr(MTL::BinaryArchiveDescriptor::alloc()->init());
  descriptor->setUrl(apple_url(path_));
  NS::Error* why = nullptr;
  stored_ = NS::TransferPtr(device_->newBinaryArchive(descriptor.get(), &why));
  if (!stored_) notice("cannot be used (" + text_of(why) + "); compiling again");
}

void Archive::notice(const std::string& what) const { add_notice("kernel cache " + path_ + ": " + what); }

NS::SharedPtr<MTL::ComputePipelineState> Archive::pipeline(MTL::ComputePipelineDescriptor* descriptor,
                                                           const std::string& kernel,
                                                           gpu::CompileNews* news) {
  NS::Error* error = nullptr;
  if (stored_) {
    const NS::Object* archives[] = {stored_.get()};
    descriptor->setBinaryArchives(NS::Array::array(archives, 1));
    auto found = NS::TransferPtr(device_->newComputePipelineState(
        descriptor, MTL::PipelineOptionFailOnBinaryArchiveMiss, nullptr, &error));
    descriptor->setBinaryArchives(nullptr);
    if (found) {
      const std::lock_guard lock(mutex_);
      made_.push_back(NS::RetainPtr(descriptor));
      return found;
    }
  }
  error = nullptr;
  if (news) news->begins();
  auto compiled =
      NS::TransferPtr(device_->newComputePipelineState(descriptor, MTL::PipelineOptionNone, nullptr, &error));
  if (!compiled) {
    throw Error(FailureKind::kDevice, "[metal] kernel " + kernel + " does not compile: " + text_of(error));
  }
  if (news) news->ends();
  const std::lock_guard lock(mutex_);
  compiled_ = true;
  made_.push_back(NS::RetainPtr(descriptor));
  return compiled;
}

void Archive::save() {
  if (folder_.empty() || !compiled_) return;
  const AutoreleaseScope scope;
  const auto empty = NS::TransferPtr(MTL::BinaryArchiveDescriptor::alloc()->init());
  NS::Error* why = nullptr;
  const auto fresh = NS::TransferPtr(device_->newBinaryArchive(empty.get(), &why));
  if (!fresh) return notice("cannot be made (" + text_of(why) + "); kernels are not kept");
  for (const auto& descriptor : made_) {
    if (!fresh->addComputePipelineFunctions(descriptor.get(), &why)) {
      return notice("does not take " + text_of(descriptor->label()) + " (" + text_of(why) +
                    "); kernels are not kept");
    }
  }
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error) return notice("its folder cannot be made (" + error.message() + "); kernels are not kept");
  // Whole or not at all, also when other processes store the same.
  const std::string temporary =
      path_ + "." + std::to_string(getpid()) + "-" + std::to_string(reinterpret_cast<uintptr_t>(this));
  if (!fresh->serializeToURL(apple_url(temporary), &why)) {
    notice("cannot be written (" + text_of(why) + "); kernels are not kept");
    std::filesystem::remove(temporary, error);
    return;
  }
  std::filesystem::rename(temporary, path_, error);
  if (error) return notice("cannot be written (" + error.message() + "); kernels are not kept");
  saved_ = true;
}

}  // namespace openswirl::metal
