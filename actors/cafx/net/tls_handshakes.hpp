// Performs TLS handshakes with new peers in a separate thread.
#pragma once

#include "cafx/net/arrivals.hpp"
#include "cafx/net/transport.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

namespace cafx::net {

/// Performs the TLS handshakes of connecting peers in its own thread, so that
/// their cryptography does not delay the messages of other peers. The thread
/// sleeps while no peer connects.
class tls_handshakes {
public:
  /// Takes over a peer whose handshake is done, with its socket. Called in the
  /// thread of this object.
  using admit_fun = std::function<void(transport peer)>;

  /// @throws std::system_error if no descriptor is available.
  tls_handshakes(std::shared_ptr<const tls_context> context,
                 arrival_limits limits, admit_fun admit);

  tls_handshakes(const tls_handshakes&) = delete;

  /// Closes the peers whose handshake is not done. Waits for a running `admit`.
  ~tls_handshakes();

  /// Begins a handshake on a non-blocking socket, and takes ownership of it.
  /// Any thread may call.
  void add(int fd);

private:
  using clock = std::chrono::steady_clock;

  void run();

  /// Waits for events, new sockets, or the next deadline.
  void wait();

  void begin_new();

  void begin(int fd);

  /// Continues a handshake.
  void advance(int fd);

  void close(int fd);

  std::shared_ptr<const tls_context> context_;
  admit_fun admit_;
  int poll_fd_ = -1;
  /// eventfd that wakes the thread.
  int event_fd_ = -1;
  // The following members are used only by the thread.
  arrivals<int> arrivals_;
  std::unordered_map<int, transport> transports_;
  // The following members are shared between threads.
  std::mutex mutex_;
  std::vector<int> fresh_;
  std::atomic<bool> ended_ = false;
  std::thread thread_;
};

} // namespace cafx::net
