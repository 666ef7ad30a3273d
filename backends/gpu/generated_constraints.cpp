#include "gpu/generated_constraints.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "gpu/constraint_check.h"
#include "gpu/kernels.h"
#include "runtime/notices.h"

namespace openswirl::gpu {
namespace {

// In the background kernels are only made for traces with so many instructions times points: smaller ones are
// done before a kernel of their own starts.
constexpr uint64_t kMinWork = uint64_t{1} << 26;
// What weights of a large AIR's cells take the host, once a message or for all rounds over lines; but the
// device is busy then. Less is not worth what another evaluator adds to a message.
constexpr double kPreparationSeconds = 5e-5;

std::vector<uint32_t> summed_nodes(const AirVk& air) {
  const stages::RowFunctions functions(air.constraints);
  std::vector<uint32_t> nodes;
  for (const auto* of_function : {&functions.constraints, &functions.messages, &functions.counts}) {
    nodes.insert(nodes.end(), of_function->begin(), of_function->end());
  }
  return nodes;
}

}  // namespace

GeneratedText::GeneratedText(const AirVk& air)
    : plan(air, summed_nodes(air)), text(codegen::emit(plan, "constraints")) {
  const AirRows rows(air);
  num_rows = static_cast<uint32_t>(rows.rows.size());
  for (const stages::LeafSource& leaf : plan.expressions().leaves) leaf_rows.push_back(rows.of(leaf));
}

KernelText GeneratedText::kernel_text(size_t kernel, const std::string& name) const {
  const codegen::EmittedKernel& emitted = text.kernels[kernel];
  KernelText result;
  result.name = name;
  result.text = std::string(kernel_prelude()) + emitted.text;
  TextKernel& declared = result.kernels.emplace_back();
  declared.symbol = emitted.symbol;
  declared.buffers = {{"table", Access::kRead},   {"pieces", Access::kRead}, {"addresses", Access::kRead},
                      {"weights", Access::kRead}, {"eq", Access::kRead},     {"partials", Access::kWrite}};
  declared.args_bytes = sizeof(ConstraintSumsPointsArgs);
  declared.group = codegen::group_size(emitted.form);
  declared.threadgroup_bytes = emitted.stores ? 0 : emitted.form == codegen::Form::kPoints ? 4096 : 32;
  return result;
}

std::string GeneratedText::unsuitable() const {
  if (text.kernels.empty()) return "nothing depends on a column";
  for (const codegen::Form form : {codegen::Form::kPoints, codegen::Form::kLines}) {
    const auto count =
        std::count_if(text.kernels.begin(), text.kernels.end(),
                      [&](const codegen::EmittedKernel& kernel) { return kernel.form == form; });
    if (static_cast<size_t>(count) > codegen::kMaxKernels) {
      return "its constraints have too many shapes: " + std::to_string(count) + " kernels, at most " +
             std::to_string(codegen::kMaxKernels) + " are compiled";
    }
  }
  return {};
}

bool GeneratedAir::worth(codegen::Form form, uint64_t places) const {
  if (always) return true;
  const double saved = form == codegen::Form::kPoints ? saved_per_point : saved_per_line;
  return saved * static_cast<double>(places) >= kPreparationSeconds;
}

SummedNodes summed_nodes(const stages::RowFunctions& functions, const ResultOf& result_of, size_t results) {
  SummedNodes sums(results);
  const std::vector<uint32_t>* of_functions[] = {&functions.constraints, &functions.messages,
                                                 &functions.counts};
  for (size_t f = 0; f < 3; ++f) {
    if (!result_of[f]) continue;
    std::vector<uint32_t>& of_sum = sums[*result_of[f]];
    of_sum.insert(of_sum.end(), of_functions[f]->begin(), of_functions[f]->end());
  }
  return sums;
}

GeneratedAir::Tables::Tables(const GeneratedText& text, codegen::Form form, const SummedNodes& sums,
                             std::span<const Fp> public_values)
    : cells(text.plan, text.text, form, text.leaf_rows, text.num_rows,
            text.plan.expressions().uniform_values(public_values), sums) {}

std::shared_ptr<const GeneratedAir::Tables> GeneratedAir::tables(codegen::Form form, const SummedNodes& sums,
                                                                 std::span<const Fp> public_values) const {
  const std::lock_guard lock(mutex_);
  const auto kept = std::find_if(kept_.begin(), kept_.end(),
                                 [&](const Kept& one) { return one.form == form && one.sums == sums; });
  if (kept != kept_.end() && std::ranges::equal(kept->public_values, public_values)) return kept->tables;
  auto made = std::make_shared<const Tables>(text, form, sums, public_values);
  if (kept != kept_.end()) {
    kept->public_values.assign(public_values.begin(), public_values.end()), kept->tables = made;
  } else {
    kept_.push_back({form, sums, {public_values.begin(), public_values.end()}, made});
  }
  return made;
}

void GeneratedAir::upload_tables(Work& work, const AirVk& air) {
  if (air.num_public_values > 0) return;
  const stages::RowFunctions functions(air.constraints);
  std::vector<std::shared_ptr<Tables>> made;
  const auto make = [&](codegen::Form form, const ResultOf& result_of, size_t results) {
    const SummedNodes sums = summed_nodes(functions, result_of, results);
    const auto& tables = made.emplace_back(std::make_shared<Tables>(text, form, sums, std::span<const Fp>()));
    tables->words = work.upload(tables->cells.words(), "cell tables");
    kept_.push_back({form, sums, {}, tables});
  };
  kept_.clear();
  if (!functions.counts.empty()) make(codegen::Form::kPoints, kClaimSums, 2);
  make(codegen::Form::kPoints, kUnivariateSums, 2);
  make(codegen::Form::kLines, kLineSums, 1);
  work.wait();
}

GeneratedConstraints::GeneratedConstraints(std::shared_ptr<const Engine> engine, const VerifyingKey& vk,
                                           const ConstraintPrograms& programs)
    : engine_(std::move(engine)),
      vk_(vk),
      programs_(programs),
      pid_(getpid()),
      shared_(std::make_unique<Shared>()) {
  shared_->entries.resize(vk.airs.size());
}

bool GeneratedConstraints::is_child() const { return pid_ != getpid(); }

GeneratedConstraints::~GeneratedConstraints() {
  if (is_child()) {
    (void)shared_.release();  // the thread is not here
    return;
  }
  if (!shared_->thread.joinable()) return;
  cancel_->cancel();
  {
    std::unique_lock lock(shared_->mutex);
    shared_->ending = true;
    shared_->queue.clear();
    shared_->changed.notify_all();
    if (!shared_->changed.wait_for(lock, std::chrono::seconds(2), [&] { return shared_->ended; })) {
      add_notice(
          engine_->runtime->info().name +
          ": waiting for a kernel that is being compiled and cannot be stopped; OPENSWIRL_GENERATED=off "
          "compiles none");
    }
  }
  shared_->thread.join();
}

std::shared_ptr<const GeneratedAir> GeneratedConstraints::make(uint32_t air_id) const {
  const auto air = std::make_shared<GeneratedAir>(vk_.airs[air_id]);
  const std::string reason = air->text.unsuitable();
  const std::string name = "constraints of AIR " + std::to_string(air_id);
  if (!reason.empty()) throw Error(FailureKind::kUnsupported, name + ": " + reason);
  Context context;
  context.cancel = cancel_;
  for (size_t k = 0; k < air->text.text.kernels.size(); ++k) {
    cancel_->poll();
    air->programs.push_back(engine_->runtime->compile(air->text.kernel_text(k, name), context).take());
  }
  air->always = true;  // for the check
  Work work(engine_, context);
  const bool always = engine_->generated == Generated::kAll;
  check_generated(work, vk_, programs_, air_id, !always, *air);
  air->always = always;
  air->upload_tables(work, vk_.airs[air_id]);
  return air;
}

void GeneratedConstraints::start() {
  // Signals stay with the threads of the application.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  auto started = guard([&] { shared_->thread = std::thread([this] { run(); }); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  std::move(started).take();
}

void GeneratedConstraints::run() {
  Shared& shared = *shared_;
  std::unique_lock lock(shared.mutex);
  while (true) {
    shared.changed.wait(lock, [&] { return shared.ending || !shared.queue.empty(); });
    if (shared.ending) break;
    const uint32_t air_id = shared.queue.back();
    shared.queue.pop_back();
    lock.unlock();
    auto made = guard([&] { return make(air_id); });
    if (!made.ok() && made.failure().kind != FailureKind::kCancelled) {
      add_notice(engine_->runtime->info().name + ": the interpreter is used: " + made.failure().message);
    }
    lock.lock();
    Entry& entry = shared.entries[air_id];
    if (made.ok()) {
      entry.air = std::move(made).take();
      entry.state = State::kReady;
    } else {
      entry.failure = made.failure();
      entry.state = State::kFailed;
    }
    shared.changed.notify_all();
  }
  shared.ended = true;
  shared.changed.notify_all();
}

void GeneratedConstraints::request(const ProofShape& shape, const CancelToken& cancel) {
  const Generated mode = engine_->generated;
  if (mode == Generated::kOff || is_child()) return;
  const bool waits = mode != Generated::kOn;
  const std::string cannot = engine_->runtime->cannot_compile();
  if (!cannot.empty()) {
    if (!waits) return;
    throw Error(FailureKind::kUnsupported,
                "OPENSWIRL_GENERATED asks for kernels that are compiled at run time: " + cannot +
                    "; set it to on or off");
  }
  Shared& shared = *shared_;
  std::unique_lock lock(shared.mutex);
  std::vector<uint32_t> wanted;
  for (const TraceShape& trace : shape.traces) {
    Entry& entry = shared.entries[trace.air_id];
    uint64_t instructions = 0;
    for (const ConstraintPiece& piece : programs_.air(trace.air_id).pieces)
      instructions += piece.num_instructions;
    const uint64_t points = uint64_t{1} << (shape.params.l_skip + trace.lifted_n);
    if (instructions == 0 || (mode != Generated::kAll && instructions * points < kMinWork)) continue;
    wanted.push_back(trace.air_id);
    if (entry.state != State::kNone) continue;
    entry.state = State::kQueued;
    shared.queue.insert(shared.queue.begin(), trace.air_id);
  }
  if (wanted.empty()) return;
  if (!shared.thread.joinable()) start();
  shared.changed.notify_all();
  if (!waits) return;
  for (const uint32_t air_id : wanted) {
    const Entry& entry = shared.entries[air_id];
    while (entry.state == State::kQueued) {
      shared.changed.wait_for(lock, std::chrono::milliseconds(50));
      cancel.poll();
    }
    // What has no kernels is interpreted; what has wrong ones was asked for and is not there.
    if (entry.state == State::kFailed && entry.failure.kind != FailureKind::kUnsupported)
      throw Error(entry.failure);
  }
}

std::shared_ptr<const GeneratedAir> GeneratedConstraints::air(uint32_t air_id) const {
  if (is_child()) return nullptr;
  const std::lock_guard lock(shared_->mutex);
  return shared_->entries[air_id].air;
}

}  // namespace openswirl::gpu
