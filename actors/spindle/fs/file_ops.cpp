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

/// Brings what was written to the device, if asked to, and closes the file,
/// whatever happened before.
/// @returns the first thing that went wrong, or 0.
int finish(file& what, durability level, int sys_errno) {
  if (auto mode = sync_mode_of(level); sys_errno == 0 && mode)
    if (auto synced = what.sync(*mode); !synced)
      sys_errno = synced.error();
  auto closed = what.close();
  return sys_errno == 0 && !closed ? closed.error() : sys_errno;
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
attempt<void> create_new(vfs& disk, const file_create& op) {
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
  if (auto err = finish(**made, op.durability, 0); err != 0)
    return failed(err, op.path);
  return sync_name(disk, op.path, op.durability);
}

} // namespace

value_or_task<attempt<done>> perform(const context& env,
                                     const file_create& op) {
  if (!op.overwrite)
    return done_if(create_new(env.disk, op));
  auto replaced
    = replace_file(env.disk, {op.path, op.parents, op.permissions,
                              op.durability, [](file&) { return progress{}; }});
  if (!replaced)
    return tl::unexpected{std::move(replaced.error())};
  return when_free(std::move(*replaced), env.rests, done{});
}

value_or_task<attempt<done>> perform(const context& env,
                                     const file_delete& op) {
  auto& disk = env.disk;
  if (env.whole) {
    auto removed = disk.remove_file(disk.start(), op.path);
    if (!removed)
      return failed(removed.error(), op.path);
    return done_if(sync_name(disk, op.path, op.durability));
  }
  auto removed = disk.remove_and_hold(disk.start(), op.path);
  if (!removed)
    return failed(removed.error(), op.path);
  auto synced = sync_name(disk, op.path, op.durability);
  return when_free(std::move(*removed), env.rests, done_if(synced));
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

} // namespace

value_or_task<attempt<buffer>> perform(const context& env,
                                       const file_read& op) {
  auto source = env.disk.open(env.disk.start(), op.path, {});
  if (!source)
    return failed(source.error(), op.path);
  content_reader from{**source, op.offset, op.length, env.bounds.read_bytes,
                      deadline_of(env)};
  auto first = from.first();
  if (!first)
    return not_read(env, op, from, first.error());
  if (*first)
    return std::move(**first);
  return read_rest(env, op, std::move(*source), from);
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

/// Ends a write: completes it if all is written, else removes what is only
/// temporary.
value_or_task<attempt<done>> end_write(const context& env, stream& to,
                                       const attempt<bool>& all) {
  auto res = all ? to.finish() : attempt<void>{tl::unexpected{all.error()}};
  if (!res) {
    to.abandon();
    to.tell_extent(res.error());
  }
  return when_free(to.take_freed(), env.rests, done_if(res));
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
  auto end = end_write(env, what->to, all);
  if (auto* freeing = std::get_if<task<attempt<done>>>(&end))
    co_return co_await *freeing;
  co_return std::get<attempt<done>>(std::move(end));
}

} // namespace

value_or_task<attempt<done>> perform(const context& env, const file_write& op) {
  auto what = std::make_unique<writing>(env, op);
  auto all = write_piece(env, op, *what);
  if (!all || *all)
    return end_write(env, what->to, all);
  return write_rest(env, op, std::move(what));
}

namespace {

/// Syncs and closes a file whose size was to be changed.
attempt<done> finish_truncate(const file_truncate& op, file& what,
                              const result<void>& cut) {
  auto err = finish(what, op.durability, cut ? 0 : cut.error());
  if (err != 0)
    return failed(err, op.path);
  return done{};
}

/// Truncates a large file. Ignores a stop, so that the file gets its size.
task<attempt<done>> truncate_in_steps(const context& env,
                                      const file_truncate& op, file_ptr what,
                                      file_info from) {
  shrinking steps{from, op.size};
  for (;;) {
    auto cut = steps.step(*what);
    if (!cut) {
      auto res = finish_truncate(op, *what, fail(cut.error()));
      res.error().detail = steps.extent();
      co_return res;
    }
    if (*cut)
      co_return finish_truncate(op, *what, {});
    co_await env.rests.ignoring_stop().rest();
  }
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
    return finish_truncate(op, **target, fail(info.error()));
  if (is_large(*info) && op.size < info->size)
    return truncate_in_steps(env, op, std::move(*target), *info);
  return finish_truncate(op, **target, (*target)->truncate(op.size));
}

} // namespace spindle::fs
