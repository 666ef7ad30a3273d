// A commitment of the device as stages on the host read it.
#pragma once

#include "gpu/committed.h"
#include "stages/inputs.h"

namespace openswirl::gpu {

// The device's memory itself where it is unified, else a copy; the tree is a copy always. Charged to the
// session whose work it is. The commitment must outlive it.
class HostMirror {
 public:
  HostMirror(Work& work, const Committed& commitment);
  stages::CommitmentView view() const { return {&commitment_.layout(), stacked_, codeword_, &tree_}; }

 private:
  const Fp* on_host(Work& work, const Array& array, Buffer<Fp>& copy, const char* what);

  const Committed& commitment_;
  Buffer<Fp> stacked_copy_, codeword_copy_;
  const Fp* stacked_ = nullptr;
  const Fp* codeword_ = nullptr;
  stages::DigestTree tree_;
};

}  // namespace openswirl::gpu
