#include "runtime/spans.h"

#include <time.h>

#include <utility>

namespace openswirl {

DeviceWork& DeviceWork::operator+=(const DeviceWork& other) {
  dispatches += other.dispatches, submissions += other.submissions, waits += other.waits;
  bytes_touched += other.bytes_touched;
  bytes_uploaded += other.bytes_uploaded, bytes_downloaded += other.bytes_downloaded;
  return *this;
}

double SpanRecorder::cpu_now() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

int32_t SpanRecorder::open(std::string name) {
  SpanRecord record;
  record.name = std::move(name);
  record.parent = current_;
  record.start_s = now();
  record.cpu_s = -cpu_now();
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
  const double end = now(), cpu = cpu_now();
  for (int32_t i = current_;; i = records_[static_cast<size_t>(i)].parent) {
    SpanRecord& record = records_[static_cast<size_t>(i)];
    record.duration_s = end - record.start_s;
    record.cpu_s += cpu;
#ifdef OPENSWIRL_COUNT_WORK
    record.work = work_counts - record.work;
#endif
    if (i == index) {
      current_ = record.parent;
      return;
    }
  }
}

void SpanRecorder::add(std::string name, double begin_s, double end_s, bool on_device) {
  SpanRecord record;
  record.name = std::move(name);
  record.parent = current_;
  record.start_s = since_origin(begin_s);
  record.duration_s = end_s - begin_s;
  record.on_device = on_device;
  record.on_host = !on_device;
  const double begin = record.start_s, end = since_origin(end_s);
  for (size_t i = planned_.size(); i-- > 0 && planned_[i].span == current_;) {
    Planned& planned = planned_[i];
    if (begin <= planned.command.time_s && planned.command.time_s <= end) {
      planned.span = static_cast<int32_t>(records_.size());
    }
  }
  records_.push_back(std::move(record));
}

void SpanRecorder::note_host() {
  if (current_ != -1) records_[static_cast<size_t>(current_)].on_host = true;
}

void SpanRecorder::note_device(const DeviceWork& work) {
  if (current_ == -1) return;
  SpanRecord& record = records_[static_cast<size_t>(current_)];
  record.on_device |= work.dispatches > 0;
  record.device_work += work;
}

void SpanRecorder::note_planned(PlannedCommand command, double at_s) {
  command.time_s = since_origin(at_s);
  if (current_ != -1) planned_.push_back({current_, std::move(command)});
}

}  // namespace openswirl
