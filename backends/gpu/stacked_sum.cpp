#include "gpu/stacked_sum.h"

#include <algorithm>

#include "gpu/elements.h"
#include "poly/eq.h"

namespace openswirl::gpu {
namespace {

constexpr uint64_t kCombineRows = 32;     // of a group of stacked_combine
constexpr uint64_t kCombineColumns = 16;  // that its SIMD groups take at a time
constexpr uint64_t kValueRows = 2048;     // fewer are not worth a group of stacked_values
// Fewer groups than this leave a device idle: then columns are combined, or rows summed, in chunks.
constexpr uint64_t kEnoughGroups = 2048;
constexpr uint32_t kLogFirstThreads = 15;  // of stacked_first

uint64_t ceil_div(uint64_t a, uint64_t b) { return (a + b - 1) / b; }

// What a wait brings of a class; empty where it has nothing to say.
struct Reading {
  std::vector<Ext> sums, tables, values;
};

stages::StackedRounds::Tables tables_of(std::span<const Ext> words, uint32_t halves) {
  const size_t size = words.size() / (2 * halves);
  const auto table = [&](size_t i) {
    const auto part = words.subspan(i * size, size);
    return std::vector<Ext>(part.begin(), part.end());
  };
  stages::StackedRounds::Tables tables;
  tables.plain = table(0), tables.eq = table(1);
  if (halves == 2) tables.rotated = table(2), tables.rotation = table(3);
  return tables;
}

}  // namespace

StackedSumStage::StackedSumStage(Work& work, const DeviceInputs& inputs, std::span<const Ext> r,
                                 const Ext& lambda, uint64_t host_entries)
    : work_(work),
      l_skip_(static_cast<uint32_t>(inputs.shape.params.l_skip)),
      host_entries_(std::max<uint64_t>(host_entries, 1)),
      r_(r.begin(), r.end()),
      rounds_(inputs.shape, lambda) {
  for (const stages::HeightClass& of_height : rounds_.classes()) {
    Class& on_device = classes_.emplace_back();
    on_device.count = u32_of(of_height.columns.size());
    on_device.halves = of_height.rotated ? 2 : 1;
    std::vector<uint64_t> addresses;
    uint32_t last = ~uint32_t{0};
    for (const stages::ReducedColumn& column : of_height.columns) {
      const DeviceCommitment& commitment = inputs.commitments[column.commitment];
      if (column.commitment != last) on_device.uses.push_back({commitment.stacked, Access::kRead, 0});
      on_device.uses.back().touched += uint64_t{4} << of_height.log_height;
      last = column.commitment;
      const uint64_t first = uint64_t{column.stacked_column} << commitment.layout->log_stacked_height;
      addresses.push_back(commitment.stacked.address() + 4 * (first + column.start_row));
    }
    if (addresses.size() % 2 == 1) addresses.push_back(addresses.back());
    on_device.columns = work_.upload(std::span<const uint64_t>(addresses), "column addresses");
  }
}

void StackedSumStage::combine(const stages::HeightClass& of_height, Class& on_device) {
  std::vector<Ext> weights;
  for (const stages::ReducedColumn& column : of_height.columns) {
    weights.push_back(column.plain_weight);
    weights.push_back(column.rotated_weight);
  }
  const uint64_t columns = on_device.columns.words() / 2;  // an even number: the last one has no weight
  weights.resize(2 * columns, Ext::zero());
  const Array factors = work_.upload(std::span<const Ext>(weights), "column weights");
  const uint64_t rows = uint64_t{1} << of_height.log_height, tiles = ceil_div(rows, kCombineRows);
  const uint64_t most = ceil_div(columns, kCombineColumns);
  const uint64_t chunk_columns =
      kCombineColumns * ceil_div(most, std::clamp<uint64_t>(kEnoughGroups / tiles, 1, most));
  on_device.chunks = u32_of(ceil_div(columns, chunk_columns));
  on_device.cells = work_.words(4 * on_device.chunks * on_device.halves * rows, "combined columns");
  const StackedCombineArgs args{u32_of(rows), of_height.log_stride(), u32_of(columns), u32_of(chunk_columns),
                                on_device.halves};
  Call call =
      calls::StackedCombine{on_device.columns.range(), factors.range(), on_device.cells.range(), args}.call();
  call.uses = on_device.uses;
  work_.recorder().groups(call, tiles, on_device.chunks);
}

Array StackedSumStage::weights(std::span<const Ext> block, std::span<const Ext> point) {
  const size_t low_variables = (point.size() + 1) / 2;
  const std::vector<Ext> low = eq_table(point.first(low_variables)),
                         high = eq_table(point.subspan(low_variables));
  const Array block_table = work_.upload(block, "row weights");
  const Array low_table = work_.upload(std::span<const Ext>(low), "row weights");
  const Array high_table = work_.upload(std::span<const Ext>(high), "row weights");
  const uint64_t rows = block.size() << point.size();
  Array result = work_.words(4 * rows, "row weights");
  const StackedWeightsArgs args{u32_of(rows), log2_of(block.size()), u32_of(low_variables)};
  work_.recorder().threads(
      calls::StackedWeights{block_table.range(), low_table.range(), high_table.range(), result.range(), args}
          .call(),
      rows);
  return result;
}

Array StackedSumStage::first_sums(const stages::HeightClass& of_height, Class& on_device) {
  const uint32_t log_block = of_height.log_block(), log_cube = of_height.lifted_n();
  const uint32_t log_parts = std::min(log_cube, kLogFirstThreads - std::min(log_block, kLogFirstThreads));
  const uint32_t kinds = on_device.halves == 2 ? 3 : 1;
  const uint64_t threads = uint64_t{1} << (log_parts + log_block);
  const Array partials = work_.words(4 * kinds * threads, "first round sums");
  const StackedFirstArgs args{log_block, log_cube, log_parts, on_device.chunks, on_device.halves};
  work_.recorder().threads(
      calls::StackedFirst{on_device.cells.range(), on_device.eq.range(), partials.range(), args}.call(),
      threads);
  const uint64_t outputs = uint64_t{kinds} << log_block;
  Array sums = work_.words(8 * outputs, "first round sums");
  work_.recorder().groups(
      calls::StackedReduce{partials.range(), sums.range(), {log_block, uint32_t{1} << log_parts}}.call(),
      outputs);
  return sums;
}

std::vector<Ext> StackedSumStage::first_round() {
  std::vector<std::vector<Ext>> read;
  for (size_t c = 0; c < classes_.size(); ++c) {
    const stages::HeightClass& of_height = rounds_.classes()[c];
    const Ext one = Ext::one();
    combine(of_height, classes_[c]);
    if (c == 0) work_.recorder().submit();  // the device works on it while all else is prepared
    classes_[c].eq = weights({&one, 1}, trace_point(l_skip_, of_height.n, r_).cube);
    const Array sums = first_sums(of_height, classes_[c]);
    read.emplace_back(sums.words() / 4);
    work_.recorder().download(sums.range(), std::as_writable_bytes(std::span(read.back())));
  }
  work_.wait();
  std::vector<stages::FirstSums> sums;
  for (size_t c = 0; c < classes_.size(); ++c) {
    const size_t block = size_t{1} << rounds_.classes()[c].log_block();
    stages::FirstSums& of_class = sums.emplace_back();
    // Every other element.
    for (size_t i = 0; i < read[c].size() / 2; ++i) {
      (i < block       ? of_class.plain
       : i < 2 * block ? of_class.rotated
                       : of_class.successor)
          .push_back(read[c][2 * i]);
    }
  }
  return stages::first_round_polynomial(l_skip_, r_, rounds_.classes(), sums);
}

void StackedSumStage::bind_first(const stages::HeightClass& of_height, Class& on_device) {
  const stages::KernelFactors factors = stages::kernel_factors(l_skip_, of_height, r_, u_[0]);
  const std::vector<Ext> block = stages::block_weights(l_skip_, of_height, u_[0]);
  const Array lagrange = work_.upload(std::span<const Ext>(block), "row weights");
  StackedBindArgs args{};
  set_words(args.eq, factors.eq);
  set_words(args.rotation, factors.rotation);
  set_words(args.carry, factors.carry);
  args.log_block = of_height.log_block(), args.log_cube = of_height.lifted_n();
  args.chunks = on_device.chunks, args.halves = on_device.halves;
  on_device.size = uint64_t{1} << args.log_cube;
  on_device.tables = work_.words(8 * on_device.halves * on_device.size, "stacked tables");
  const uint64_t groups = ceil_div(on_device.size / 2, kReduceGroup);
  on_device.sums = work_.words(8 * groups, "stacked sums");
  work_.recorder().groups(calls::StackedBind{on_device.cells.range(), on_device.eq.range(), lagrange.range(),
                                             on_device.tables.range(), on_device.sums.range(), args}
                              .call(),
                          groups);
}

void StackedSumStage::bind_next(Class& on_device, const Ext& challenge) {
  StackedRoundArgs args{};
  set_words(args.challenge, challenge);
  args.size = u32_of(on_device.size), args.halves = on_device.halves;
  on_device.size /= 2;
  Array tables = work_.words(8 * on_device.halves * on_device.size, "stacked tables");
  const uint64_t groups = reduce_groups(on_device.size / 2);
  on_device.sums = work_.words(8 * groups, "stacked sums");
  work_.recorder().groups(
      calls::StackedRound{on_device.tables.range(), tables.range(), on_device.sums.range(), args}.call(),
      groups);
  on_device.tables = std::move(tables);
}

Array StackedSumStage::column_values(const stages::HeightClass& of_height, Class& on_device) {
  const std::vector<Ext> block = stages::block_weights(l_skip_, of_height, u_[0]);
  const Array factors = weights(block, std::span<const Ext>(u_).subspan(1, of_height.lifted_n()));
  const uint64_t rows = uint64_t{1} << of_height.log_height, quads = ceil_div(on_device.count, 4);
  const uint64_t most = std::max<uint64_t>(rows / kValueRows, 1);
  const uint64_t chunk_rows = ceil_div(rows, std::clamp<uint64_t>(kEnoughGroups / quads, 1, most));
  const uint64_t chunks = ceil_div(rows, chunk_rows);
  Array values = work_.words(16 * quads * chunks, "column values");
  const StackedValuesArgs args{u32_of(rows), of_height.log_stride(), on_device.count, u32_of(chunk_rows)};
  Call call = calls::StackedValues{on_device.columns.range(), factors.range(), values.range(), args}.call();
  call.uses = on_device.uses;
  work_.recorder().groups(call, quads, u32_of(chunks));
  return values;
}

std::array<Ext, 2> StackedSumStage::bind(const Ext& challenge) {
  u_.push_back(challenge);
  const auto bound = static_cast<uint32_t>(u_.size() - 1);
  std::vector<Reading> readings(classes_.size());
  std::vector<std::pair<size_t, stages::StackedRounds::Tables>> of_the_host;  // of classes without variables
  const auto read = [&](const Array& array, std::vector<Ext>& to) {
    to.resize(array.words() / 4);
    work_.recorder().download(array.range(), std::as_writable_bytes(std::span(to)));
  };
  for (size_t c = 0; c < classes_.size(); ++c) {
    const stages::HeightClass& of_height = rounds_.classes()[c];
    Class& on_device = classes_[c];
    if (bound == 0) {
      if (of_height.lifted_n() > 0) {
        bind_first(of_height, on_device);
      } else {
        const stages::KernelFactors factors = stages::kernel_factors(l_skip_, of_height, r_, u_[0]);
        of_the_host.emplace_back(c, stages::StackedRounds::Tables{{}, {factors.eq}, {}, {factors.rotation}});
      }
      on_device.cells = {}, on_device.eq = {};
    } else if (on_device.size > 0) {
      bind_next(on_device, challenge);
    }
    if (on_device.size > host_entries_) {
      read(on_device.sums, readings[c].sums);
    } else if (on_device.size > 0) {
      read(on_device.tables, readings[c].tables);
      on_device.size = 0;
      on_device.tables = {};
    }
    on_device.sums = {};
    if (of_height.lifted_n() == bound) read(column_values(of_height, on_device), readings[c].values);
  }
  // While the device works.
  work_.recorder().submit();
  rounds_.bind(challenge);
  for (auto& [c, tables] : of_the_host) rounds_.set_tables(c, tables);
  std::vector<std::vector<Ext>> weights(classes_.size());
  for (size_t c = 0; c < classes_.size(); ++c) {
    if (!readings[c].values.empty() && readings[c].tables.empty()) weights[c] = rounds_.node_weights(c);
  }
  work_.wait();

  std::array<Ext, 2> sums{Ext::zero(), Ext::zero()};
  for (size_t c = classes_.size(); c-- > 0;) {
    for (size_t i = 0; i < 2; ++i) sums[i] += sum_of(readings[c].sums, i);
    if (!readings[c].tables.empty()) rounds_.set_tables(c, tables_of(readings[c].tables, classes_[c].halves));
    if (readings[c].values.empty()) continue;
    std::vector<Ext> values(classes_[c].count, Ext::zero());
    const size_t stride = 4 * ceil_div(values.size(), 4);
    for (size_t first = 0; first < readings[c].values.size(); first += stride) {
      for (size_t i = 0; i < values.size(); ++i) values[i] += readings[c].values[first + i];
    }
    rounds_.add_nodes(c, values, weights[c].empty() ? rounds_.node_weights(c) : weights[c]);
  }
  if (!rounds_.empty()) work_.context().spans->note_host();
  const std::array<Ext, 2> on_host = rounds_.sums();
  return {sums[0] + on_host[0], sums[1] + on_host[1]};
}

std::array<Ext, 2> StackedSumStage::next(const Ext& challenge) { return bind(challenge); }

std::vector<std::vector<Ext>> StackedSumStage::finish(const Ext& challenge) {
  bind(challenge);
  return rounds_.openings();
}

}  // namespace openswirl::gpu
