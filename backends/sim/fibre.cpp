#include "sim/fibre.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <new>

#if defined(__SANITIZE_ADDRESS__)
#define OPENSWIRL_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define OPENSWIRL_ASAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define OPENSWIRL_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define OPENSWIRL_TSAN 1
#endif
#endif

#ifdef OPENSWIRL_ASAN
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef OPENSWIRL_TSAN
#include <sanitizer/tsan_interface.h>
#endif
// Of functions that never return from their last call: ThreadSanitizer, which counts calls, must not see
// them.
#if defined(OPENSWIRL_TSAN) && defined(__clang__)
#define OPENSWIRL_UNCOUNTED __attribute__((disable_sanitizer_instrumentation))
#elif defined(OPENSWIRL_TSAN)
#define OPENSWIRL_UNCOUNTED __attribute__((no_sanitize_thread))
#else
#define OPENSWIRL_UNCOUNTED
#endif

// Saves the callee-saved registers and the stack pointer to *save, then continues where `load` was saved.
extern "C" void openswirl_sim_switch(void** save, void* load) __attribute__((visibility("hidden")));
extern "C" void openswirl_sim_start() __attribute__((visibility("hidden")));

#ifdef __APPLE__
#define OPENSWIRL_SYMBOL(name) "_" name
#else
#define OPENSWIRL_SYMBOL(name) name
#endif

#if defined(__x86_64__)
// A fresh fibre's frame holds the entry function in r12 and its argument in r13.
asm(".text\n"
    ".globl " OPENSWIRL_SYMBOL("openswirl_sim_switch") "\n"
    OPENSWIRL_SYMBOL("openswirl_sim_switch") ":\n"
    "  pushq %rbp\n  pushq %rbx\n  pushq %r12\n  pushq %r13\n  pushq %r14\n  pushq %r15\n"
    "  movq %rsp, (%rdi)\n"
    "  movq %rsi, %rsp\n"
    "  popq %r15\n  popq %r14\n  popq %r13\n  popq %r12\n  popq %rbx\n  popq %rbp\n"
    "  ret\n"
    ".globl " OPENSWIRL_SYMBOL("openswirl_sim_start") "\n"
    OPENSWIRL_SYMBOL("openswirl_sim_start") ":\n"
    "  movq %r13, %rdi\n"
    "  callq *%r12\n"
    "  ud2\n");

namespace {
void* fresh_frame(char* top, void (*entry)(void*), void* argument) {
  auto** frame = reinterpret_cast<void**>(reinterpret_cast<uintptr_t>(top) & ~uintptr_t{15});
  *--frame = nullptr;  // aligns the stack of the entry's call
  *--frame = nullptr;
  *--frame = reinterpret_cast<void*>(&openswirl_sim_start);
  *--frame = nullptr;                         // rbp
  *--frame = nullptr;                         // rbx
  *--frame = reinterpret_cast<void*>(entry);  // r12
  *--frame = argument;                        // r13
  *--frame = nullptr;                         // r14
  *--frame = nullptr;                         // r15
  return frame;
}
}  // namespace
#elif defined(__aarch64__)
// x19 to x30 and d8 to d15 are the caller's. A fresh fibre finds its entry function in x19, the argument in
// x20.
asm(".text\n"
    ".p2align 2\n"
    ".globl " OPENSWIRL_SYMBOL("openswirl_sim_switch") "\n"
    OPENSWIRL_SYMBOL("openswirl_sim_switch") ":\n"
    "  sub sp, sp, #160\n"
    "  stp x19, x20, [sp, #0]\n  stp x21, x22, [sp, #16]\n  stp x23, x24, [sp, #32]\n"
    "  stp x25, x26, [sp, #48]\n  stp x27, x28, [sp, #64]\n  stp x29, x30, [sp, #80]\n"
    "  stp d8, d9, [sp, #96]\n  stp d10, d11, [sp, #112]\n"
    "  stp d12, d13, [sp, #128]\n  stp d14, d15, [sp, #144]\n"
    "  mov x9, sp\n"
    "  str x9, [x0]\n"
    "  mov sp, x1\n"
    "  ldp x19, x20, [sp, #0]\n  ldp x21, x22, [sp, #16]\n  ldp x23, x24, [sp, #32]\n"
    "  ldp x25, x26, [sp, #48]\n  ldp x27, x28, [sp, #64]\n  ldp x29, x30, [sp, #80]\n"
    "  ldp d8, d9, [sp, #96]\n  ldp d10, d11, [sp, #112]\n"
    "  ldp d12, d13, [sp, #128]\n  ldp d14, d15, [sp, #144]\n"
    "  add sp, sp, #160\n"
    "  ret\n"
    ".globl " OPENSWIRL_SYMBOL("openswirl_sim_start") "\n"
    OPENSWIRL_SYMBOL("openswirl_sim_start") ":\n"
    "  mov x0, x20\n"
    "  blr x19\n"
    "  brk #1\n");

namespace {
void* fresh_frame(char* top, void (*entry)(void*), void* argument) {
  auto** frame = reinterpret_cast<void**>((reinterpret_cast<uintptr_t>(top) & ~uintptr_t{15}) - 160);
  for (int i = 0; i < 20; ++i) frame[i] = nullptr;
  frame[0] = reinterpret_cast<void*>(entry);
  frame[1] = argument;
  frame[11] = reinterpret_cast<void*>(&openswirl_sim_start);  // x30
  return frame;
}
}  // namespace
#else
#error "openswirl: the emulator switches stacks on x86-64 and arm64 only"
#endif

namespace openswirl::sim {

Fibre::Fibre() {
  void* memory = mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  stack_ = static_cast<char*>(memory);
  mprotect(stack_, static_cast<size_t>(sysconf(_SC_PAGESIZE)), PROT_NONE);
#ifdef OPENSWIRL_TSAN
  tsan_fibre_ = __tsan_create_fiber(0);
#endif
}

Fibre::~Fibre() {
#ifdef OPENSWIRL_TSAN
  __tsan_destroy_fiber(tsan_fibre_);
#endif
  munmap(stack_, kStackBytes);
}

void Fibre::start(Body body, void* argument) {
  body_ = body;
  argument_ = argument;
  fake_stack_ = nullptr;
#ifdef OPENSWIRL_TSAN
  if (!finished_) {
    // A body that was left in the middle never returned from its calls, which the sanitizer counts; a new
    // fibre has none, but takes long to make.
    __tsan_destroy_fiber(tsan_fibre_);
    tsan_fibre_ = __tsan_create_fiber(0);
  }
#endif
  finished_ = false;
  fibre_sp_ = fresh_frame(stack_ + kStackBytes, &Fibre::enter, this);
}

OPENSWIRL_UNCOUNTED void Fibre::enter(void* self) {
  auto& fibre = *static_cast<Fibre*>(self);
#ifdef OPENSWIRL_ASAN
  __sanitizer_finish_switch_fiber(nullptr, &fibre.caller_bottom_, &fibre.caller_size_);
#endif
  fibre.body_(fibre.argument_);
  fibre.finished_ = true;
  fibre.stop();
  std::abort();  // a finished fibre is started again, never resumed
}

bool Fibre::resume() {
#ifdef OPENSWIRL_ASAN
  __sanitizer_start_switch_fiber(&caller_fake_stack_, stack_, kStackBytes);
#endif
#ifdef OPENSWIRL_TSAN
  tsan_caller_ = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(tsan_fibre_, 0);
#endif
  openswirl_sim_switch(&caller_sp_, fibre_sp_);
#ifdef OPENSWIRL_ASAN
  __sanitizer_finish_switch_fiber(caller_fake_stack_, nullptr, nullptr);
#endif
  return finished_;
}

OPENSWIRL_UNCOUNTED void Fibre::stop() {
#ifdef OPENSWIRL_ASAN
  __sanitizer_start_switch_fiber(finished_ ? nullptr : &fake_stack_, caller_bottom_, caller_size_);
#endif
#ifdef OPENSWIRL_TSAN
  __tsan_switch_to_fiber(tsan_caller_, 0);
#endif
  openswirl_sim_switch(&fibre_sp_, caller_sp_);
#ifdef OPENSWIRL_ASAN
  __sanitizer_finish_switch_fiber(fake_stack_, &caller_bottom_, &caller_size_);
#endif
}

}  // namespace openswirl::sim
