// How the emulator calls a kernel that was compiled as C++: one thread, buffers as untyped pointers.
#pragma once

#include <cstddef>
#include <iterator>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace openswirl::sim {

struct Entry {
  const char* symbol;
  void (*run)(void* const* buffers, const void* args);
  size_t num_buffers;
  size_t args_bytes;
};

template <auto kernel>
struct Thunk;

template <class... Parameters, void (*kernel)(Parameters...)>
struct Thunk<kernel> {
  static constexpr size_t kBuffers = sizeof...(Parameters) - 1;
  template <size_t i>
  using Parameter = std::tuple_element_t<i, std::tuple<Parameters...>>;
  using Args = std::remove_cvref_t<Parameter<kBuffers>>;

  static void run(void* const* buffers, const void* args) {
    call(buffers, args, std::make_index_sequence<kBuffers>());
  }

 private:
  template <size_t... i>
  static void call(void* const* buffers, const void* args, std::index_sequence<i...>) {
    kernel(static_cast<Parameter<i>>(buffers[i])..., *static_cast<const Args*>(args));
  }
};

template <auto kernel>
constexpr Entry make_entry(const char* symbol) {
  using T = Thunk<kernel>;
  return {symbol, &T::run, T::kBuffers, sizeof(typename T::Args)};
}

// Every kernel compiled in, family by family.
std::span<const std::span<const Entry>> entry_families();

}  // namespace openswirl::sim
