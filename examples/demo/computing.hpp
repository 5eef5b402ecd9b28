// A load for the processor while files are written: it stands for an
// interactive program.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace demo {

/// Does equal, small computations in one thread per core. With fewer threads,
/// the writers would have their own core and would not slow them down.
class computing {
public:
  /// Starts the threads.
  computing();

  computing(const computing&) = delete;

  computing& operator=(const computing&) = delete;

  ~computing();

  /// Stops the threads, and returns how many computations were done.
  uint64_t stop();

private:
  std::atomic<bool> stopped_ = false;
  std::atomic<uint64_t> done_ = 0;
  std::vector<std::thread> threads_;
};

} // namespace demo
