#include "objects.h"

#include <objc/message.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <deque>
#include <mutex>

#include "fake_metal.h"

namespace fake_metal {

struct Method {
  void* function = nullptr;
  int since = 0;
};

struct Class {
  explicit Class(std::string class_name) : name(std::move(class_name)) {}
  const std::string name;
  std::unordered_map<const Selector*, Method> methods;
};

namespace {

constexpr size_t kRememberedDead = 200'000;

Selector* selector_named(const std::string& name) {
  static std::mutex mutex;
  static auto* all = new std::unordered_map<std::string, Selector*>;
  const std::lock_guard lock(mutex);
  Selector*& selector = (*all)[name];
  if (!selector) selector = new Selector{name};
  return selector;
}

Class* class_named(const std::string& name) {
  static std::mutex mutex;
  static auto* all = new std::unordered_map<std::string, Class*>;
  const std::lock_guard lock(mutex);
  Class*& found = (*all)[name];
  if (!found) found = new Class(name);
  return found;
}

// The object that stands for a class, which messages such as alloc go to.
struct ClassObject final : Object {
  explicit ClassObject(const std::string& name) : Object(("class " + name).c_str()) {}
};

Object* class_object(const std::string& name) {
  static std::mutex mutex;
  static auto* all = new std::unordered_map<std::string, Object*>;
  const std::lock_guard lock(mutex);
  Object*& found = (*all)[name];
  if (!found) found = new ClassObject(name);
  return found;
}

const Method* find(const Object* object, const Selector* selector) {
  static const Class* const root = class_named("NSObject");
  for (const Class* of : {object->isa, root}) {
    const auto found = of->methods.find(selector);
    if (found != of->methods.end() && found->second.since <= system().macos) return &found->second;
  }
  return nullptr;
}

void define_root() {
  define(
      "NSObject", "retain", +[](Object* self, Selector*) {
        self->retain();
        return self;
      });
  define("NSObject", "release", +[](Object* self, Selector*) { self->release(); });
  define("NSObject", "autorelease", +[](Object* self, Selector*) { return autoreleased(self); });
  define("NSObject", "init", +[](Object* self, Selector*) { return self; });
  define(
      "NSObject", "respondsToSelector:", +[](Object* self, Selector*, Selector* asked) {
        return find(self, asked) != nullptr;
      });
}

}  // namespace

[[noreturn]] void die(const std::string& what) {
  std::fprintf(stderr, "fake Metal: %s\n", what.c_str());
  std::abort();
}

Object::Object(const char* class_name) : isa(class_named(class_name)) {}

void Object::release() {
  const long left = references.fetch_sub(1, std::memory_order_acq_rel) - 1;
  if (left < 0) die("a " + isa->name + " is released more often than retained");
  if (left > 0) return;
  static const pid_t process = getpid();
  if (getpid() != process && isa->name.starts_with("MTL")) die("a forked process frees a " + isa->name);
  dispose();
  alive.store(false, std::memory_order_relaxed);
  // Remembered, so that a late message finds a dead object and not another one in its place.
  static std::mutex mutex;
  static auto* dead = new std::deque<Object*>;
  const std::lock_guard lock(mutex);
  dead->push_back(this);
  if (dead->size() <= kRememberedDead) return;
  delete dead->front();
  dead->pop_front();
}

Array::Array(std::vector<Object*> objects) : Object("NSArray"), held(std::move(objects)) {
  for (Object* object : held) object->retain();
}
void Array::dispose() {
  for (Object* object : held) object->release();
  held.clear();
}

void define(const char* class_name, const char* selector, void* function, int since) {
  class_named(class_name)->methods[selector_named(selector)] = {function, since};
}

}  // namespace fake_metal

using namespace fake_metal;

extern "C" {

SEL sel_registerName(const char* name) { return reinterpret_cast<SEL>(selector_named(name)); }
struct objc_class* objc_lookUpClass(const char* name) {
  return reinterpret_cast<struct objc_class*>(class_object(name));
}
Protocol* objc_getProtocol(const char* name) {
  return reinterpret_cast<Protocol*>(class_object(std::string("protocol ") + name));
}

// Where every message goes first: the function that answers it.
__attribute__((visibility("hidden"))) void* openswirl_fake_find(Object* self, const Selector* selector) {
  static const bool defined = [] {
    define_root();
    define_foundation();
    define_device();
    define_commands();
    return true;
  }();
  static_cast<void>(defined);
  if (!self) return reinterpret_cast<void*>(+[]() -> uintptr_t { return 0; });  // as nil answers
  if (!self->alive.load(std::memory_order_relaxed)) {
    die("message " + selector->name + " to a dead " + self->isa->name);
  }
  const Method* method = find(self, selector);
  if (!method) {
    die("-[" + self->isa->name + " " + selector->name + "]: unrecognized selector on macOS " +
        std::to_string(fake_metal::system().macos));
  }
  return method->function;
}
}

// Calls the function with the arguments as they came.
#if defined(__x86_64__)
asm(R"(
.text
.macro OPENSWIRL_SEND name, self, selector
.globl \name
.type \name, @function
\name:
  pushq %rbp
  movq %rsp, %rbp
  subq $192, %rsp
  movq %rdi, 0(%rsp)
  movq %rsi, 8(%rsp)
  movq %rdx, 16(%rsp)
  movq %rcx, 24(%rsp)
  movq %r8, 32(%rsp)
  movq %r9, 40(%rsp)
  movq %rax, 48(%rsp)
  movups %xmm0, 64(%rsp)
  movups %xmm1, 80(%rsp)
  movups %xmm2, 96(%rsp)
  movups %xmm3, 112(%rsp)
  movups %xmm4, 128(%rsp)
  movups %xmm5, 144(%rsp)
  movups %xmm6, 160(%rsp)
  movups %xmm7, 176(%rsp)
  movq \self, %rdi
  movq \selector, %rsi
  call openswirl_fake_find
  movq %rax, %r11
  movq 0(%rsp), %rdi
  movq 8(%rsp), %rsi
  movq 16(%rsp), %rdx
  movq 24(%rsp), %rcx
  movq 32(%rsp), %r8
  movq 40(%rsp), %r9
  movq 48(%rsp), %rax
  movups 64(%rsp), %xmm0
  movups 80(%rsp), %xmm1
  movups 96(%rsp), %xmm2
  movups 112(%rsp), %xmm3
  movups 128(%rsp), %xmm4
  movups 144(%rsp), %xmm5
  movups 160(%rsp), %xmm6
  movups 176(%rsp), %xmm7
  leave
  jmpq *%r11
.size \name, . - \name
.endm
OPENSWIRL_SEND objc_msgSend, %rdi, %rsi
OPENSWIRL_SEND objc_msgSend_fpret, %rdi, %rsi
OPENSWIRL_SEND objc_msgSend_stret, %rsi, %rdx
)");
#elif defined(__aarch64__)
asm(R"(
.text
.p2align 2
.globl objc_msgSend
.type objc_msgSend, %function
objc_msgSend:
  stp x29, x30, [sp, #-224]!
  mov x29, sp
  stp x0, x1, [sp, #16]
  stp x2, x3, [sp, #32]
  stp x4, x5, [sp, #48]
  stp x6, x7, [sp, #64]
  str x8, [sp, #80]
  stp q0, q1, [sp, #96]
  stp q2, q3, [sp, #128]
  stp q4, q5, [sp, #160]
  stp q6, q7, [sp, #192]
  bl openswirl_fake_find
  mov x16, x0
  ldp x0, x1, [sp, #16]
  ldp x2, x3, [sp, #32]
  ldp x4, x5, [sp, #48]
  ldp x6, x7, [sp, #64]
  ldr x8, [sp, #80]
  ldp q0, q1, [sp, #96]
  ldp q2, q3, [sp, #128]
  ldp q4, q5, [sp, #160]
  ldp q6, q7, [sp, #192]
  ldp x29, x30, [sp], #224
  br x16
.size objc_msgSend, . - objc_msgSend
)");
#else
#error "the fake Metal device sends messages on x86-64 and arm64 only"
#endif
