// A periodic timer in the thread of CAF's multiplexer.
#pragma once

#include "cafx/version.hpp"

#include <chrono>
#include <functional>
#include <utility>

#include <caf/intrusive_ptr.hpp>
#include <caf/io/network/default_multiplexer.hpp>
#include <caf/io/network/event_handler.hpp>
#include <caf/make_counted.hpp>
#include <caf/ref_counted.hpp>
#include <sys/timerfd.h>
#include <unistd.h>

namespace cafx::basp {

/// Calls a function periodically until it returns false. Keeps itself alive
/// until then.
class ticker final : public caf::ref_counted,
                     public caf::io::network::event_handler {
public:
  using operation = caf::io::network::operation;

  /// @param fun called periodically; returns whether to continue.
  ticker(caf::io::network::default_multiplexer& mpx,
         std::chrono::milliseconds period, std::function<bool()> fun)
      : event_handler(
        mpx, ::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)),
        period_(period),
        fun_(std::move(fun)) {}

  void start() {
    if (fd() < 0)
      return;
    itimerspec when{};
    when.it_value.tv_nsec = std::chrono::nanoseconds{period_}.count();
    when.it_interval = when.it_value;
    ::timerfd_settime(fd(), 0, &when, nullptr);
    self_.reset(this);
    activate();
  }

  void handle_event(operation what) override {
    uint64_t times;
    if (what != operation::read
        || ::read(fd(), &times, sizeof(times)) != sizeof(times))
      return;
    caf::intrusive_ptr<ticker> guard{this};
    if (!fun_())
      passivate();
  }

  void removed_from_loop(operation what) override {
    if (what == operation::read)
      auto last = std::exchange(self_, {});
  }

  void graceful_shutdown() override {
    passivate();
  }

private:
  std::chrono::milliseconds period_;
  std::function<bool()> fun_;
  caf::intrusive_ptr<ticker> self_;
};

} // namespace cafx::basp
