#include "spindle/fs/execute.hpp"

#include "spindle/fs/frame_pool.hpp"
#include "spindle/fs/perform.hpp"

#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace spindle::fs {

namespace {

/// Gives a failure the name of its operation.
template <class Op>
answer to_answer(attempt<typename Op::output> res) {
  if (res)
    return output{std::in_place_type<typename Op::output>, std::move(*res)};
  res.error().operation = Op::type_name;
  return std::move(res.error());
}

template <class Op>
task<answer> answered(task<attempt<typename Op::output>> what) {
  auto res = co_await what;
  co_return to_answer<Op>(std::move(res));
}

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

} // namespace

// -- execution ----------------------------------------------------------------

class execution::impl {
public:
  impl(vfs& disk, const operation& what, const limits& bounds,
       const surroundings& with)
      : what_(what),
        record_(with.progress),
        bounds_(bounds),
        env_{disk,
             bounds_,
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

  bool advance(std::function<bool()> over) {
    place_.open(std::move(over));
    if (auto resting = place_.take())
      resting.resume();
    else
      begin();
    if (task_ && task_->done()) {
      answer_ = task_->take();
      task_.reset();
    }
    return answer_.has_value();
  }

  void stop() noexcept {
    place_.stop();
  }

  answer take() {
    auto res = std::move(*answer_);
    if (auto* why = std::get_if<failure>(&res); why && place_.is_stopped())
      add_progress(*why, record_);
    return res;
  }

private:
  void begin() {
    if (record_)
      record_->begin(path_of(what_));
    auto checked = env_.disk.check_start();
    std::visit(
      [&](const auto& op) {
        using op_type = std::remove_cvref_t<decltype(op)>;
        if (!checked)
          answer_ = to_answer<op_type>(root_moved(checked.error(), op.path));
        else
          proceed<op_type>(perform(env_, op));
      },
      what_);
  }

  template <class Op>
  void proceed(attempt<typename Op::output> res) {
    answer_ = to_answer<Op>(std::move(res));
  }

  template <class Op>
  void proceed(task<attempt<typename Op::output>> what) {
    task_ = answered<Op>(std::move(what));
    task_->handle().resume();
  }

  template <class Op>
  void proceed(value_or_task<attempt<typename Op::output>> what) {
    std::visit([this](auto& x) { this->proceed<Op>(std::move(x)); }, what);
  }

  const operation& what_;
  progress_record* record_;
  limits bounds_;
  resting_place place_;
  context env_;
  std::optional<task<answer>> task_;
  std::optional<answer> answer_;
};

execution::execution(vfs& disk, const operation& what, const limits& bounds,
                     const surroundings& with)
    : impl_(std::make_unique<impl>(disk, what, bounds, with)) {}

execution::~execution() = default;

bool execution::advance(std::function<bool()> over) {
  return impl_->advance(std::move(over));
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
