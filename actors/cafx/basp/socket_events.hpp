// Events of a socket from CAF's multiplexer.
#pragma once

#include "cafx/version.hpp"

#include <utility>

#include <caf/intrusive_ptr.hpp>
#include <caf/io/network/default_multiplexer.hpp>
#include <caf/io/network/event_handler.hpp>
#include <poll.h>

namespace cafx::basp {

using caf::io::network::operation;

using multiplexer = caf::io::network::default_multiplexer;

/// Registers the socket of its owner with CAF's multiplexer and calls
/// `on_event` of the owner. Keeps the owner alive while registered. Owns the
/// socket. Must be used in the thread of the multiplexer.
template <class Owner>
class socket_events final : public caf::io::network::event_handler {
public:
  /// @param whom the reference-counted owner, which has this as a member.
  socket_events(multiplexer& mpx, int fd, Owner& whom)
      : event_handler(mpx, fd), whom_(whom) {}

  /// Registers for read or write events.
  void want(operation what) {
    if (auto& owner = reference_for(what); !owner)
      owner.reset(&whom_);
    backend().add(what, fd(), this);
  }

  /// Ends the registration. May destroy the owner if nothing else references
  /// it.
  void drop(operation what) {
    backend().del(what, fd(), this);
    auto flag = what == operation::read ? POLLIN : POLLOUT;
    // CAF does not call `removed_from_loop` if the registration is still
    // pending.
    if (!(eventbf() & flag))
      removed_from_loop(what);
  }

  void handle_event(operation what) override {
    caf::intrusive_ptr<Owner> guard{&whom_};
    whom_.on_event(what);
  }

  void removed_from_loop(operation what) override {
    if (what != operation::propagate_error)
      auto last = std::exchange(reference_for(what), {});
  }

  void graceful_shutdown() override {
    whom_.graceful_shutdown();
  }

private:
  caf::intrusive_ptr<Owner>& reference_for(operation what) {
    return what == operation::read ? while_reading_ : while_writing_;
  }

  Owner& whom_;
  /// References to the owner while registered for each kind of event.
  caf::intrusive_ptr<Owner> while_reading_;
  caf::intrusive_ptr<Owner> while_writing_;
};

} // namespace cafx::basp
