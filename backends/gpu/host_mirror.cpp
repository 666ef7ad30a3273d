#include "gpu/host_mirror.h"

namespace openswirl::gpu {

HostMirror::HostMirror(Work& work, const Committed& commitment) : commitment_(commitment) {
  stacked_ = on_host(work, commitment.stacked(), stacked_copy_, "stacked matrix");
  codeword_ = on_host(work, commitment.codeword(), codeword_copy_, "codeword");
  const auto layers = commitment.tree().download(work);
  work.wait();
  tree_ = stages::DigestTree(work.context(), layers);
}

const Fp* HostMirror::on_host(Work& work, const Array& array, Buffer<Fp>& copy, const char* what) {
  if (array.words() == 0) return nullptr;
  if (const void* host = array.range().memory->host()) {
    return reinterpret_cast<const Fp*>(static_cast<const std::byte*>(host) + array.range().offset);
  }
  copy = work.context().buffer<Fp>(array.words(), what);
  work.recorder().download(array.range(), std::as_writable_bytes(copy.span()));
  return copy.data();
}

}  // namespace openswirl::gpu
