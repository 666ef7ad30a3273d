// The object runtime: classes with methods by selector, reference counts, autorelease pools. Messages to dead
// objects and methods that the system does not have end the process, as they would on a Mac.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace fake_metal {

struct Selector {
  std::string name;
};

// Ends the process with this sentence.
[[noreturn]] void die(const std::string& what);

struct Class;

struct Object {
  explicit Object(const char* class_name);
  virtual ~Object() = default;
  // Frees what it holds; the object itself stays as a dead one for a while.
  virtual void dispose() {}

  void retain() { references.fetch_add(1, std::memory_order_relaxed); }
  void release();

  const Class* const isa;
  std::atomic<long> references{1};
  std::atomic<bool> alive{true};
};

struct Text final : Object {
  explicit Text(std::string value) : Object("NSString"), text(std::move(value)) {}
  std::string text;
};

struct Url final : Object {
  explicit Url(std::string value) : Object("NSURL"), path(std::move(value)) {}
  std::string path;
};

struct ErrorObject final : Object {
  ErrorObject(long number, std::string value) : Object("NSError"), code(number), text(std::move(value)) {}
  long code;
  std::string text;
};

struct Array final : Object {
  explicit Array(std::vector<Object*> objects);
  void dispose() override;
  std::vector<Object*> held;
};

// Keeps one reference until the end of the innermost pool of the thread; without a pool it would leak.
Object* autoreleased(Object* object);
// Stores an autoreleased error where the caller asked for one.
void set_error(ErrorObject** where, long code, const std::string& text);

// A method of a class, there since a version of macOS. "NSObject" is the root of all; methods of classes
// themselves, such as alloc, belong to "class NAME".
void define(const char* class_name, const char* selector, void* function, int since = 0);
template <class Result, class... Arguments>
void define(const char* class_name, const char* selector, Result (*function)(Arguments...), int since = 0) {
  define(class_name, selector, reinterpret_cast<void*>(function), since);
}

// One per file; called once, before the first message.
void define_foundation();
void define_device();
void define_commands();

}  // namespace fake_metal
