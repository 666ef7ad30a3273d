// Part 07, 5, step 6: the statement, in AIR id order.
#include "schedule/protocol.h"

namespace openswirl {

void run_preamble(Transcript& transcript, const VerifyingKey& vk, const Proof& statement) {
  transcript.observe(vk.pre_hash);
  transcript.observe(statement.common_main_commit);
  for (size_t id = 0; id < vk.airs.size(); ++id) {
    const AirVk& air = vk.airs[id];
    const TraceVData* vdata = statement.trace_vdata[id];
    if (!air.is_required) transcript.observe(vdata ? Fp::one() : Fp::zero());
    if (!vdata) continue;
    if (air.preprocessed) {
      transcript.observe(air.preprocessed->commit);  // fixes the height too
    } else {
      transcript.observe(Fp::from_u64(vdata->log_height));
    }
    for (const Digest& commitment : vdata->cached_commitments) transcript.observe(commitment);
    for (const Fp value : statement.public_values[id]) transcript.observe(value);
  }
}

}  // namespace openswirl
