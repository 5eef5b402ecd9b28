// Work for the processor, which somebody waits for while files are written.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace demo {

/// Does small computations, all alike, in one thread for each core. With fewer
/// threads, the writers would have a core of their own, and nobody would notice
/// them.
class computing {
public:
  /// Starts.
  computing();

  computing(const computing&) = delete;

  computing& operator=(const computing&) = delete;

  ~computing();

  /// Stops, and returns how many computations were done.
  uint64_t stop();

private:
  std::atomic<bool> stopped_ = false;
  std::atomic<uint64_t> done_ = 0;
  std::vector<std::thread> threads_;
};

} // namespace demo
