#include "gpu/constraint_sum.h"

#include <algorithm>

#include "gpu/elements.h"
#include "gpu/kernels.h"
#include "poly/eq.h"

namespace openswirl::gpu {
namespace {

constexpr uint64_t kCellBytes = 96;  // operands and weights in both forms

}  // namespace

ConstraintSumStage::ConstraintSumStage(Work& work, const stages::StageInputs& inputs,
                                       const DeviceTraces& traces, const ConstraintPrograms& programs,
                                       const GeneratedConstraints* generated, const Ext& beta,
                                       std::vector<Ext> xi, const Ext& lambda, uint64_t host_entries,
                                       uint64_t coset_words)
    : work_(work),
      inputs_(inputs),
      device_traces_(traces),
      programs_(programs),
      host_entries_(host_entries),
      coset_words_(coset_words),
      rounds_(*inputs.vk, inputs.shape, beta, std::move(xi), lambda) {
  std::vector<Ext> elements;
  const auto l_skip = static_cast<uint32_t>(inputs.shape.params.l_skip);
  for (size_t t = 0; t < inputs.traces.size(); ++t) {
    const uint32_t n = inputs.traces[t].shape.lifted_n;
    Trace& trace = traces_.emplace_back();
    if (generated) trace.generated = generated->air(air_id(t));
    // Traces are sorted by height.
    eq_tables_.push_back(t > 0 && inputs.traces[t - 1].shape.lifted_n == n
                             ? eq_tables_.back()
                             : EqSuffixTables(rounds_.xi().subspan(l_skip, n), elements));
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

PieceRequest ConstraintSumStage::request(size_t t) const {
  PieceRequest request;
  request.view = &inputs_.traces[t];
  request.functions = &rounds_.functions(t);
  request.generated = traces_[t].generated;
  return request;
}

std::vector<stages::ConstraintRounds::Claim> ConstraintSumStage::sum_claims() {
  std::vector<CosetTask> tasks;
  for (size_t t = 0; t < traces_.size(); ++t) {
    if (rounds_.functions(t).counts.empty()) continue;
    CosetTask& task = tasks.emplace_back();
    task.trace = t, task.first_coset = 0, task.cosets = 1, task.results = 2;
  }
  std::vector<stages::ConstraintRounds::DomainSums> domain(traces_.size());
  if (!tasks.empty()) {
    const CosetSums sums = record_cosets(tasks, kClaimSums);
    for (size_t i = 0; i < tasks.size(); ++i) {
      domain[tasks[i].trace] = {sums.sums(i, 1), sums.sums(i, 0)};
    }
  }
  return rounds_.claims(std::move(domain));
}

std::vector<Ext> ConstraintSumStage::first_round(const Ext& mu) {
  rounds_.batch(mu);
  std::vector<CosetTask> tasks;
  for (size_t t = 0; t < traces_.size(); ++t) {
    const uint32_t cosets = rounds_.num_cosets(t);
    if (cosets == 0) continue;
    CosetTask& task = tasks.emplace_back();
    task.trace = t, task.first_coset = 1, task.cosets = cosets, task.results = 2;
  }
  std::vector<stages::ConstraintRounds::CosetSums> coset_sums(traces_.size());
  if (!tasks.empty()) {
    const CosetSums sums = record_cosets(tasks, kUnivariateSums);
    for (size_t i = 0; i < tasks.size(); ++i) {
      coset_sums[tasks[i].trace] = {sums.sums(i, 0), sums.sums(i, 1)};
    }
  }
  return rounds_.univariate(coset_sums);
}

CosetSums ConstraintSumStage::record_cosets(std::vector<CosetTask>& tasks, const ResultOf& result_of) {
  std::vector<PieceRequest> requests;
  const auto l_skip = static_cast<uint32_t>(inputs_.shape.params.l_skip);
  for (CosetTask& task : tasks) {
    task.eq = eq_tables_[task.trace].from(0);
    PieceRequest& request = requests.emplace_back(this->request(task.trace));
    request.places = uint64_t{task.cosets} << (l_skip + inputs_.traces[task.trace].shape.lifted_n);
  }
  PreparedPieces prepared(programs_, codegen::Form::kPoints, requests, result_of, 2);
  const auto weigh = [&](size_t task) { prepared.weigh(task, rounds_.weights(tasks[task].trace)); };
  const CosetOperands operands{inputs_, device_traces_, programs_, rounds_.cosets(), prepared, eq_.range()};
  CosetSums sums(work_, operands, tasks, weigh, coset_words_);
  const std::vector<double> times = work_.wait();
  for (const Marks& marks : sums.generated()) add_generated_span(work_, marks, times);
  return sums;
}

void ConstraintSumStage::fold(const Ext& r_0) {
  const size_t begin = work_.recorder().mark();
  FoldedColumns folded = fold_columns(work_, inputs_, device_traces_, programs_, r_0);
  const size_t end = work_.recorder().mark();
  work_.recorder().submit();
  std::vector<PieceRequest> requests;
  for (size_t t = 0; t < traces_.size(); ++t) {
    traces_[t].columns = folded.traces[t].columns + 3;
    traces_[t].part_starts = folded.traces[t].part_starts;
    traces_[t].places = folded.traces[t].places;
    requests.push_back(request(t));
  }
  rounds_.bind(r_0);
  uint32_t last = 0;
  while (last < inputs_.shape.n_max && !host_takes_over(last + 1)) ++last;
  on_host_ = last == 0 && inputs_.shape.n_max > 0;
  // The device has something to do meanwhile.
  lines_.emplace(work_, LineOperands{inputs_, programs_, rounds_, eq_tables_, eq_.range()},
                 std::move(requests), std::move(folded), last);
  record_downloads(on_host_);
  const std::vector<double> marks = work_.wait();
  work_.context().spans->add("fold_ple", marks[begin], marks[end], true);
  if (on_host_) take_over();
}

bool ConstraintSumStage::host_takes_over(uint32_t round) const {
  uint64_t entries = 0;
  for (size_t t = 0; t < traces_.size() && inputs_.traces[t].shape.lifted_n >= round; ++t) {
    uint64_t instructions = traces_[t].columns;
    for (const ConstraintPiece& piece : programs_.air(air_id(t)).pieces)
      instructions += piece.num_instructions;
    // The host works on vectors of lines.
    entries += std::max(uint64_t{16}, uint64_t{1} << (inputs_.traces[t].shape.lifted_n - round)) *
               instructions * rounds_.positions(t).count;
  }
  return entries > 0 && entries <= host_entries_;
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
  if (!wanted.empty()) lines_->download(first, wanted);
}

void ConstraintSumStage::take_over() {
  for (size_t t = 0; t < traces_.size(); ++t) {
    Trace& trace = traces_[t];
    if (!rounds_.in_head(t) && !rounds_.ends_now(t)) continue;
    const uint32_t log_length = lines_->log_length(t);
    stages::ConstraintLines& lines = trace.lines.emplace(work_.context(), inputs_.traces[t],
                                                         inputs_.programs->air(air_id(t)).lines, log_length);
    const size_t length = size_t{1} << log_length;
    for (size_t i = 0; i < trace.columns; ++i) {
      lines.set_column(i, std::span<const Ext>(trace.values).subspan(trace.places[i] * length, length));
    }
    lines.set_weights(rounds_.weights(t));
    trace.values = {};
  }
  lines_.reset();
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
    lines_->bind(*challenge);
    rounds_.bind(*challenge);
    on_host_ = lines_->handed_over();
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

std::vector<Ext> ConstraintSumStage::device_round() {
  const std::optional<Marks> generated = lines_->record();
  record_downloads(false);
  const std::vector<double> times = work_.wait();
  if (generated) add_generated_span(work_, *generated, times);
  std::vector<std::vector<Ext>> values(traces_.size());
  for (size_t t = 0; t < traces_.size(); ++t) {
    if (rounds_.ends_now(t)) {
      rounds_.add_tail(lines_->sums(t)[0]);
    } else if (rounds_.in_head(t)) {
      values[t] = lines_->sums(t);
    }
  }
  return rounds_.message(values);
}

std::vector<PartOpenings> ConstraintSumStage::finish(const Ext* challenge) {
  if (on_host_) {
    work_.context().spans->note_host();
    if (challenge) bind_on_host(*challenge);
  } else if (challenge) {
    lines_->bind(*challenge);
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
    for (size_t part = 0; part < trace.part_starts.size(); ++part) {
      const size_t end =
          part + 1 < trace.part_starts.size() ? trace.part_starts[part + 1] : trace.columns - 3;
      CompactList<Ext>& values = of_trace.emplace_back();
      for (size_t i = trace.part_starts[part]; i < end; ++i) values.push_back(trace.values[trace.places[i]]);
    }
  }
  return openings;
}

}  // namespace openswirl::gpu
