#include "spindle/fs/stream.hpp"

#include "spindle/fs/holes.hpp"
#include "spindle/fs/names.hpp"
#include "spindle/fs/posix/adopt.hpp"
#include "spindle/fs/transfer.hpp"

#include <cerrno>
#include <tuple>
#include <utility>

#include <unistd.h>

namespace spindle::fs {

namespace {

constexpr auto whole_extent = "all of it is written";
constexpr auto unknown_extent = "nothing is known of what was written";

} // namespace

// -- constructors, destructors, and assignment operators ----------------------

stream::stream(vfs_ptr disk, stream_target target)
    : disk_(std::move(disk)), target_(std::move(target)) {
  if (target_.descriptor)
    target_.path = "descriptor " + std::to_string(*target_.descriptor);
}

stream::~stream() {
  abandon();
}

// -- steps --------------------------------------------------------------------

attempt<uint64_t> stream::write(std::span<const std::byte> bytes,
                                steady_time until) {
  return noted(write_more(bytes, until));
}

attempt<void> stream::finish() {
  final_syncs last;
  auto res = run_to_end(as_task(finish(last, {})));
  if (!res)
    return res;
  res = last.run();
  if (!res && last.has_lost_content())
    set_unknown_extent();
  return noted(std::move(res));
}

value_or_task<attempt<void>> stream::finish(final_syncs& last, slices rests) {
  auto opened = end_content();
  if (!opened)
    return noted(std::move(opened));
  if (replacement_)
    return commit(last, rests);
  auto res = make_durable(last);
  abandon();
  return noted(std::move(res));
}

template <class T>
attempt<T> stream::noted(attempt<T> step) {
  if (!step && !failed_) {
    failed_ = step.error();
    failed_->done = 0;
    abandon();
  }
  return step;
}

attempt<uint64_t> stream::write_more(std::span<const std::byte> bytes,
                                     steady_time until) {
  auto to = open();
  if (!to)
    return tl::unexpected{std::move(to.error())};
  if (shrinking_) {
    auto cut = shrinking_->step(**to);
    if (!cut)
      return broken(cut.error());
    if (!*cut)
      return 0;
    shrinking_.reset();
  }
  auto done = put(**to, bytes, until);
  if (done.sys_errno != 0 && done.sys_errno != EAGAIN)
    return broken(done.sys_errno);
  if (auto started = start_writeback(**to); !started)
    return broken(started.error());
  return done.bytes;
}

result<void> stream::start_writeback(file& to) {
  if (!writeback_)
    return {};
  auto res = writeback_->advance(to, begin_.value_or(0) + written_);
  in_doubt_ = !res;
  return res;
}

progress stream::put(file& to, std::span<const std::byte> bytes,
                     steady_time until) {
  if (!holes_) {
    auto at = target_.offset == 0 ? 0 : target_.offset + written_;
    auto res = write_all(to, bytes, at, until);
    written_ += res.bytes;
    return res;
  }
  progress res;
  while (res.bytes < bytes.size() && res.sys_errno == 0) {
    auto rest = bytes.subspan(res.bytes);
    auto at = target_.offset + written_;
    auto run = first_run(rest, at);
    auto done = run.is_hole ? progress{run.size, 0}
                            : write_all(to, rest.first(run.size), at, until);
    written_ += done.bytes;
    res = {res.bytes + done.bytes, done.sys_errno};
    if (done.bytes > 0)
      hole_at_end_ = run.is_hole;
  }
  return res;
}

result<void> stream::end_hole(file& to) {
  if (!std::exchange(hole_at_end_, false))
    return {};
  auto res = to.truncate(target_.offset + written_);
  in_doubt_ = !res;
  return res;
}

void stream::discard(failure& why) {
  replacement_->discard(why);
  freed_ = replacement_->take_freed();
  replacement_.reset();
}

tl::unexpected<failure> stream::broken(int sys_errno) {
  auto res = failed(sys_errno, target_.path);
  if (replacement_)
    discard(res.value());
  return res;
}

attempt<void> stream::end_content() {
  auto opened = open();
  if (!opened)
    return tl::unexpected{std::move(opened.error())};
  if (auto cut = finish_shrinking(); !cut)
    return broken(cut.error());
  if (auto ended = end_hole(**opened); !ended)
    return broken(ended.error());
  return {};
}

task<attempt<void>> stream::commit(final_syncs& last, slices rests) {
  fs::written extent{written_, whole_extent};
  auto res = co_await replacement_->commit(last, rests, extent);
  complete_ = replacement_->published();
  freed_ = replacement_->take_freed();
  replacement_.reset();
  abandon();
  co_return noted(std::move(res));
}

bool stream::wait_free() {
  if (!freeing_.wait(freed_.get()))
    return false;
  freed_.reset();
  return true;
}

attempt<void> stream::make_durable(final_syncs& last) {
  auto mode = sync_mode_of(target_.durability);
  auto closed = mode ? result<void>{} : file_->close();
  in_doubt_ = !closed;
  complete_ = closed.has_value();
  if (mode)
    last.add(std::move(file_), *mode, failed(0, target_.path).value(),
             {0, unknown_extent});
  file_.reset();
  if (!closed)
    return failed(closed.error(), target_.path);
  if (target_.descriptor)
    return {};
  sync_followed_name(last, *disk_, target_.path, target_.durability,
                     {written_, whole_extent});
  return {};
}

void stream::abandon() {
  if (std::exchange(ended_, true))
    return;
  // The old content must be gone even if nothing was written.
  std::ignore = finish_shrinking();
  measure();
  // Network file systems may report only now that bytes are lost.
  if (file_ && !file_->close())
    set_unknown_extent();
  file_.reset();
  failure ignored;
  if (replacement_)
    discard(ignored);
  if (target_.close_descriptor && target_.descriptor)
    ::close(*target_.descriptor);
}

// -- the extent ---------------------------------------------------------------

void stream::tell_extent(failure& why) const {
  why.done = extent_;
  if (extent_text_.empty())
    return;
  if (!why.detail.empty())
    why.detail += "; ";
  why.detail += extent_text_;
}

void stream::measure() {
  if (!opened_)
    return;
  auto unseen = target_.mode == write_mode::replace && !target_.descriptor;
  if (unseen && !complete_) {
    extent_text_ = "the target is as it was";
    return;
  }
  if (file_)
    end_hole(*file_);
  if (shrinking_) {
    extent_text_ = shrinking_->extent();
    if (extent_text_.empty())
      extent_text_ = "the target is as it was";
    return;
  }
  if (in_doubt_)
    return set_unknown_extent();
  extent_ = written_;
  if (complete_)
    extent_text_ = whole_extent;
  else if (auto end = end_offset())
    extent_text_ = "written up to offset " + std::to_string(*end);
  else
    extent_text_ = std::to_string(written_) + " bytes are written";
}

void stream::set_unknown_extent() {
  extent_ = 0;
  extent_text_ = unknown_extent;
}

std::optional<uint64_t> stream::end_offset() const {
  if (!begin_ || !file_)
    return std::nullopt;
  auto info = file_->stat();
  auto has_offsets
    = info
   && (info->type == file_type::file || info->type == file_type::block_device);
  if (!has_offsets)
    return std::nullopt;
  auto res = *begin_ + written_;
  // Another process may have appended, or moved the shared position.
  if (target_.descriptor && position_of(*target_.descriptor) != res)
    return std::nullopt;
  if (!target_.descriptor && target_.mode == write_mode::append
      && info->size != res)
    return std::nullopt;
  return res;
}

// -- opening ------------------------------------------------------------------

attempt<void> stream::check() {
  // A descriptor does not depend on the root.
  if (target_.descriptor)
    return {};
  auto now = disk_->check_start();
  if (!now)
    return root_moved(now.error(), target_.path);
  if (start_.value_or(*now) != *now)
    return root_moved(ESTALE, target_.path);
  start_ = *now;
  return {};
}

attempt<file*> stream::open() {
  if (failed_)
    return tl::unexpected{*failed_};
  if (ended_)
    return refused(errc::invalid_argument, target_.path,
                   "the stream has ended");
  if (auto checked = check(); !checked)
    return tl::unexpected{std::move(checked.error())};
  if (!file_ && !replacement_)
    if (auto opened = open_target(); !opened)
      return tl::unexpected{std::move(opened.error())};
  return replacement_ ? &replacement_->content() : file_.get();
}

attempt<void> stream::open_target() {
  auto at_end = target_.mode == write_mode::append
             || target_.mode == write_mode::replace || target_.descriptor;
  if (target_.offset != 0 && at_end)
    return refused(errc::invalid_argument, target_.path,
                   target_.descriptor ? "the offset must be 0 with a descriptor"
                                      : "the offset must be 0 with the mode "
                                          + to_string(target_.mode));
  if (target_.descriptor)
    return open_descriptor();
  return target_.mode == write_mode::replace ? open_new() : open_path();
}

attempt<void> stream::open_descriptor() {
  auto adopted = adopt(*target_.descriptor);
  if (!adopted)
    return failed(adopted.error(), target_.path,
                  "the descriptor is not open for writing");
  file_ = std::move(adopted->content);
  begin_ = adopted->begin;
  if (begin_ && target_.durability != durability::none)
    writeback_.emplace(*begin_);
  opened_ = true;
  return {};
}

attempt<void> stream::open_new() {
  // Without a sync before the rename, the new file may be empty after a crash.
  auto level = target_.durability == durability::none ? durability::data
                                                      : target_.durability;
  auto begun = replacement::begin(*disk_, target_.path, target_.parents,
                                  target_.permissions, level);
  if (!begun)
    return tl::unexpected{std::move(begun.error())};
  replacement_.emplace(std::move(*begun));
  writeback_.emplace(0);
  holes_ = target_.leave_holes;
  opened_ = true;
  return {};
}

attempt<void> stream::open_path() {
  const auto& how = target_;
  auto cut = how.mode == write_mode::truncate;
  auto opened = with_parents(*disk_, how.path, how, [&] {
    return disk_->open(disk_->start(), how.path,
                       {.read = false,
                        .write = true,
                        .create = true,
                        .exclusive = how.mode == write_mode::create_new,
                        .append = how.mode == write_mode::append,
                        .permissions = how.permissions});
  });
  if (!opened)
    return failed(opened.error(), how.path);
  auto shortened = cut ? shorten(**opened) : result<bool>{false};
  if (!shortened)
    return failed(shortened.error(), how.path);
  begin_ = how.offset;
  auto append = how.mode == write_mode::append;
  if (append || how.leave_holes) {
    auto info = (*opened)->stat();
    if (!info)
      return failed(info.error(), how.path);
    if (append)
      begin_ = info->size;
    holes_ = how.leave_holes && info->type == file_type::file
          && (cut || how.mode == write_mode::create_new);
  }
  if (*shortened || how.durability != durability::none)
    writeback_.emplace(*begin_);
  file_ = std::move(*opened);
  opened_ = true;
  return {};
}

result<bool> stream::shorten(file& opened) {
  // Not by O_TRUNC: it would free the space of a large file in one call.
  auto old = opened.stat();
  if (!old)
    return fail(old.error());
  if (old->type == file_type::file && is_large(*old)
      && old->size > target_.offset) {
    shrinking_.emplace(*old, target_.offset);
    return true;
  }
  // Whatever is no file has no size, and a new file is empty already.
  if (old->size == 0 && target_.offset == 0)
    return false;
  return opened.truncate(target_.offset).map([&] {
    return old->size > target_.offset;
  });
}

result<void> stream::finish_shrinking() {
  if (!shrinking_ || !file_)
    return {};
  auto res = shrinking_->finish(*file_);
  if (res)
    shrinking_.reset();
  return res;
}

} // namespace spindle::fs
