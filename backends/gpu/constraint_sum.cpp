#include "gpu/constraint_sum.h"

#include <algorithm>

namespace openswirl::gpu {
namespace {

constexpr uint64_t kCellBytes = 96;  // operands and weights in both forms

std::vector<const stages::RowFunctions*> functions_of(const stages::StageInputs& inputs,
                                                      const ConstraintPrograms& programs) {
  std::vector<const stages::RowFunctions*> functions;
  for (const TraceShape& trace : inputs.shape.traces) {
    functions.push_back(&programs.air(trace.air_id).functions);
  }
  return functions;
}

}  // namespace

ConstraintSumStage::ConstraintSumStage(Work& work, const stages::StageInputs& inputs,
                                       const DeviceTraces& traces, const ConstraintPrograms& programs,
                                       std::unique_ptr<ConstraintPlan> plan, const Ext& beta,
                                       std::vector<Ext> xi, const Ext& lambda)
    : work_(work),
      inputs_(inputs),
      device_traces_(traces),
      plan_(std::move(plan)),
      rounds_(*inputs.vk, inputs.shape, functions_of(inputs, programs), beta, std::move(xi), lambda) {
  traces_.resize(inputs.traces.size());
  std::vector<Ext> elements;
  const auto l_skip = static_cast<uint32_t>(inputs.shape.params.l_skip);
  for (size_t t = 0; t < inputs.traces.size(); ++t) {
    const uint32_t n = inputs.traces[t].shape.lifted_n;
    // Others have the tables of the trace in front of them.
    if (t == 0 || inputs.traces[t - 1].shape.lifted_n != n) {
      plan_->eq[t].append(rounds_.xi().subspan(l_skip, n), elements);
    }
  }
  eq_ = work.upload(std::span<const Ext>(elements), "eq tables");
}

uint64_t ConstraintSumStage::bytes(const VerifyingKey& vk, const ProofShape& shape) {
  uint64_t folded = 0, rows = 0, widest_block = 0;
  for (const TraceShape& trace : shape.traces) {
    const AirVk& air = vk.airs[trace.air_id];
    const uint64_t columns = air.width.total() * (air.need_rot ? 2 : 1) + 3;
    const uint64_t words = 4 * columns * std::max<uint64_t>(air.max_constraint_degree, 1);
    folded += sizeof(Ext) * (columns << trace.lifted_n);
    // Operands and weights of cells, of which there are at most as many as nodes.
    folded += kCellBytes * air.constraints.nodes.size();
    rows += words << (shape.params.l_skip + trace.lifted_n);
    widest_block = std::max(widest_block, words << std::max<uint64_t>(shape.params.l_skip, 2));
  }
  return std::max(folded + folded / 2, std::min(rows, std::max(4 * kCosetWords, widest_block)));
}

void ConstraintSumStage::record(CosetSums& sums) {
  sums.record(work_, eq_.range(), [&](size_t task) {
    sums.prepared().weigh(work_.context(), task, rounds_.weights(sums.tasks()[task].trace));
  });
}

void ConstraintSumStage::add_spans(const CosetSums& sums, std::span<const double> times) {
  for (const Marks& marks : sums.generated()) add_generated_span(work_, marks, times);
}

std::vector<stages::ConstraintRounds::Claim> ConstraintSumStage::sum_claims() {
  std::vector<stages::ConstraintRounds::DomainSums> domain(traces_.size());
  CosetSums& sums = *plan_->claims;
  if (!sums.tasks().empty()) {
    record(sums);
    add_spans(sums, work_.wait());
    for (size_t i = 0; i < sums.tasks().size(); ++i) {
      domain[sums.tasks()[i].trace] = {sums.sums(i, 1), sums.sums(i, 0)};
    }
  }
  plan_->claims.reset();
  return rounds_.claims(std::move(domain));
}

std::vector<Ext> ConstraintSumStage::first_round(const Ext& mu) {
  rounds_.batch(mu);
  std::vector<stages::ConstraintRounds::CosetSums> coset_sums(traces_.size());
  CosetSums& sums = *plan_->univariate;
  if (!sums.tasks().empty()) record(sums);
  const uint64_t submitted = work_.recorder().submitted();
  // While the device works.
  plan_->lines->weigh(rounds_);
  add_spans(sums, work_.wait_until(submitted));
  for (size_t i = 0; i < sums.tasks().size(); ++i) {
    coset_sums[sums.tasks()[i].trace] = {sums.sums(i, 0), sums.sums(i, 1)};
  }
  plan_->univariate.reset();
  return rounds_.univariate(coset_sums);
}

void ConstraintSumStage::fold(const Ext& r_0) {
  LineRounds& lines = *plan_->lines;
  const size_t begin = work_.recorder().mark();
  FoldedColumns folded = fold_columns(work_, inputs_, device_traces_, plan_->fold, r_0);
  const size_t end = work_.recorder().mark();
  work_.recorder().submit();
  const uint64_t submitted = work_.recorder().submitted();
  rounds_.bind(r_0);
  // While the device works.
  lines.begin(rounds_, eq_.range(), std::move(folded));
  std::vector<double> times;
  if (lines.handed_over()) {
    on_host_ = inputs_.shape.n_max > 0;
    record_downloads(on_host_);
    times = work_.wait();
  } else {
    // No challenge stands between the fold and the first round over the hypercube.
    record_round();
    work_.recorder().submit();
    times = work_.wait_until(submitted);
  }
  work_.context().spans->add("fold_ple", times[begin], times[end], true);
  if (on_host_) take_over();
}

void ConstraintSumStage::record_downloads(bool all) {
  // Taller traces come first, so that those that end now follow each other.
  size_t first = 0;
  std::vector<std::vector<Ext>*> wanted;
  for (size_t t = 0; t < traces_.size(); ++t) {
    if (!traces_[t].values.empty() || (!all && rounds_.in_head(t))) continue;
    if (wanted.empty()) first = t;
    wanted.push_back(&traces_[t].values);
  }
  if (!wanted.empty()) plan_->lines->download(first, wanted);
}

void ConstraintSumStage::take_over() {
  for (size_t t = 0; t < traces_.size(); ++t) {
    Trace& trace = traces_[t];
    if (!rounds_.in_head(t) && !rounds_.ends_now(t)) continue;
    const uint32_t log_length = plan_->lines->log_length(t);
    stages::ConstraintLines& lines = trace.lines.emplace(work_.context(), inputs_.traces[t],
                                                         inputs_.programs->air(air_id(t)).lines, log_length);
    const size_t length = size_t{1} << log_length;
    const std::vector<uint32_t>& places = plan_->fold.traces[t].places;
    for (size_t i = 0; i < places.size(); ++i) {
      lines.set_column(i, std::span<const Ext>(trace.values).subspan(places[i] * length, length));
    }
    lines.set_weights(rounds_.weights(t));
    trace.values = {};
  }
  plan_->lines.reset();
}

void ConstraintSumStage::bind_on_host(const Ext& challenge) {
  for (size_t t = 0; t < traces_.size() && rounds_.in_head(t); ++t) traces_[t].lines->bind(challenge);
  rounds_.bind(challenge);
}

std::vector<Ext> ConstraintSumStage::next(const Ext* challenge) {
  if (on_host_) {
    work_.context().spans->note_host();
    if (challenge) rounds_.bind(*challenge);
    return host_round(challenge);
  }
  if (challenge) {
    plan_->lines->bind(*challenge);
    rounds_.bind(*challenge);
    on_host_ = plan_->lines->handed_over();
    if (on_host_) {
      record_downloads(true);
      work_.wait();
      take_over();
      work_.context().spans->note_host();
      return host_round(nullptr);
    }
  }
  return device_round();
}

std::vector<Ext> ConstraintSumStage::host_round(const Ext* challenge) {
  std::vector<std::vector<Ext>> values(traces_.size());
  for (size_t t = 0; t < traces_.size(); ++t) {
    std::optional<stages::ConstraintLines>& lines = traces_[t].lines;
    if (rounds_.ends_now(t)) {
      if (challenge) lines->bind(*challenge);
      rounds_.add_tail(lines->value());
    }
    if (!rounds_.in_head(t)) continue;
    const auto [first, count] = rounds_.positions(t);
    values[t] = lines->evaluate(rounds_.line_point(t), first, count, challenge);
  }
  return rounds_.message(values);
}

void ConstraintSumStage::record_round() {
  generated_ = plan_->lines->record_sums();
  record_downloads(false);
  recorded_ = true;
}

std::vector<Ext> ConstraintSumStage::device_round() {
  if (!recorded_) record_round();
  recorded_ = false;
  const std::optional<Marks> generated = generated_;
  work_.recorder().submit();
  const uint64_t submitted = work_.recorder().submitted();
  if (plan_->lines->has_round_ahead()) {
    // While the device works.
    generated_ = plan_->lines->record_ahead();
    recorded_ = true;
  }
  const std::vector<double> times = work_.wait_until(submitted);
  if (generated) add_generated_span(work_, *generated, times);
  std::vector<std::vector<Ext>> values(traces_.size());
  for (size_t t = 0; t < traces_.size(); ++t) {
    if (rounds_.ends_now(t)) {
      rounds_.add_tail(plan_->lines->sums(t)[0]);
    } else if (rounds_.in_head(t)) {
      values[t] = plan_->lines->sums(t);
    }
  }
  return rounds_.message(values);
}

std::vector<PartOpenings> ConstraintSumStage::finish(const Ext* challenge) {
  if (on_host_) {
    work_.context().spans->note_host();
    if (challenge) bind_on_host(*challenge);
  } else if (challenge) {
    plan_->lines->bind(*challenge);
    rounds_.bind(*challenge);
    record_downloads(false);
    work_.wait();
  }
  std::vector<PartOpenings> openings;
  for (size_t t = 0; t < traces_.size(); ++t) {
    const Trace& trace = traces_[t];
    PartOpenings& of_trace = openings.emplace_back();
    if (trace.lines) {
      of_trace = trace.lines->openings();
      continue;
    }
    const FoldedTrace& folded = plan_->fold.traces[t];
    for (size_t part = 0; part < folded.part_starts.size(); ++part) {
      const size_t end = part + 1 < folded.part_starts.size() ? folded.part_starts[part + 1] : folded.columns;
      std::vector<Ext> values;
      values.reserve(end - folded.part_starts[part]);
      for (size_t c = folded.part_starts[part]; c < end; ++c)
        values.push_back(trace.values[folded.places[c]]);
      of_trace.emplace_back(std::move(values));
    }
  }
  return openings;
}

}  // namespace openswirl::gpu
