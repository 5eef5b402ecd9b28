#include "spindle/node/remote_writer.hpp"

#include "cafx/joined_behavior.hpp"
#include "spindle/node/pending_requests.hpp"
#include "spindle/queue/unexpected.hpp"

#include <algorithm>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace spindle {

// -- constructors, destructors, and assignment operators ----------------------

remote_writer_state::remote_writer_state(
  cafx::self_ptr<remote_writer_actor> self, std::string path, write_mode mode,
  front_actor connection)
    : self_(self),
      path_(std::move(path)),
      mode_(mode),
      connection_(std::move(connection)) {
  known_.path = path_;
  drop_unexpected(self_);
}

remote_writer_actor::behavior_type remote_writer_state::make_behavior() {
  auto handlers = std::tuple{
    [this](get_status x) -> caf::result<writer_status> {
      return forward<writer_status>(x);
    },
    [this](await_writer x) -> caf::result<writer_status> {
      return forward<writer_status>(x);
    },
    [this](const append_data& x) -> caf::result<uint64_t> {
      return forward<uint64_t>(x);
    },
    [this](finish_writing x) -> caf::result<void> { return forward<void>(x); },
    [this](pause_writing x) -> caf::result<void> { return forward<void>(x); },
    [this](resume_writing x) -> caf::result<void> { return forward<void>(x); },
    [this](cancel_writing x) -> caf::result<void> { return forward<void>(x); },
    [this](const set_profile& x) -> caf::result<void> {
      return forward<void>(x);
    },
    [this](const subscribe_progress& x) -> caf::result<void> {
      return on_subscribe(x);
    },
    [this](const writer_placed& x) -> caf::result<void> {
      on_placed(x);
      return caf::unit;
    },
    [this](const writer_unreachable& x) -> caf::result<void> {
      fail(x.why);
      return caf::unit;
    },
    [this](const writer_status& x) -> caf::result<void> {
      known_ = x;
      return caf::unit;
    },
  };
  return cafx::joined_behavior<remote_writer_actor::behavior_type>(
    self_, std::move(handlers));
}

// -- requests -----------------------------------------------------------------

template <class Out, class Message>
caf::result<Out> remote_writer_state::forward(const Message& x) {
  cafx::typed_response_promise<Out> res{self_};
  auto number = ++last_number_;
  request one{[res](const caf::error& why) mutable { res.deliver(why); }, {}};
  if constexpr (std::is_same_v<Out, writer_status>)
    one.end = [res](const writer_status& last) mutable {
      if (last.error && std::is_same_v<Message, await_writer>)
        res.deliver(to_error(*last.error));
      else
        res.deliver(last);
    };
  else if constexpr (std::is_same_v<Message, subscribe_progress>)
    one.end = [res, who = x.receiver](const writer_status& last) mutable {
      cafx::anon_mail(last).send(who);
      res.deliver();
    };
  if (requests_.size() >= max_awaiting) {
    one.fail(to_error(about({.code = errc::limit_exceeded,
                             .detail = "at most " + std::to_string(max_awaiting)
                                     + " requests to a writer may be pending"},
                            work())));
    return res;
  }
  requests_.emplace(number, std::move(one));
  if (real_)
    send<Out>(number, x, res);
  else
    waiting_.push_back([this, number, x, res] { send<Out>(number, x, res); });
  return res;
}

caf::result<void>
remote_writer_state::on_subscribe(const subscribe_progress& x) {
  // This proxy is a subscriber of the writer, too.
  constexpr auto most = max_subscribers - 1;
  auto known = std::find(subscribers_.begin(), subscribers_.end(), x.receiver);
  if (known == subscribers_.end()) {
    if (subscribers_.size() < most)
      subscribers_.push_back(x.receiver);
    else
      return to_error(failure{.code = errc::limit_exceeded,
                              .operation = stream_step_name,
                              .path = path_,
                              .detail = "a writer of a node has at most "
                                      + std::to_string(most) + " subscribers"});
  }
  return forward<void>(x);
}

undone remote_writer_state::work() const {
  return {.operation = stream_step_name, .path = path_};
}

template <class Out, class Message>
void remote_writer_state::send(uint64_t number, const Message& x,
                               cafx::typed_response_promise<Out> promise) {
  auto failed
    = [this, number](const caf::error& why) { on_error(number, why); };
  if constexpr (std::is_same_v<Message, append_data>)
    // The node would close the connection.
    if (auto why = beyond_message_limit(max_message_bytes_, x.data.size()))
      return failed(to_error(about(std::move(*why), work())));
  if constexpr (std::is_void_v<Out>)
    self_->mail(x)
      .request(real_, cafx::infinite)
      .then(
        [this, number, promise]() mutable {
          promise.deliver();
          on_answer(number);
        },
        failed);
  else
    self_->mail(x)
      .request(real_, cafx::infinite)
      .then(
        [this, number, promise](Out& y) mutable {
          promise.deliver(std::move(y));
          on_answer(number);
        },
        failed);
}

void remote_writer_state::on_answer(uint64_t number) {
  requests_.erase(number);
  if (ended_ && requests_.empty())
    quit();
}

void remote_writer_state::on_error(uint64_t number, const caf::error& why) {
  auto i = requests_.find(number);
  // An error of CAF means that the writer is gone: its down message follows.
  if (i == requests_.end() || !failure_of(why))
    return;
  i->second.fail(why);
  on_answer(number);
}

// -- the writer ---------------------------------------------------------------

void remote_writer_state::on_placed(const writer_placed& x) {
  real_ = x.real;
  max_message_bytes_ = x.max_message_bytes;
  self_->monitor(real_, [this](const caf::error& reason) { on_down(reason); });
  // To get the status after each chunk. Anonymous, because CAF 1.x sends an
  // error if the writer is gone, and an actor that gets an error ends.
  cafx::anon_mail(subscribe_progress{caf::actor_cast<progress_receiver>(self_),
                                     caf::timespan{}})
    .send(real_);
  for (auto& send : std::exchange(waiting_, {}))
    send();
}

void remote_writer_state::on_down(const caf::error& reason) {
  if (requests_.empty() && (cafx::ended_well(reason) || failure_of(reason))) {
    ended_ = cafx::ended_well(reason) ? caf::error{} : reason;
    quit();
    return;
  }
  // The reason is unknown if the writer had ended before it was monitored, or
  // if the connection is lost.
  self_->mail(recall_writer{.writer = real_, .id = self_->id()})
    .request(connection_, cafx::infinite)
    .then(
      [this](const writer_status& last) {
        if (last.finished)
          end_as(last);
        else
          on_lost(last);
      },
      [this, reason](const caf::error& why) {
        failure lost{.code = errc::writer_lost,
                     .detail = "nobody knows how it ended"};
        fail(failure_of(reason).value_or(failure_of(why).value_or(lost)));
      });
}

void remote_writer_state::on_lost(const writer_status& last) {
  known_ = last;
  fail({.code = errc::node_lost, .detail = "the connection broke"});
}

void remote_writer_state::end_as(const writer_status& last) {
  ended_ = last.error ? to_error(*last.error) : caf::error{};
  failure over{.code = errc::invalid_argument,
               .operation = stream_step_name,
               .path = path_,
               .detail = "the writer has ended"};
  for (auto& [number, one] : std::exchange(requests_, {}))
    if (one.end)
      one.end(last);
    else
      one.fail(to_error(last.error.value_or(over)));
  quit();
}

void remote_writer_state::quit() {
  if (cafx::failed(*ended_))
    self_->quit(*ended_);
  else
    self_->quit();
}

void remote_writer_state::fail(failure why) {
  add_progress(why);
  auto reason = to_error(why);
  for (auto& [number, one] : std::exchange(requests_, {}))
    one.fail(reason);
  known_.finished = true;
  known_.error = std::move(why);
  for (const auto& receiver : subscribers_)
    cafx::anon_mail(known_).send(receiver);
  self_->quit(reason);
}

void remote_writer_state::add_progress(failure& why) const {
  if (why.operation.empty())
    why.operation = stream_step_name;
  if (why.path.empty())
    why.path = path_;
  if (why.code != errc::node_lost && why.code != errc::writer_lost)
    return;
  // With `replace`, the file gets its new content at the end.
  why.done = mode_ == write_mode::replace ? 0 : known_.written;
  if (real_)
    why.detail += "; " + std::to_string(known_.written)
                + " bytes were written when it was last heard of, and the node "
                  "may have written more: check the file before you continue";
}

} // namespace spindle
