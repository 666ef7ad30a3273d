#include "gpu/constraint_sum.h"

#include <algorithm>

#include "gpu/elements.h"
#include "gpu/kernels.h"
#include "poly/eq.h"

namespace openswirl::gpu {
namespace {

constexpr uint64_t kMaxSpillingGroups = 4096;  // as in coset_sums.cpp

const std::vector<Ext>& weights_of(const stages::RowWeights& weights, RowFunction function) {
  switch (function) {
    case RowFunction::kConstraints:
      return weights.constraints;
    case RowFunction::kMessages:
      return weights.messages;
    default:
      return weights.counts;
  }
}

bool is_logup(const ConstraintPiece& piece) { return piece.function != RowFunction::kConstraints; }

}  // namespace

ConstraintSumStage::ConstraintSumStage(Work& work, const stages::StageInputs& inputs,
                                       const DeviceTraces& traces, const ConstraintPrograms& programs,
                                       const Ext& beta, std::vector<Ext> xi, const Ext& lambda,
                                       uint64_t host_entries, uint64_t coset_words)
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
    // Traces are sorted by height.
    trace.eq = t > 0 && inputs.traces[t - 1].shape.lifted_n == n
                   ? traces_[t - 1].eq
                   : EqSuffixTables(rounds_.xi().subspan(l_skip, n), elements);
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
    rows += words << (shape.params.l_skip + trace.lifted_n);
    widest_block = std::max(widest_block, words << std::max<uint64_t>(shape.params.l_skip, 2));
  }
  return std::max(folded + folded / 2, std::min(rows, std::max(4 * kCosetWords, widest_block)));
}

ConstraintSumStage::Weights ConstraintSumStage::upload_weights() const {
  Weights result;
  size_t elements = 0;
  for (size_t t = 0; t < traces_.size(); ++t) {
    result.first_element.push_back(u32_of(elements));
    for (const ConstraintPiece& piece : programs_.air(air_id(t)).pieces) elements += piece.nodes.size();
  }
  result.constants.resize(traces_.size(), Ext::zero());
  std::vector<Ext> words(elements);
  work_.context().parallel_for(traces_.size(), 4, [&](size_t begin, size_t end) {
    for (size_t t = begin; t < end; ++t) {
      const stages::RowWeights weights = rounds_.weights(t);
      result.constants[t] = weights.constant;
      Ext* next = words.data() + result.first_element[t];
      for (const ConstraintPiece& piece : programs_.air(air_id(t)).pieces) {
        const std::vector<Ext>& of_function = weights_of(weights, piece.function);
        for (const uint32_t node : piece.nodes) {
          *next++ = node == ConstraintPiece::kNoNode ? Ext::zero() : of_function[node];
        }
      }
    }
  });
  // Public values follow, four to an element.
  uint32_t publics = 0;
  words.push_back(Ext::zero());
  for (size_t t = 0; t < traces_.size(); ++t) {
    result.publics.push_back(u32_of(4 * elements) + publics);
    for (const Fp value : inputs_.traces[t].public_values) {
      words.back().c[publics % 4] = value;
      if (++publics % 4 == 0) words.push_back(Ext::zero());
    }
  }
  result.words = work_.upload(std::span<const Ext>(words), "constraint weights");
  return result;
}

std::vector<stages::ConstraintRounds::Claim> ConstraintSumStage::sum_claims() {
  std::vector<CosetTask> tasks;
  for (size_t t = 0; t < traces_.size(); ++t) {
    if (rounds_.functions(t).counts.empty()) continue;
    CosetTask& task = tasks.emplace_back();
    task.trace = t, task.first_coset = 0, task.cosets = 1, task.results = 2;
    for (const ConstraintPiece& piece : programs_.air(air_id(t)).pieces) {
      if (is_logup(piece))
        task.pieces.push_back({&piece, 0, piece.function == RowFunction::kCounts ? 1u : 0u});
    }
  }
  std::vector<stages::ConstraintRounds::DomainSums> domain(traces_.size());
  if (!tasks.empty()) {
    const CosetSums sums = record_cosets(tasks);
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
    for (const ConstraintPiece& piece : programs_.air(air_id(t)).pieces) {
      task.pieces.push_back({&piece, 0, is_logup(piece) ? 0u : 1u});
    }
  }
  std::vector<stages::ConstraintRounds::CosetSums> coset_sums(traces_.size());
  if (!tasks.empty()) {
    const CosetSums sums = record_cosets(tasks);
    for (size_t i = 0; i < tasks.size(); ++i) {
      coset_sums[tasks[i].trace] = {sums.sums(i, 0), sums.sums(i, 1)};
    }
  }
  return rounds_.univariate(coset_sums);
}

CosetSums ConstraintSumStage::record_cosets(std::vector<CosetTask>& tasks) {
  const Weights weights = upload_weights();
  for (CosetTask& task : tasks) {
    uint32_t element = weights.first_element[task.trace];
    size_t next = 0;
    for (const ConstraintPiece& piece : programs_.air(air_id(task.trace)).pieces) {
      if (next < task.pieces.size() && task.pieces[next].piece == &piece)
        task.pieces[next++].weights = element;
      element += u32_of(piece.nodes.size());
    }
    task.eq = traces_[task.trace].eq.from(0);
    task.publics = weights.publics[task.trace];
  }
  const CosetOperands operands{inputs_,          device_traces_,        programs_,
                               rounds_.cosets(), weights.words.range(), eq_.range()};
  CosetSums sums(work_, operands, tasks, coset_words_);
  work_.wait();
  return sums;
}

void ConstraintSumStage::fold(const Ext& r_0) {
  const size_t begin = work_.recorder().mark();
  FoldedColumns folded = fold_columns(work_, inputs_, device_traces_, r_0);
  const size_t end = work_.recorder().mark();
  elements_ = std::move(folded.elements);
  for (size_t t = 0; t < traces_.size(); ++t) traces_[t].folded = std::move(folded.traces[t]);
  work_.recorder().submit();
  rounds_.bind(r_0);
  weights_ = upload_weights();
  on_host_ = host_takes_over();
  record_downloads(on_host_);
  const std::vector<double> marks = work_.wait();
  work_.context().spans->add("fold_ple", marks[begin], marks[end], true);
  if (on_host_) take_over();
}

bool ConstraintSumStage::host_takes_over() const {
  uint64_t entries = 0;
  for (size_t t = 0; t < traces_.size() && rounds_.in_head(t); ++t) {
    uint64_t instructions = traces_[t].columns();
    for (const ConstraintPiece& piece : programs_.air(air_id(t)).pieces)
      instructions += piece.num_instructions;
    // The host works on vectors of lines.
    entries += std::max(uint64_t{16}, uint64_t{1} << rounds_.log_lines(t)) * instructions *
               rounds_.positions(t).count;
  }
  return entries > 0 && entries <= host_entries_;
}

void ConstraintSumStage::record_downloads(bool all) {
  for (size_t t = 0; t < traces_.size(); ++t) {
    Trace& trace = traces_[t];
    if (!trace.values.empty() || (rounds_.in_head(t) && !all)) continue;
    trace.values.resize(trace.columns() << trace.folded.log_blocks);
    work_.recorder().download(elements_.words(4 * trace.folded.first_element, 4 * trace.values.size()),
                              std::as_writable_bytes(std::span(trace.values)));
  }
}

void ConstraintSumStage::take_over() {
  elements_ = {};
  for (size_t t = 0; t < traces_.size(); ++t) {
    Trace& trace = traces_[t];
    if (!rounds_.in_head(t) && !rounds_.ends_now(t)) continue;
    stages::ConstraintLines& lines =
        trace.lines.emplace(work_.context(), inputs_.traces[t], trace.folded.log_blocks);
    const size_t length = size_t{1} << trace.folded.log_blocks;
    for (size_t i = 0; i < trace.columns(); ++i) {
      lines.set_column(i, std::span<const Ext>(trace.values).subspan(i * length, length));
    }
    lines.set_weights(rounds_.functions(t), rounds_.weights(t));
    trace.values = {};
  }
}

std::vector<Ext> ConstraintSumStage::next(const Ext* challenge) {
  if (on_host_) {
    work_.context().spans->note_host();
    if (challenge) {
      for (size_t t = 0; t < traces_.size() && rounds_.in_head(t); ++t) traces_[t].lines->bind(*challenge);
      rounds_.bind(*challenge);
    }
    return host_round();
  }
  if (challenge) {
    bind(*challenge);
    on_host_ = host_takes_over();
    if (on_host_) {
      record_downloads(true);
      work_.wait();
      take_over();
      work_.context().spans->note_host();
      return host_round();
    }
  }
  return device_round();
}

void ConstraintSumStage::bind(const Ext& challenge) {
  uint64_t elements = 0;
  for (size_t t = 0; t < traces_.size() && rounds_.in_head(t); ++t) {
    FoldedTrace& folded = traces_[t].folded;
    folded.first_element = elements;
    elements += traces_[t].columns() << --folded.log_blocks;
  }
  ConstraintSumsFoldArgs args{};
  set_words(args.challenge, challenge);
  args.count = u32_of(elements);
  Array folded = work_.words(4 * elements, "folded columns");
  work_.recorder().threads(
      calls::ConstraintSumsFold{elements_.words(0, 8 * elements), folded.range(), args}.call(), elements);
  elements_ = std::move(folded);
  rounds_.bind(challenge);
}

std::vector<Ext> ConstraintSumStage::host_round() {
  std::vector<std::vector<Ext>> values(traces_.size());
  for (size_t t = 0; t < traces_.size(); ++t) {
    const std::optional<stages::ConstraintLines>& lines = traces_[t].lines;
    if (rounds_.ends_now(t)) rounds_.add_tail(lines->value());
    if (!rounds_.in_head(t)) continue;
    const auto [first, count] = rounds_.positions(t);
    values[t] = lines->evaluate(rounds_.line_point(t), first, count);
  }
  return rounds_.message(values);
}

std::vector<Ext> ConstraintSumStage::device_round() {
  TileSums sums;
  std::vector<ConstraintsPiece> pieces;
  std::vector<uint64_t> addresses;
  std::vector<size_t> results(traces_.size());
  uint64_t tiles = 0;
  uint32_t spilled_slots = 0;
  for (size_t t = 0; t < traces_.size(); ++t) {
    const bool ends = rounds_.ends_now(t);
    if (!ends && !rounds_.in_head(t)) continue;
    const Trace& trace = traces_[t];
    const AirPrograms& programs = programs_.air(air_id(t));
    const stages::ConstraintRounds::Positions positions =
        ends ? stages::ConstraintRounds::Positions{0, 1} : rounds_.positions(t);
    const uint32_t log_lines = ends ? 0 : rounds_.log_lines(t);
    const uint32_t log_tiles = log_lines - std::min(log_lines, CONSTRAINT_LOG_LINES);
    results[t] = sums.add(u32_of(programs.pieces.size()), positions.count, log_tiles, 0);
    const EqSuffixTables::Split eq = trace.eq.from(ends ? inputs_.traces[t].shape.lifted_n : rounds_.bound());
    const auto first_address = u32_of(addresses.size());
    for (const stages::LeafSource& row : programs.rows.rows) {
      const uint64_t element = trace.folded.first_element + (column_of(t, row) << trace.folded.log_blocks);
      addresses.push_back(elements_.range().address() + 16 * element);
    }
    uint32_t weights = weights_.first_element[t];
    for (uint32_t p = 0; p < programs.pieces.size(); ++p) {
      const ConstraintPiece& of_air = programs.pieces[p];
      ConstraintsPiece piece{};
      piece.first_tile = u32_of(tiles);
      piece.instructions = of_air.instructions, piece.num_instructions = of_air.num_instructions;
      piece.rows = first_address;
      piece.weights = weights, piece.publics = weights_.publics[t];
      piece.log_size = log_lines;
      piece.first_position = positions.first;
      piece.eq_low = eq.low, piece.eq_high = eq.high, piece.log_low = eq.log_low;
      piece.first_partial = sums.first_partial(results[t], p);
      pieces.push_back(piece);
      weights += u32_of(of_air.nodes.size());
      tiles += uint64_t{positions.count} << log_tiles;
      spilled_slots = std::max(spilled_slots, of_air.spilled_slots);
    }
  }
  const Range partials = sums.allocate(work_);
  if (tiles > 0) {
    if (addresses.empty()) addresses.push_back(0);  // constants alone
    const Array table = work_.upload(std::span<const ConstraintsPiece>(pieces), "constraint pieces");
    const Array address_table = work_.upload(std::span<const uint64_t>(addresses), "row addresses");
    const uint64_t running = spilled_slots > 0 ? std::min(tiles, kMaxSpillingGroups) : tiles;
    const Array spilled = work_.words(std::max<uint64_t>(4 * running * CONSTRAINT_GROUP * spilled_slots, 1),
                                      "constraint slots");
    const ConstraintSumsLinesArgs args{u32_of(pieces.size()), u32_of(tiles)};
    Call call = calls::ConstraintSumsLines{programs_.words(),
                                           table.range(),
                                           address_table.range(),
                                           weights_.words.range(),
                                           eq_.range(),
                                           spilled.range(),
                                           partials,
                                           args}
                    .call();
    call.uses.push_back({elements_.range(), Access::kRead});
    work_.recorder().groups(call, running);
    sums.record(work_);
  }
  record_downloads(false);
  work_.wait();

  std::vector<std::vector<Ext>> values(traces_.size());
  for (size_t t = 0; t < traces_.size(); ++t) {
    const bool ends = rounds_.ends_now(t);
    if (!ends && !rounds_.in_head(t)) continue;
    std::vector<Ext> of_trace = sums.sums(results[t]);
    for (Ext& value : of_trace) value += weights_.constants[t];
    if (ends) {
      rounds_.add_tail(of_trace[0]);
    } else {
      values[t] = std::move(of_trace);
    }
  }
  return rounds_.message(values);
}

size_t ConstraintSumStage::column_of(size_t t, const stages::LeafSource& row) const {
  using Kind = stages::LeafSource::Kind;
  const FoldedTrace& folded = traces_[t].folded;
  const size_t step = inputs_.traces[t].air->need_rot ? 2 : 1;
  switch (row.kind) {
    case Kind::kColumn:
      return folded.part_starts[row.part] + row.index * step;
    case Kind::kRotatedColumn:
      return folded.part_starts[row.part] + row.index * step + 1;
    case Kind::kFirst:
      return folded.columns;
    case Kind::kLast:
      return folded.columns + 1;
    default:
      return folded.columns + 2;
  }
}

std::vector<PartOpenings> ConstraintSumStage::finish(const Ext* challenge) {
  if (on_host_) {
    work_.context().spans->note_host();
    if (challenge) {
      for (size_t t = 0; t < traces_.size() && rounds_.in_head(t); ++t) traces_[t].lines->bind(*challenge);
      rounds_.bind(*challenge);
    }
  } else if (challenge) {
    bind(*challenge);
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
    for (size_t part = 0; part < trace.folded.part_starts.size(); ++part) {
      const size_t end = part + 1 < trace.folded.part_starts.size() ? trace.folded.part_starts[part + 1]
                                                                    : trace.folded.columns;
      CompactList<Ext>& values = of_trace.emplace_back();
      for (size_t i = trace.folded.part_starts[part]; i < end; ++i) values.push_back(trace.values[i]);
    }
  }
  return openings;
}

}  // namespace openswirl::gpu
