// Verifies a proof against a verifying key (protocol part 07, 5). A leaf of the library: no threads, no
// backend, and no allocation that an untrusted number alone decides.
#pragma once

#include <string>
#include <vector>

#include "protocol/keys.h"
#include "protocol/proof.h"
#include "transcript/transcript.h"

namespace openswirl {

struct Verdict {
  bool accepted = false;
  // Of a rejected proof: the failed check as a dotted path of part 07, 6, outermost first
  // ("WhirError.MerkleVerify"), and what was found there.
  std::string check;
  std::string detail;
};

struct VerifyOptions {
  // The parameters that the key must have, every field; SystemParamsMismatch otherwise.
  const SystemParams* params = nullptr;
  // The statement: the public values per AIR id (empty for absent AIRs); PublicValuesMismatch otherwise.
  const Ragged<Fp>* public_values = nullptr;
  // Receives every element observed and sampled.
  std::vector<LogEntry>* log = nullptr;
};

// The verdict on a proof, which may come from anyone; `vk` is one that decode_verifying_key or keygen
// returned. Thread-safe. Throws Error{kOutOfMemory} if the system has no memory left, and nothing else.
Verdict verify(const VerifyingKey& vk, const Proof& proof, const VerifyOptions& options = {});

}  // namespace openswirl
