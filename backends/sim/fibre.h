// A stack of its own for a piece of code that can stop in the middle: what the emulator runs threads of a
// kernel on. A fibre stays on the operating-system thread that made it.
#pragma once

#include <cstddef>

namespace openswirl::sim {

class Fibre {
 public:
  using Body = void (*)(void* argument);

  Fibre();
  ~Fibre();
  Fibre(const Fibre&) = delete;
  Fibre& operator=(const Fibre&) = delete;

  // Prepares a run of the body from its start; whatever ran here before is dropped.
  void start(Body body, void* argument);
  // Runs until the body stops or returns. True if it returned.
  bool resume();
  // Called by the running body: back to resume().
  void stop();

  static constexpr size_t kStackBytes = 256 * 1024;

 private:
  static void enter(void* self);

  char* stack_ = nullptr;  // lowest address; a guard page is below the usable part
  void* fibre_sp_ = nullptr;
  void* caller_sp_ = nullptr;
  Body body_ = nullptr;
  void* argument_ = nullptr;
  bool finished_ = true;
  // What the sanitizers want to know of a switch.
  void* fake_stack_ = nullptr;
  void* caller_fake_stack_ = nullptr;
  const void* caller_bottom_ = nullptr;
  size_t caller_size_ = 0;
  void* tsan_fibre_ = nullptr;
  void* tsan_caller_ = nullptr;
};

}  // namespace openswirl::sim
