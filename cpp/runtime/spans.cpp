#include "runtime/spans.h"

#include <utility>

namespace openswirl {

int32_t SpanRecorder::open(std::string name) {
  SpanRecord record;
  record.name = std::move(name);
  record.parent = current_;
  record.start_s = now();
#ifdef OPENSWIRL_COUNT_WORK
  record.work = work_counts;
#endif
  records_.push_back(std::move(record));
  current_ = static_cast<int32_t>(records_.size()) - 1;
  return current_;
}

void SpanRecorder::close(int32_t index) {
  // A span that an enclosing close() already ended is not on the open path any more.
  int32_t open = current_;
  while (open != -1 && open != index) open = records_[static_cast<size_t>(open)].parent;
  if (open == -1) return;
  const double end = now();
  for (int32_t i = current_;; i = records_[static_cast<size_t>(i)].parent) {
    SpanRecord& record = records_[static_cast<size_t>(i)];
    record.duration_s = end - record.start_s;
#ifdef OPENSWIRL_COUNT_WORK
    record.work = work_counts - record.work;
#endif
    if (i == index) {
      current_ = record.parent;
      return;
    }
  }
}

}  // namespace openswirl
