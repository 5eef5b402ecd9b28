// Operations on one file: is it there, make, remove, read, write.
#include "spindle/fs/freed_space.hpp"
#include "spindle/fs/names.hpp"
#include "spindle/fs/perform.hpp"
#include "spindle/fs/replace.hpp"
#include "spindle/fs/stream.hpp"
#include "spindle/fs/transfer.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <variant>

namespace spindle::fs {

namespace {

steady_time deadline_of(const context& env) {
  return std::chrono::steady_clock::now() + env.bounds.quantum;
}

/// Closes a file, after it was brought to the device if `level` asks for that.
attempt<void> finish(final_syncs& last, file_ptr what, durability level,
                     const std::string& path) {
  if (auto mode = sync_mode_of(level)) {
    last.add(std::move(what), *mode, failed(0, path).value());
    return {};
  }
  if (auto closed = what->close(); !closed)
    return failed(closed.error(), path);
  return {};
}

} // namespace

// -- names --------------------------------------------------------------------

attempt<bool> perform(const context& env, const file_exists& op) {
  auto info = env.disk.stat(env.disk.start(), op.path, true);
  if (info)
    return info->type != file_type::directory;
  if (info.error() == ENOENT || info.error() == ENOTDIR)
    return false;
  return failed(info.error(), op.path);
}

namespace {

/// Creates an empty file; EEXIST if the path exists.
attempt<void> create_new(const context& env, const file_create& op) {
  auto& disk = env.disk;
  auto made = with_parents(disk, op.path, op, [&] {
    return disk.open(disk.start(), op.path,
                     {.read = false,
                      .write = true,
                      .create = true,
                      .exclusive = true,
                      .permissions = op.permissions});
  });
  if (!made)
    return failed(made.error(), op.path);
  auto finished = finish(env.last, std::move(*made), op.durability, op.path);
  if (!finished)
    return finished;
  sync_name(env.last, disk, op.path, op.durability);
  return {};
}

} // namespace

/// Creates an empty file in the place of what is there.
task<attempt<done>> replace_by_empty(const context& env,
                                     const file_create& op) {
  auto made = replacement::begin(env.disk, op.path, op.parents, op.permissions,
                                 op.durability);
  if (!made)
    co_return tl::unexpected{std::move(made.error())};
  written nothing;
  auto committed = co_await made->commit(env.last, env.rests, nothing);
  co_await until_free(made->take_freed(), env.rests);
  co_return done_if(committed);
}

value_or_task<attempt<done>> perform(const context& env,
                                     const file_create& op) {
  if (op.overwrite)
    return replace_by_empty(env, op);
  return done_if(create_new(env, op));
}

value_or_task<attempt<done>> perform(const context& env,
                                     const file_delete& op) {
  auto& disk = env.disk;
  if (env.whole) {
    auto removed = disk.remove_file(disk.start(), op.path);
    if (!removed)
      return failed(removed.error(), op.path);
    sync_name(env.last, disk, op.path, op.durability);
    return done{};
  }
  auto removed = disk.remove_and_hold(disk.start(), op.path);
  if (!removed)
    return failed(removed.error(), op.path);
  sync_name(env.last, disk, op.path, op.durability);
  return when_free(std::move(*removed), env.rests, done{});
}

// -- content ------------------------------------------------------------------

namespace {

/// Explains why reading failed.
tl::unexpected<failure> not_read(const context& env, const file_read& op,
                                 const content_reader& from, int sys_errno) {
  if (sys_errno == EFBIG)
    return refused(errc::too_large, op.path,
                   "there are more than "
                     + std::to_string(env.bounds.read_bytes) + " bytes");
  if (sys_errno == EAGAIN)
    return cut_off(op.path, from.bytes());
  return failed(sys_errno, op.path);
}

/// Reads what follows the first block.
/// @param source what `from` reads; open until all is read.
task<attempt<buffer>> read_rest(const context& env, const file_read& op,
                                [[maybe_unused]] file_ptr source,
                                content_reader from) {
  auto res = co_await from.rest(env.rests);
  if (!res)
    co_return not_read(env, op, from, res.error());
  co_return std::move(*res);
}

value_or_task<attempt<buffer>> read_from(const context& env,
                                         const file_read& op, file_ptr source) {
  content_reader from{*source, op.offset, op.length, env.bounds.read_bytes,
                      deadline_of(env)};
  auto first = from.first(env.rests.can_await());
  if (!first)
    return not_read(env, op, from, first.error());
  if (*first)
    return std::move(**first);
  return read_rest(env, op, std::move(source), from);
}

/// Opens a file that must be looked up on the device, and reads it.
task<attempt<buffer>> open_and_read(const context& env, const file_read& op) {
  auto call = env.disk.opening(env.disk.start(), op.path);
  if (auto awaited = co_await env.rests.call(*call); !awaited)
    co_return failed(awaited.error(), op.path);
  auto source = call->take();
  if (!source)
    co_return failed(source.error(), op.path);
  co_return co_await as_task(read_from(env, op, std::move(*source)));
}

} // namespace

value_or_task<attempt<buffer>> perform(const context& env,
                                       const file_read& op) {
  auto source = env.disk.open(env.disk.start(), op.path,
                              {.cached = env.rests.can_await()});
  if (!source && source.error() == would_wait)
    return open_and_read(env, op);
  if (!source)
    return failed(source.error(), op.path);
  return read_from(env, op, std::move(*source));
}

namespace {

/// A write that has begun.
struct writing {
  writing(const context& env, const file_write& op)
      : to{// The stream does not outlive the file system.
           vfs_ptr{vfs_ptr{}, &env.disk},
           {.path = op.path,
            .mode = op.mode,
            .offset = op.offset,
            .parents = op.parents,
            .permissions = op.permissions,
            .durability = op.durability}},
        left(op.data.bytes()),
        until(deadline_of(env)) {}

  stream to;
  std::span<const std::byte> left;
  steady_time until;
};

/// Writes the next piece, or truncates a large file by one step.
/// @returns whether all is written.
attempt<bool> write_piece(const context& env, const file_write& op,
                          writing& what) {
  auto piece
    = what.left.first(std::min<uint64_t>(what.left.size(), piece_bytes));
  auto written = what.to.write(piece, what.until);
  if (!written)
    return tl::unexpected{std::move(written.error())};
  if (what.to.is_shrinking())
    return false;
  if (*written < piece.size())
    return failed(EAGAIN, op.path);
  env.progress.add_bytes(piece.size());
  what.left = what.left.subspan(piece.size());
  return what.left.empty();
}

/// Ends a write that was completed or has failed.
value_or_task<attempt<done>> end_write(const context& env, stream& to,
                                       attempt<void> res) {
  if (!res) {
    to.abandon();
    to.tell_extent(res.error());
  }
  return when_free(to.take_freed(), env.rests, done_if(res));
}

/// Waits until a write is complete, and ends it.
task<attempt<done>> end_later(const context& env, std::unique_ptr<writing> what,
                              task<attempt<void>> completion) {
  auto res = co_await std::move(completion);
  co_return co_await as_task(end_write(env, what->to, std::move(res)));
}

/// Completes a write if all is written, else removes what is only temporary.
value_or_task<attempt<done>> complete(const context& env,
                                      std::unique_ptr<writing> what,
                                      const attempt<bool>& all) {
  if (!all)
    return end_write(env, what->to, tl::unexpected{all.error()});
  auto res = what->to.finish(env.last, env.rests);
  if (auto* value = std::get_if<attempt<void>>(&res))
    return end_write(env, what->to, std::move(*value));
  return end_later(env, std::move(what),
                   std::get<task<attempt<void>>>(std::move(res)));
}

/// Writes what follows the first piece.
task<attempt<done>> write_rest(const context& env, const file_write& op,
                               std::unique_ptr<writing> what) {
  attempt<bool> all = false;
  while (all && !*all) {
    // A stop is ignored until the old content is gone.
    auto rests
      = what->to.is_shrinking() ? env.rests.ignoring_stop() : env.rests;
    if (auto rested = co_await rests.rest(); !rested)
      all = failed(rested.error(), op.path);
    else
      all = write_piece(env, op, *what);
  }
  co_return co_await as_task(complete(env, std::move(what), all));
}

} // namespace

value_or_task<attempt<done>> perform(const context& env, const file_write& op) {
  auto what = std::make_unique<writing>(env, op);
  auto all = write_piece(env, op, *what);
  if (!all || *all)
    return complete(env, std::move(what), all);
  return write_rest(env, op, std::move(what));
}

namespace {

/// Syncs and closes a file whose size was to be changed.
attempt<done> finish_truncate(final_syncs& last, const file_truncate& op,
                              file_ptr what, const result<void>& cut) {
  if (!cut)
    return failed(cut.error(), op.path);
  return done_if(finish(last, std::move(what), op.durability, op.path));
}

/// Truncates a large file. Ignores a stop, so that the file gets its size.
task<attempt<done>> truncate_in_steps(const context& env,
                                      const file_truncate& op, file_ptr what,
                                      file_info from) {
  shrinking steps{from, op.size};
  auto cut = steps.step(*what);
  while (cut && !*cut) {
    co_await env.rests.ignoring_stop().rest();
    cut = steps.step(*what);
  }
  if (!cut)
    co_return failed(cut.error(), op.path, steps.extent());
  auto res = finish_truncate(env.last, op, std::move(what), {});
  co_return res;
}

} // namespace

value_or_task<attempt<done>> perform(const context& env,
                                     const file_truncate& op) {
  auto target
    = env.disk.open(env.disk.start(), op.path, {.read = false, .write = true});
  if (!target)
    return failed(target.error(), op.path);
  auto info = (*target)->stat();
  if (!info)
    return failed(info.error(), op.path);
  if (is_large(*info) && op.size < info->size)
    return truncate_in_steps(env, op, std::move(*target), *info);
  auto cut = (*target)->truncate(op.size);
  return finish_truncate(env.last, op, std::move(*target), cut);
}

} // namespace spindle::fs
