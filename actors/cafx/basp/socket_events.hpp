// What CAF's multiplexer tells of the socket of a connection.
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

/// Stands for its owner in CAF's multiplexer, calls `on_event` of it, and keeps
/// it alive while it is registered there. Owns the socket. For the thread of
/// the multiplexer.
template <class Owner>
class socket_events final : public caf::io::network::event_handler {
public:
  /// @param whom counts references and has this as a member.
  socket_events(multiplexer& mpx, int fd, Owner& whom)
      : event_handler(mpx, fd), whom_(whom) {}

  /// Registers for reading or writing.
  void want(operation what) {
    if (auto& keeps = keeper(what); !keeps)
      keeps.reset(&whom_);
    backend().add(what, fd(), this);
  }

  /// Ends that. May end the life of the owner, unless somebody else keeps it.
  void drop(operation what) {
    backend().del(what, fd(), this);
    auto flag = what == operation::read ? POLLIN : POLLOUT;
    // CAF says nothing if it has only been about to register.
    if (!(eventbf() & flag))
      removed_from_loop(what);
  }

  void handle_event(operation what) override {
    caf::intrusive_ptr<Owner> guard{&whom_};
    whom_.on_event(what);
  }

  void removed_from_loop(operation what) override {
    if (what != operation::propagate_error)
      auto last = std::exchange(keeper(what), {});
  }

  void graceful_shutdown() override {
    whom_.graceful_shutdown();
  }

private:
  caf::intrusive_ptr<Owner>& keeper(operation what) {
    return what == operation::read ? keeps_reading_ : keeps_writing_;
  }

  Owner& whom_;
  caf::intrusive_ptr<Owner> keeps_reading_;
  caf::intrusive_ptr<Owner> keeps_writing_;
};

} // namespace cafx::basp
