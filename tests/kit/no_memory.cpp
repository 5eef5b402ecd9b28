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

// The forms for arrays call these. The sanitizers bring forms of their own, so
// each form whose memory is released here must be defined here.

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return fails ? nullptr : std::malloc(size == 0 ? 1 : size);
}

void* operator new(std::size_t size) {
  auto* res = ::operator new(size, std::nothrow);
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
