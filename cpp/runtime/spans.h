// The span tree of one run: nested named intervals, recorded by the thread that drives the proof.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "openswirl/work_counts.h"
#include "runtime/planned.h"

namespace openswirl {

// What a device outside of the host did for a span, its children not counted.
struct DeviceWork {
  uint64_t dispatches = 0, submissions = 0, waits = 0;
  uint64_t bytes_touched = 0;  // sum over what the commands read and write
  uint64_t bytes_uploaded = 0, bytes_downloaded = 0;

  DeviceWork& operator+=(const DeviceWork& other);
};

struct SpanRecord {
  std::string name;
  int32_t parent = -1;  // index into the recorder's list, -1 for a root
  double start_s = 0;   // since the recorder was made
  double duration_s = 0;
  double cpu_s = 0;  // processor time of all threads of the process meanwhile
  // Which side the work ran on, as said by a backend that has two.
  bool on_device = false, on_host = false;
  DeviceWork device_work;
#ifdef OPENSWIRL_COUNT_WORK
  WorkCounts work;  // of the recording thread meanwhile
#endif
};

class SpanRecorder {
 public:
  SpanRecorder() : origin_(Clock::now()) {}

  // Opens a child of the innermost open span; returns its index for close().
  int32_t open(std::string name);
  // Closes the span and whatever is still open inside it.
  void close(int32_t index);
  // Adds a closed child of the innermost open span; times on Clock, in seconds.
  void add(std::string name, double begin_s, double end_s, bool on_device);
  // Of the innermost open span.
  void note_host();
  void note_device(const DeviceWork& work);
  // A command of the innermost open span; `at_s` on Clock. A span that is added later and covers that time
  // takes it over.
  void note_planned(PlannedCommand command, double at_s);
  // In order of opening; a span still open has duration 0.
  const std::vector<SpanRecord>& records() const { return records_; }

  struct Planned {
    int32_t span;  // index into records()
    PlannedCommand command;
  };
  // In order of recording.
  const std::vector<Planned>& planned() const { return planned_; }

 private:
  using Clock = std::chrono::steady_clock;
  double since_origin(double at_s) const {
    return at_s - std::chrono::duration<double>(origin_.time_since_epoch()).count();
  }
  static double cpu_now();
  double now() const { return std::chrono::duration<double>(Clock::now() - origin_).count(); }

  Clock::time_point origin_;
  std::vector<SpanRecord> records_;
  std::vector<Planned> planned_;
  int32_t current_ = -1;
};

// Records one span for the lifetime of the object.
class Span {
 public:
  Span(SpanRecorder& recorder, std::string name)
      : recorder_(recorder), index_(recorder.open(std::move(name))) {}
  ~Span() { recorder_.close(index_); }
  Span(const Span&) = delete;
  Span& operator=(const Span&) = delete;

 private:
  SpanRecorder& recorder_;
  int32_t index_;
};

}  // namespace openswirl
