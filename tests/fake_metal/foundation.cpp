// The classes of Foundation that the backend uses, and autorelease pools.
#include "objects.h"

namespace fake_metal {
namespace {

struct Pool final : Object {
  Pool() : Object("NSAutoreleasePool") {}
  void dispose() override;
  std::vector<Object*> held;
};

thread_local std::vector<Pool*> pools;

void Pool::dispose() {
  if (pools.empty() || pools.back() != this)
    die("an autorelease pool ends that is not the innermost of its thread");
  for (Object* object : held) object->release();
  pools.pop_back();
}

}  // namespace

Object* autoreleased(Object* object) {
  if (pools.empty()) die("an object is autoreleased without a pool and leaks");
  pools.back()->held.push_back(object);
  return object;
}

void set_error(ErrorObject** where, long code, const std::string& text) {
  if (where) *where = static_cast<ErrorObject*>(autoreleased(new ErrorObject(code, text)));
}

void define_foundation() {
  define(
      "class NSAutoreleasePool", "alloc", +[](Object*, Selector*) -> Object* {
        auto* pool = new Pool;
        pools.push_back(pool);
        return pool;
      });
  define(
      "class NSString", "stringWithCString:encoding:",
      +[](Object*, Selector*, const char* text, unsigned long) { return autoreleased(new Text(text)); });
  define("NSString", "UTF8String", +[](Text* self, Selector*) { return self->text.c_str(); });
  define(
      "class NSURL",
      "fileURLWithPath:", +[](Object*, Selector*, Text* path) { return autoreleased(new Url(path->text)); });
  define(
      "class NSArray",
      "arrayWithObjects:count:", +[](Object*, Selector*, Object** objects, unsigned long count) {
        return autoreleased(new Array(std::vector<Object*>(objects, objects + count)));
      });
  define("NSArray", "count", +[](Array* self, Selector*) { return self->held.size(); });
  define(
      "NSArray",
      "objectAtIndex:", +[](Array* self, Selector*, unsigned long index) { return self->held.at(index); });
  define("NSError", "code", +[](ErrorObject* self, Selector*) { return self->code; });
  define(
      "NSError", "localizedDescription",
      +[](ErrorObject* self, Selector*) { return autoreleased(new Text(self->text)); });
}

}  // namespace fake_metal
