#include "spindle/fs/execute.hpp"

#include "spindle/fs/frame_pool.hpp"
#include "spindle/fs/perform.hpp"

#include <cerrno>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace spindle::fs {

namespace {

/// Adds the progress of a stopped operation to its failure.
void add_progress(failure& why, const progress_record* record) {
  if (why.code != errc::cancelled || !record)
    return;
  auto far = record->read();
  if (!why.detail.empty())
    why.detail += "; ";
  why.detail += "it was stopped after " + std::to_string(far.bytes);
  if (far.total_bytes)
    why.detail += " of " + std::to_string(*far.total_bytes);
  why.detail += " bytes and " + std::to_string(far.entries) + " entries";
}

/// Says of an operation that was stopped because its root moved that this is
/// why.
void add_reason(failure& why, int sys_errno) {
  if (why.code != errc::cancelled)
    return;
  auto reason = root_moved(sys_errno, {}).value();
  why.code = reason.code;
  why.sys_errno = sys_errno;
  if (!why.detail.empty())
    reason.detail += "; ";
  why.detail = reason.detail + why.detail;
}

} // namespace

// -- execution ----------------------------------------------------------------

namespace {

/// The coroutine of an operation that may rest, by the type of its output.
template <class Output>
struct coroutine_of;

template <class... Ts>
struct coroutine_of<std::variant<Ts...>> {
  using type = std::variant<std::monostate, task<attempt<Ts>>...>;
};

} // namespace

class execution::impl {
public:
  impl(vfs& disk, const operation& what, const limits& bounds,
       const surroundings& with)
      : what_(what),
        record_(with.progress),
        bounds_(bounds),
        place_(with.awaits),
        leaves_syncs_(with.leaves_syncs),
        env_{disk,
             bounds_,
             last_,
             with.walks,
             progress_sink{with.progress},
             slices{&place_},
             with.whole} {}

  static void* operator new(size_t size) {
    return take_frame(size);
  }

  static void operator delete(void* memory, size_t size) noexcept {
    return_frame(memory, size);
  }

  pause advance(std::function<bool()> over) {
    place_.open(std::move(over));
    if (answer_) {
      // It was settled.
    } else if (auto resting = place_.take()) {
      check_root();
      resting.resume();
      collect();
    } else {
      begin();
    }
    if (answer_)
      return settle();
    return place_.call() ? pause::awaits : pause::rests;
  }

  device_call& call() const noexcept {
    return *place_.call();
  }

  const std::vector<sync_call*>& syncs() const noexcept {
    return syncs_;
  }

  final_syncs take_syncs() {
    return std::move(last_);
  }

  void stop() noexcept {
    place_.stop();
  }

  answer take() {
    if (!*answer_ && place_.is_stopped())
      add_progress(answer_->error(), record_);
    if (!*answer_ && moved_ != 0)
      add_reason(answer_->error(), moved_);
    return std::move(*answer_);
  }

private:
  /// Makes the effect of the operation durable.
  pause settle() {
    if (!*answer_ || last_.empty() || leaves_syncs_)
      return pause::done;
    if (place_.awaits()) {
      syncs_ = last_.next_round();
      if (!syncs_.empty())
        return pause::settled;
    }
    // Makes those that are left.
    if (auto durable = last_.run_as(name_of(what_)); !durable)
      answer_.emplace(tl::unexpect, std::move(durable.error()));
    return pause::done;
  }

  void begin() {
    // The record may have the path of an earlier operation of the list.
    if (record_ && env_.whole)
      record_->begin(path_of(what_));
    auto checked = env_.disk.check_start();
    if (!checked)
      return fail_with(root_moved(checked.error(), path_of(what_)).value());
    start_ = *checked;
    std::visit([this](const auto& op) { proceed(perform(env_, op)); }, what_);
  }

  /// Stops the operation if others moved or replaced its root while it rested:
  /// its paths would lead elsewhere.
  void check_root() {
    if (place_.is_stopped())
      return;
    auto now = env_.disk.check_start();
    if (now && *now == start_)
      return;
    moved_ = now ? ESTALE : now.error();
    place_.stop();
  }

  template <class T>
  void proceed(attempt<T> res) {
    if (res)
      answer_.emplace(output{std::in_place_type<T>, std::move(*res)});
    else
      fail_with(std::move(res.error()));
  }

  template <class T>
  void proceed(task<attempt<T>> what) {
    if (record_ && !env_.whole)
      record_->begin(path_of(what_));
    auto& started = coroutine_.emplace<task<attempt<T>>>(std::move(what));
    started.handle().resume();
    collect();
  }

  template <class T>
  void proceed(value_or_task<attempt<T>> what) {
    if (auto* value = std::get_if<attempt<T>>(&what))
      proceed(std::move(*value));
    else
      proceed(std::get<task<attempt<T>>>(std::move(what)));
  }

  /// Takes the result of the coroutine if it has ended.
  void collect() {
    std::visit(
      [this](auto& what) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(what)>,
                                      std::monostate>)
          if (what.done())
            proceed(what.take());
      },
      coroutine_);
    if (answer_)
      coroutine_ = {};
  }

  /// Fails with `why`, which lacks the name of the operation.
  void fail_with(failure why) {
    why.operation = name_of(what_);
    answer_.emplace(tl::unexpect, std::move(why));
  }

  const operation& what_;
  progress_record* record_;
  limits bounds_;
  resting_place place_;
  final_syncs last_;
  bool leaves_syncs_;
  context env_;
  /// The round of `last_` that is awaited.
  std::vector<sync_call*> syncs_;
  /// Result of `vfs::check_start` at the beginning.
  uint64_t start_ = 0;
  /// Why the root cannot be used any more, or 0.
  int moved_ = 0;
  coroutine_of<output>::type coroutine_;
  std::optional<answer> answer_;
};

execution::execution(vfs& disk, const operation& what, const limits& bounds,
                     const surroundings& with)
    : impl_(std::make_unique<impl>(disk, what, bounds, with)) {}

execution::~execution() = default;

pause execution::advance(std::function<bool()> over) {
  return impl_->advance(std::move(over));
}

device_call& execution::call() const noexcept {
  return impl_->call();
}

const std::vector<sync_call*>& execution::syncs() const noexcept {
  return impl_->syncs();
}

final_syncs execution::take_syncs() {
  return impl_->take_syncs();
}

void execution::stop() noexcept {
  impl_->stop();
}

answer execution::take() {
  return impl_->take();
}

// -- as a whole ---------------------------------------------------------------

answer execute(vfs& disk, const operation& what, const limits& bounds,
               const surroundings& with) {
  execution all{disk, what, bounds, with};
  all.advance(nullptr);
  return all.take();
}

} // namespace spindle::fs
