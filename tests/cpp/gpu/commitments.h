// The same commitments over random columns on the host and on a device.
#pragma once

#include <memory>
#include <utility>

#include "devices.h"
#include "gpu/stage_inputs.h"
#include "random_words.h"
#include "stages/commitment.h"

namespace gpu_test {

using stages::HostCommitted, stages::SourceMatrix;

// commitments: matrices by log height and columns, tallest first.
struct Shape {
  uint64_t l_skip, n_stack, k;
  std::vector<uint64_t> queries;  // per round
  std::vector<std::vector<std::pair<uint32_t, uint32_t>>> commitments;
  bool rotated = false;  // whether every other matrix needs rotation
};

// The same commitments on the host and on a device.
struct Commitments {
  Commitments(gpu::Work& work, const Shape& given) : host(make_host(given)), device{host.shape, {}} {
    uint32_t seed = 1;
    for (const auto& matrices : given.commitments) {
      std::vector<std::vector<uint32_t>> cells;
      std::vector<SourceMatrix> sources;
      for (const auto& [log_height, columns] : matrices) {
        cells.push_back(stages_test::words(size_t{columns} << log_height, seed++));
        sources.push_back({cells.back().data(), uint64_t{1} << log_height, columns, false});
      }
      const auto& made =
          commitments.emplace_back(std::make_unique<HostCommitted>(host.context, host.shape.params, sources));
      host.commitments.push_back(made->view());
      CommitmentShape shape;
      shape.layout = made->layout();
      for (size_t i = 0; i < matrices.size(); ++i) shape.need_rot.push_back(given.rotated && i % 2 == 0);
      host.shape.commitments.push_back(shape);
    }
    for (const auto& made : commitments) upload(work, *made);
  }

  static stages::StageInputs make_host(const Shape& given) {
    stages::StageInputs inputs;
    inputs.context = gpu_test::context();
    inputs.shape.params = SystemParams::test_small(given.l_skip, given.n_stack, given.k);
    inputs.shape.params.whir.num_queries = given.queries;
    return inputs;
  }
  void upload(gpu::Work& work, const HostCommitted& made) {
    const HostCommitment data = made.to_host();
    gpu::DeviceCommitment& commitment = device.commitments.emplace_back();
    commitment.layout = &made.layout();
    arrays.push_back(work.upload(std::span(data.stacked), "stacked"));
    commitment.stacked = arrays.back().range();
    arrays.push_back(work.upload(std::span(data.codeword), "codeword"));
    commitment.codeword = arrays.back().range();
    trees.push_back(
        std::make_unique<gpu::DeviceTree>(work,
                                          gpu::MatrixView{commitment.codeword, data.codeword_height,
                                                          data.stacked_width, 1, data.codeword_height},
                                          data.rows_per_query));
    commitment.tree = trees.back().get();
  }

  stages::StageInputs host;
  gpu::DeviceInputs device;
  std::vector<std::unique_ptr<HostCommitted>> commitments;
  std::vector<gpu::Array> arrays;
  std::vector<std::unique_ptr<gpu::DeviceTree>> trees;
};

}  // namespace gpu_test
