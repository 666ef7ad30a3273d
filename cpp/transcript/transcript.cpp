#include "transcript/transcript.h"

namespace openswirl {

void Transcript::permute() {
  poseidon2_permute(state_);
  absorbed_ = 0;
  unread_ = kRate;
}

void Transcript::observe(Fp value) {
  if (log_) log_->push_back({value, false});
  state_[absorbed_++] = value;
  if (absorbed_ == kRate) permute();
}

void Transcript::observe(const Digest& digest) {
  for (const Fp value : digest) observe(value);
}

void Transcript::observe(const Ext& value) {
  for (const Fp coefficient : value.c) observe(coefficient);
}

void Transcript::observe(std::span<const Ext> values) {
  for (const Ext& value : values) observe(value);
}

Fp Transcript::sample() {
  if (absorbed_ != 0 || unread_ == 0) permute();
  const Fp value = state_[--unread_];
  if (log_) log_->push_back({value, true});
  return value;
}

Ext Transcript::sample_ext() {
  Ext value;
  for (Fp& coefficient : value.c) coefficient = sample();
  return value;
}

uint32_t Transcript::sample_bits(unsigned bits) { return sample().canonical() & ((uint32_t{1} << bits) - 1); }

bool Transcript::check_witness(unsigned bits, Fp witness) {
  if (bits == 0) return true;
  observe(witness);
  return sample_bits(bits) == 0;
}

}  // namespace openswirl
