#include "run/attendant.hpp"

#include "run/background_write.hpp"

#include <chrono>
#include <utility>

namespace spindle::tool {

namespace {

/// Only the last report matters.
constexpr auto between_reports = caf::timespan{std::chrono::hours{1}};

failure explained(const caf::error& why) {
  auto known = failure_of(why);
  return known ? *std::move(known)
               : failure{.code = errc::shut_down,
                         .operation = background_write::type_name,
                         .detail = "the queue is gone"};
}

/// Hears of the end of a writer, and reads for it.
class attendant_state {
public:
  static constexpr const char* name = "spindle.attendant";

  using callback = std::function<void(const writer_status&)>;

  attendant_state(cafx::self_ptr<attendant_actor> self,
                  supervisor_actor supervisor, writer_actor writer,
                  std::optional<writer_source> source, callback on_end)
      : self_(self),
        supervisor_(std::move(supervisor)),
        writer_(std::move(writer)),
        source_(std::move(source)),
        on_end_(std::move(on_end)) {
    if (source_)
      waits_ = source_->lane_paths.size() + (source_->after ? 1 : 0);
  }

  attendant_actor::behavior_type make_behavior() {
    // A writer tells subscribers everything, but may have ended before.
    self_
      ->mail(subscribe_progress{caf::actor_cast<attendant_actor>(self_),
                                between_reports})
      .send(writer_);
    when_ended(writer_, [this](writer_status last) { end(std::move(last)); });
    if (source_ && source_->after)
      when_ended(source_->after,
                 [this](const writer_status& last) { on_chain_free(last); });
    return {
      [this](const writer_status& x) -> caf::result<void> {
        if (x.finished)
          end(x);
        return caf::unit;
      },
      [this](caf::tick_atom) -> caf::result<void> {
        on_wait_over();
        return caf::unit;
      },
      [this](failure& why) -> caf::result<void> {
        give_up(std::move(why));
        return caf::unit;
      },
    };
  }

private:
  // -- ends -------------------------------------------------------------------

  /// Calls `fun` with the last status of a writer, which may be gone already.
  template <class Fun>
  void when_ended(const writer_actor& writer, Fun fun) {
    self_->mail(await_writer{})
      .request(writer, cafx::infinite)
      .then(fun, [this, writer, fun](const caf::error&) {
        // The queue knew of the end before the writer went.
        self_->mail(recall_writer{writer})
          .request(supervisor_, cafx::infinite)
          .then(fun, [this, fun](const caf::error& why) {
            auto known = failure_of(why);
            fun(writer_status{
              .finished = true,
              .error = known ? *known
                             : failure_with(errc::writer_lost,
                                            "nobody knows how it ended")});
          });
      });
  }

  void end(writer_status last) {
    if (why_ && last.error && last.error->code == errc::cancelled) {
      why_->done = last.error->done;
      last.error = why_;
    }
    if (source_ && !all_read_ && !last.error) {
      // A node that shuts down finishes a write with what it has got.
      last.error = failure_with(errc::shut_down,
                                "it ended with its queue, before the source "
                                "was read to its end");
      last.error->done = last.written;
    }
    if (auto fun = std::exchange(on_end_, nullptr))
      fun(last);
    // Other nodes may know this actor, so it does not go by itself.
    self_->quit();
  }

  // -- the source -------------------------------------------------------------

  void on_chain_free(const writer_status& last) {
    // Otherwise the writer knows that the chain is broken.
    if (!last.error || source_->policy == chain_policy::proceed)
      on_wait_over();
  }

  void on_wait_over() {
    if (--waits_ == 0)
      check_source();
  }

  void check_source() {
    with_info(
      source_->path,
      [this](const file_info& source) {
        if (source.type == file_type::directory)
          give_up(failure_with(errc::is_a_directory, ""));
        else if (source.type != file_type::file)
          give_up(failure_with(errc::invalid_argument, "it is no file"));
        else
          check_target(source);
      },
      [this](failure why) { give_up(std::move(why)); });
  }

  void check_target(const file_info& source) {
    with_info(
      source_->target,
      [this, source](const file_info& target) {
        if (source.device == target.device && source.inode == target.inode)
          give_up(
            failure_with(errc::invalid_argument, "it is the target as well"));
        else
          read_page();
      },
      // What is wrong with the target, the writer finds out.
      [this](const failure&) { read_page(); });
  }

  template <class Fun, class OnFailure>
  void with_info(const std::string& path, Fun fun, OnFailure on_failure) {
    request_op(file_stat{.path = path}, std::move(fun), std::move(on_failure));
  }

  void read_page() {
    request_op(
      file_read{
        .path = source_->path, .offset = offset_, .length = source_->page_size},
      [this](const buffer& page) { on_page(page); },
      [this](failure why) { give_up(std::move(why)); });
  }

  void on_page(const buffer& page) {
    if (page.empty()) {
      all_read_ = true;
      self_->mail(finish_writing{}).send(writer_);
      return;
    }
    offset_ += page.size();
    self_->mail(append_data{page})
      .request(writer_, cafx::infinite)
      .then([this](uint64_t) { read_page(); },
            // The writer has ended, which is told elsewhere.
            [](const caf::error&) {});
  }

  void give_up(failure why) {
    if (why.path.empty())
      why.path = source_->path;
    why_ = std::move(why);
    self_->mail(cancel_writing{}).send(writer_);
  }

  // -- requests ---------------------------------------------------------------

  template <class Op, class Fun, class OnFailure>
  void request_op(Op op, Fun fun, OnFailure on_failure) {
    self_->mail(std::move(op))
      .request(supervisor_, cafx::infinite)
      .then(std::move(fun), [on_failure](const caf::error& why) {
        on_failure(explained(why));
      });
  }

  failure failure_with(errc code, std::string detail) const {
    return {.code = code,
            .operation = background_write::type_name,
            .path = source_ ? source_->path : "",
            .detail = std::move(detail)};
  }

  // -- member variables -------------------------------------------------------

  cafx::self_ptr<attendant_actor> self_;
  supervisor_actor supervisor_;
  writer_actor writer_;
  std::optional<writer_source> source_;
  callback on_end_;
  /// How much must happen before the source is read.
  size_t waits_ = 0;
  uint64_t offset_ = 0;
  bool all_read_ = false;
  /// Why the source could not be read to its end.
  std::optional<failure> why_;
};

} // namespace

attendant_actor attend(const queue& q, const writer_actor& writer,
                       std::optional<writer_source> source,
                       std::function<void(const writer_status&)> on_end) {
  return q.system().spawn<cafx::actor_of<attendant_state>>(
    q.supervisor(), writer, std::move(source), std::move(on_end));
}

void await_lane(submitter& to, uint64_t lane,
                const std::vector<std::string>& paths,
                const attendant_actor& who) {
  for (const auto& path : paths)
    // It is executed after all that is in the lane; what it finds does not
    // matter. An empty list would not name a volume of a node.
    to.submit(file_stat{.path = path}, local_callback{[who](const outcome&) {
                cafx::anon_mail(caf::tick_atom_v).send(who);
              }},
              lane, [who](const caf::expected<ticket>& res) {
                if (!res)
                  cafx::anon_mail(explained(res.error())).send(who);
              });
}

} // namespace spindle::tool
