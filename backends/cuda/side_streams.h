// Streams beside a main one, for dispatches that nothing orders among themselves. Not for several threads at
// once.
#pragma once

#include <vector>

#include "cuda/context.h"

namespace openswirl::cuda {

class SideStreams {
 public:
  explicit SideStreams(SharedContext context) : context_(std::move(context)) {}
  ~SideStreams();
  SideStreams(const SideStreams&) = delete;
  SideStreams& operator=(const SideStreams&) = delete;

  static constexpr size_t kCount = 3;

  // What the streams are given from here on starts after what is in `main` so far. Throws Error{kDevice}, as
  // the others do.
  void fork(Stream main);
  // They take turns.
  Stream next();
  // `main` goes on after what they were given since the fork. Does nothing if that was joined before.
  void join(Stream main);

 private:
  struct Side {
    Stream stream = nullptr;
    Event end = nullptr;
  };
  void open();

  SharedContext context_;
  Event fork_ = nullptr;
  std::vector<Side> sides_;  // made when first needed
  size_t given_ = 0;         // since the fork, to all
};

}  // namespace openswirl::cuda
