// The Fiat-Shamir transcript: a duplex sponge in overwrite mode (protocol part 01, 6).
#pragma once

#include <span>
#include <vector>

#include "hash/sponge.h"

namespace openswirl {

// One entry of a transcript log; extension elements and digests are 4 or 8 entries (01, 6.4).
struct LogEntry {
  Fp value;
  bool is_sample;
};

class Transcript {
 public:
  void observe(Fp value);
  void observe(const Digest& digest);
  void observe(const Ext& value);
  void observe(std::span<const Ext> values);

  Fp sample();
  Ext sample_ext();
  // The low `bits` bits (0..30) of one sampled residue; the sample is consumed for bits = 0 too.
  uint32_t sample_bits(unsigned bits);

  // Proof of work: with bits = 0 nothing is touched and any witness passes. Otherwise the witness is
  // observed and one sample drawn, whose low bits must be zero; both stay in the transcript.
  bool check_witness(unsigned bits, Fp witness);
  GrindPoint grind_point() const { return {state_, absorbed_}; }

  // Starts logging every observed and sampled element into `log`; nullptr stops. The log must outlive its
  // use.
  void record_to(std::vector<LogEntry>* log) { log_ = log; }

 private:
  void permute();

  SpongeState state_{};
  uint32_t absorbed_ = 0;  // pending inputs, 0..7
  uint32_t unread_ = 0;    // outputs left, read from state_[7] downwards
  std::vector<LogEntry>* log_ = nullptr;
};

}  // namespace openswirl
