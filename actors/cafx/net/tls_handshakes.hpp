// Greets peers by TLS before anybody else has to do with them.
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

/// Shakes hands with those who connect, in a thread of its own, so that the
/// cryptography of some does not delay the messages of others. Costs nothing
/// while nothing comes.
class tls_handshakes {
public:
  /// Takes a peer whose handshake is done, and its socket; called in the thread
  /// of this object.
  using admit_fun = std::function<void(transport peer)>;

  /// @throws std::system_error if the system has no descriptors left.
  tls_handshakes(std::shared_ptr<const tls_context> context,
                 arrival_limits limits, admit_fun admit);

  tls_handshakes(const tls_handshakes&) = delete;

  /// Closes what is not done. Waits for `admit` to return.
  ~tls_handshakes();

  /// Begins with a socket that does not block; takes it over. Any thread may
  /// call.
  void add(int fd);

private:
  using clock = std::chrono::steady_clock;

  void run();

  /// Waits until something is to be done.
  void wait();

  void begin_new();

  void begin(int fd);

  /// Goes on with a handshake.
  void advance(int fd);

  void close(int fd);

  std::shared_ptr<const tls_context> context_;
  admit_fun admit_;
  int poll_fd_ = -1;
  /// Wakes the thread.
  int event_fd_ = -1;
  // What follows is of the thread alone.
  arrivals<int> arrivals_;
  std::unordered_map<int, transport> transports_;
  // What follows is shared.
  std::mutex mutex_;
  std::vector<int> fresh_;
  std::atomic<bool> ended_ = false;
  std::thread thread_;
};

} // namespace cafx::net
