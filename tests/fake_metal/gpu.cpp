// The GPU: a thread that runs committed command buffers one after another and checks what orders their
// dispatches.
#include <mach/mach_time.h>

#include <algorithm>
#include <deque>
#include <thread>

#include "commands.h"
#include "runtime/context.h"
#include "sim/executor.h"

namespace fake_metal {
namespace {

using openswirl::gpu::Access;

constexpr unsigned kMinThreads = 2;
// A shadow has 20 bits for the number of a dispatch.
constexpr uint32_t kFirstNumber = 2, kLastNumber = 1'000'000;

struct PlannedFault {
  uint64_t ahead;
  Fault fault;
};

// Never destroyed: its thread outlives static destruction.
struct Gpu {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<CommandBuffer*> queue;
  std::vector<PlannedFault> faults;
  std::vector<std::string> violations;
  std::vector<CommandBuffer*> stuck;  // will never complete
  bool is_stuck = false;
  bool started = false;
  bool busy = false;  // with a command buffer, its handlers included
  System system;
  LiveCounts counts;

  // Of the thread alone.
  uint32_t next_number = kFirstNumber;
  std::atomic<uint32_t> seen_numbers{kFirstNumber};
  openswirl::Context context;
};

Gpu& gpu() {
  static auto* one = new Gpu;
  return *one;
}

double now() {
  mach_timebase_info_data_t base{};
  mach_timebase_info(&base);
  return 1e-9 * static_cast<double>(mach_absolute_time()) * base.numer / base.denom;
}

// What runs between the begin and the end of an encoder.
struct Run {
  Done known;               // through fences
  uint32_t begin, section;  // numbers of its first dispatch, and of the first since its last barrier
};

struct Refusal {
  std::string what;
};

void require_alive(const Object* object, const std::string& kernel, const char* what) {
  if (!object->alive) throw Refusal{kernel + ": " + what + " was released before the command ran"};
}

openswirl::sim::Bound bind(Buffer* buffer, size_t offset, const char* name, Access access, uint32_t number) {
  return {buffer->data + offset,
          buffer->data + buffer->bytes,
          buffer->data,
          name,
          access,
          buffer->shadow.get(),
          number};
}

void run_dispatch(CommandBuffer& buffer, const Step& step, const Run& run) {
  const Code& code = *step.pipeline->code;
  const std::string& kernel = code.symbol;
  require_alive(step.pipeline, kernel, "its pipeline");
  const uint32_t number = gpu().next_number++;
  Done done = run.known;
  done.add(run.begin, run.section);

  openswirl::sim::Launch launch;
  launch.entry = &code.entry;
  launch.group_size = static_cast<uint32_t>(step.group);
  launch.threadgroup_bytes = code.threadgroup_bytes;
  launch.groups = {static_cast<uint32_t>(step.groups.x), static_cast<uint32_t>(step.groups.y),
                   static_cast<uint32_t>(step.groups.z)};
  launch.earlier = &done;
  std::set<const Buffer*> bound;
  for (size_t i = 0; i < code.buffers.size(); ++i) {
    const Bound& slot = step.slots[i];
    const char* const name = code.buffers[i].name.c_str();
    if (!slot.set) throw Refusal{kernel + ": nothing is bound to " + name};
    if (!slot.bytes.empty()) throw Refusal{kernel + ": bytes are bound to the buffer " + name};
    launch.buffers.push_back(slot.buffer ? slot.buffer->data + slot.offset : nullptr);
    if (!slot.buffer) continue;
    require_alive(slot.buffer, kernel, name);
    bound.insert(slot.buffer);
    launch.bound.push_back(bind(slot.buffer, slot.offset, name, code.buffers[i].access, number));
  }
  const Bound& args = step.slots[code.buffers.size()];
  if (args.bytes.size() != code.args_bytes) {
    throw Refusal{kernel + ": its arguments have " + std::to_string(code.args_bytes) + " bytes, " +
                  std::to_string(args.bytes.size()) + " are bound"};
  }
  launch.args = args.bytes.data();
  // What tables of addresses may lead to.
  const char* const reached = "a buffer reached by address";
  for (const Used& used : step.used) {
    if (!used.buffer->alive) throw Refusal{kernel + ": a used resource was released before the command ran"};
    launch.bound.push_back(bind(used.buffer, 0, reached, used.access, number));
  }
  for (Buffer* resident : buffer.resident) {
    if (!resident->alive) continue;
    const Access access = bound.contains(resident) ? Access::kRead : Access::kReadWrite;
    launch.bound.push_back(bind(resident, 0, reached, access, number));
  }
  ++gpu().counts.dispatches;
  openswirl::sim::run_groups(launch, gpu().context);
}

void run_steps(CommandBuffer& buffer) {
  Run run{};
  for (const Step& step : buffer.steps) {
    switch (step.kind) {
      case Step::kBegin:
        run = {{}, gpu().next_number, gpu().next_number};
        run.known.add(kFirstNumber, buffer.seen_numbers);
        break;
      case Step::kBarrier:
        run.section = gpu().next_number;
        break;
      case Step::kWait:
        require_alive(step.fence, "an encoder", "its fence");
        if (!step.fence->updated) throw Refusal{"an encoder waits for a fence that nobody updated"};
        run.known.add(step.fence->done);
        break;
      case Step::kUpdate:
        require_alive(step.fence, "an encoder", "its fence");
        step.fence->done = run.known;
        step.fence->done.add(run.begin, gpu().next_number);
        step.fence->updated = true;
        break;
      case Step::kDispatch:
        run_dispatch(buffer, step, run);
        break;
    }
  }
}

void run_planned(CommandBuffer& buffer, Fault fault) {
  switch (fault) {
    case Fault::kTimeout:
      return buffer.fail(2, "Caused GPU Timeout Error");
    case Fault::kPageFault:
      return buffer.fail(3, "Caused GPU Address Fault Error");
    case Fault::kOutOfMemory:
      return buffer.fail(8, "Insufficient Memory");
    case Fault::kDeviceRemoved:
      return buffer.fail(11, "Device removed");
    default:
      run_steps(buffer);
  }
}

void complete(CommandBuffer& buffer) {
  {
    const std::lock_guard lock(buffer.mutex);
    buffer.status = buffer.error_code == 0 ? kCompleted : kFailed;
  }
  for (void* block : buffer.handlers) {
    struct Layout {
      void* isa;
      int flags, reserved;
      void (*invoke)(void* block, CommandBuffer* completed);
    };
    static_cast<Layout*>(block)->invoke(block, &buffer);
  }
  buffer.done.notify_all();
  buffer.release();
}

void count(CommandBuffer& buffer) {
  uint64_t dispatches = 0;
  for (const Step& step : buffer.steps) dispatches += step.kind == Step::kDispatch;
  ++gpu().counts.command_buffers;
  if (dispatches > gpu().counts.most_dispatches) gpu().counts.most_dispatches = dispatches;
}

void work() {
  Gpu& self = gpu();
  self.context.pool =
      std::make_shared<openswirl::ThreadPool>(std::max(kMinThreads, std::thread::hardware_concurrency()));
  for (;;) {
    CommandBuffer* buffer = nullptr;
    Fault fault = Fault::kNone;
    {
      std::unique_lock lock(self.mutex);
      if (std::exchange(self.busy, false)) self.changed.notify_all();
      self.changed.wait(lock, [&] { return !self.queue.empty(); });
      self.busy = true;
      buffer = self.queue.front();
      self.queue.pop_front();
      for (PlannedFault& planned : self.faults) {
        if (planned.ahead-- == 0) fault = planned.fault;
      }
      std::erase_if(self.faults, [](const PlannedFault& planned) { return planned.ahead == UINT64_MAX; });
      if (fault == Fault::kNeverCompletes) self.is_stuck = true;
      if (self.is_stuck) {
        self.stuck.push_back(buffer);
        continue;
      }
    }
    if (self.next_number > kLastNumber) die("more dispatches than a run of this device can tell apart");
    count(*buffer);
    buffer->start = now();
    try {
      if (buffer->error_code == 0) run_planned(*buffer, fault);
    } catch (const Refusal& refusal) {
      buffer->fail(1, refusal.what);
    } catch (const std::exception& error) {
      buffer->fail(1, error.what());
    }
    buffer->end = now();
    buffer->last_number = self.next_number;
    if (buffer->error_code == 1) violation(buffer->error_text);
    complete(*buffer);
  }
}

}  // namespace

LiveCounts& live_counts() { return gpu().counts; }

std::atomic<uint32_t>& seen_numbers() { return gpu().seen_numbers; }

void violation(const std::string& what) {
  const std::lock_guard lock(gpu().mutex);
  gpu().violations.push_back(what);
}

void run_on_gpu(CommandBuffer* buffer) {
  Gpu& self = gpu();
  {
    const std::lock_guard lock(self.mutex);
    self.queue.push_back(buffer);
    if (!std::exchange(self.started, true)) std::thread(&work).detach();
  }
  self.changed.notify_all();
}

const System& system() { return gpu().system; }

void reset(const System& system) {
  Gpu& self = gpu();
  std::unique_lock lock(self.mutex);
  // The last handler may still be on its way out of what it was called from.
  self.changed.wait(lock, [&] { return !self.busy; });
  self.system = system;
  self.faults.clear();
  self.violations.clear();
  self.is_stuck = false;
  LiveCounts& counts = self.counts;
  for (auto* value : {&counts.libraries, &counts.compiled_pipelines, &counts.archived_pipelines,
                      &counts.command_buffers, &counts.encoders, &counts.dispatches, &counts.barriers,
                      &counts.fence_waits, &counts.used_resources, &counts.most_dispatches}) {
    *value = 0;
  }
}

void plan_fault(Fault fault, uint64_t ahead) {
  const std::lock_guard lock(gpu().mutex);
  gpu().faults.push_back({ahead, fault});
}

Counts counts() {
  const LiveCounts& live = gpu().counts;
  return {live.libraries,      live.compiled_pipelines, live.archived_pipelines, live.command_buffers,
          live.encoders,       live.dispatches,         live.barriers,           live.fence_waits,
          live.used_resources, live.most_dispatches,    live.live_bytes};
}

std::vector<std::string> violations() {
  const std::lock_guard lock(gpu().mutex);
  return gpu().violations;
}

}  // namespace fake_metal
