// Lets allocations fail. The program must contain no_memory.cpp.
#pragma once

namespace kit {

/// While it exists, operator new throws std::bad_alloc in this thread.
class no_memory {
public:
  no_memory() noexcept;

  no_memory(const no_memory&) = delete;

  no_memory& operator=(const no_memory&) = delete;

  ~no_memory();
};

} // namespace kit
