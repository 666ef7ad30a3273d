// What the four stages of one proof share: the session, the shape, progress and grinding. Internal.
#pragma once

#include <string>

#include "backend/backend.h"
#include "schedule/parties.h"

namespace openswirl::prover {

// The part of the progress bar that a stage fills.
struct Stage {
  const char* name;
  double begin, end;
};
inline constexpr Stage kCommit{"commit", 0.0, 0.25};
inline constexpr Stage kLogup{"logup_gkr", 0.25, 0.4};
inline constexpr Stage kConstraints{"constraints", 0.4, 0.65};
inline constexpr Stage kStacking{"stacked_reduction", 0.65, 0.75};
inline constexpr Stage kWhir{"whir", 0.75, 1.0};

struct Run {
  Session& session;
  const ProofShape& shape;
  const Context& context;
  const DeviceInfo& device;

  // Between two rounds: stops if the caller wants to, reports that `done` of `rounds` are behind us.
  void step(const Stage& stage, uint32_t done, uint32_t rounds) const {
    context.cancel->poll();
    if (!context.progress) return;
    const double part = rounds == 0 ? 0.0 : static_cast<double>(done) / rounds;
    context.progress(stage.name, done, stage.begin + (stage.end - stage.begin) * part);
  }

  // The smallest witness; 0 without asking the device where no work is asked for.
  Fp grind(const GrindPoint& point, uint32_t bits) const {
    if (bits == 0) return Fp::zero();
    const Span span(*context.spans, "grind");
    return session.grind(point, bits).take();
  }

  // A device that executes nothing finds no witness; nobody gets its proof.
  void wrong_witness(const char* which) const {
    if (!device.executes) return;
    throw Error(FailureKind::kDevice, "[" + device.name + "] returned a wrong proof-of-work witness (" +
                                          which + "); run doctor on this device");
  }
};

}  // namespace openswirl::prover
