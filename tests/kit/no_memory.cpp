#include "no_memory.hpp"

#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

thread_local bool fails = false;

} // namespace

kit::no_memory::no_memory() noexcept {
  fails = true;
}

kit::no_memory::~no_memory() {
  fails = false;
}

// The other forms call these.

void* operator new(std::size_t size) {
  auto* res = fails ? nullptr : std::malloc(size == 0 ? 1 : size);
  if (!res)
    throw std::bad_alloc{};
  return res;
}

void operator delete(void* memory) noexcept {
  std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
