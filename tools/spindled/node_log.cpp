#include "spindled/node_log.hpp"

#include "text/rfc3339.hpp"

#include "spindle/config/utf8.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include <poll.h>

namespace spindle::tool {

namespace {

using namespace std::literals;

/// Returns the text, cut if it is too long, and quoted if it has spaces or
/// special characters.
std::string shown(std::string text) {
  auto plain = [](unsigned char c) {
    return c > ' ' && c < 0x7f && c != '"' && c != '=' && c != '\\';
  };
  if (text.size() > node_log::max_value_bytes) {
    text.resize(config::beginning(text, node_log::max_value_bytes).size());
    text += " ...";
  }
  if (!text.empty() && std::all_of(text.begin(), text.end(), plain))
    return text;
  using json = nlohmann::json;
  return json{text}[0].dump(-1, ' ', true, json::error_handler_t::replace);
}

std::string line_of(config::log_level level, std::string_view event,
                    const node_log::details& more) {
  auto res = "time=" + to_rfc3339(std::chrono::system_clock::now()) + " level="
           + config::to_string(level) + " event=" + std::string{event};
  for (const auto& [key, value] : more)
    res += ' ' + key + '=' + shown(value);
  return res + '\n';
}

} // namespace

// -- writing thread -----------------------------------------------------------

/// Pending lines, and the loop that writes them to a descriptor.
class node_log::writer {
public:
  explicit writer(int fd) : fd_(fd) {}

  void add(const std::string& line) {
    std::lock_guard guard{mutex_};
    if (waiting_.size() + line.size() > max_waiting_bytes) {
      ++lost_;
      return;
    }
    waiting_ += line;
    changed_.notify_all();
  }

  void flush(std::chrono::milliseconds timeout) {
    std::unique_lock guard{mutex_};
    changed_.wait_for(guard, timeout, [this] {
      return (waiting_.empty() && !writing_) || broken_;
    });
  }

  /// Makes `run` return once all pending lines are written.
  void close() {
    std::lock_guard guard{mutex_};
    closed_ = true;
    changed_.notify_all();
  }

  /// Writes lines until closed, or until the descriptor fails.
  void run() {
    while (auto some = next())
      if (!write_all(*some))
        give_up();
  }

private:
  /// Waits for lines, and removes them; returns nothing at the end.
  std::optional<std::string> next() {
    std::unique_lock guard{mutex_};
    writing_ = false;
    changed_.notify_all();
    changed_.wait(guard, [this] { return closed_ || !waiting_.empty(); });
    if (waiting_.empty() || broken_)
      return std::nullopt;
    writing_ = true;
    auto res = std::exchange(waiting_, {});
    if (lost_ > 0)
      res += line_of(config::log_level::warning, "log_lost",
                     {{"lines", std::to_string(std::exchange(lost_, 0u))}});
    return res;
  }

  bool write_all(std::string_view text) const {
    while (!text.empty()) {
      auto count = ::write(fd_, text.data(), text.size());
      if (count < 0 && errno == EAGAIN) {
        // Another process that shares the descriptor made it non-blocking.
        pollfd room{fd_, POLLOUT, 0};
        ::poll(&room, 1, -1);
      } else if (count < 0 && errno != EINTR) {
        return false;
      }
      text.remove_prefix(count < 0 ? 0 : static_cast<size_t>(count));
    }
    return true;
  }

  /// Stops writing, because the descriptor has failed.
  void give_up() {
    std::lock_guard guard{mutex_};
    broken_ = true;
    closed_ = true;
  }

  int fd_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string waiting_;
  /// Number of dropped lines that are not reported yet.
  uint64_t lost_ = 0;
  bool writing_ = false;
  bool closed_ = false;
  bool broken_ = false;
};

// -- node_log -----------------------------------------------------------------

node_log::node_log(int fd) : writer_(std::make_shared<writer>(fd)) {
  std::thread{[writer = writer_] { writer->run(); }}.detach();
}

node_log::~node_log() {
  flush(1s);
  writer_->close();
}

void node_log::write(config::log_level level, std::string_view event,
                     const details& more) const {
  if (level <= level_)
    writer_->add(line_of(level, event, more));
}

void node_log::flush(std::chrono::milliseconds timeout) const {
  writer_->flush(timeout);
}

} // namespace spindle::tool
