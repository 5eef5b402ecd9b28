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
#include <utility>

namespace spindle::fs {

namespace {

/// As much as is written before others may be served.
constexpr size_t piece_bytes = size_t{1} << 20;

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
    return finished(create_new(env.disk, op));
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
    return finished(sync_name(disk, op.path, op.durability));
  }
  auto removed = disk.remove_and_hold(disk.start(), op.path);
  if (!removed)
    return failed(removed.error(), op.path);
  auto synced = sync_name(disk, op.path, op.durability);
  return when_free(std::move(*removed), env.rests, finished(synced));
}

// -- content ------------------------------------------------------------------

task<attempt<buffer>> perform(const context& env, const file_read& op) {
  auto until = deadline_of(env);
  auto source = env.disk.open(env.disk.start(), op.path, {});
  if (!source)
    co_return failed(source.error(), op.path);
  auto res = co_await read_all(**source, op.offset, op.length,
                               env.bounds.read_bytes, until, env.rests);
  if (res)
    co_return std::move(*res);
  auto [bytes, error] = res.error();
  if (error == EFBIG)
    co_return refused(errc::too_large, op.path,
                      "there are more than "
                        + std::to_string(env.bounds.read_bytes) + " bytes");
  if (error == EAGAIN)
    co_return cut_off(op.path, bytes);
  co_return failed(error, op.path);
}

namespace {

/// Writes a piece after the other.
task<attempt<void>> write_pieces(const context& env, stream& to,
                                 const file_write& op) {
  auto until = deadline_of(env);
  auto left = op.data.bytes();
  for (;;) {
    auto piece = left.first(std::min(left.size(), piece_bytes));
    auto written = to.write(piece, until);
    if (!written)
      co_return tl::unexpected{std::move(written.error())};
    if (to.is_shrinking()) {
      // A stop is ignored until the old content is gone.
      co_await env.rests.ignoring_stop().rest();
      continue;
    }
    if (*written < piece.size())
      co_return failed(EAGAIN, op.path);
    env.progress.add_bytes(piece.size());
    left = left.subspan(piece.size());
    if (left.empty())
      co_return to.finish();
    if (auto rested = co_await env.rests.rest(); !rested)
      co_return failed(rested.error(), op.path);
  }
}

} // namespace

task<attempt<done>> perform(const context& env, const file_write& op) {
  // The stream does not outlive the file system.
  vfs_ptr disk{vfs_ptr{}, &env.disk};
  stream_target target{.path = op.path,
                       .mode = op.mode,
                       .offset = op.offset,
                       .parents = op.parents,
                       .permissions = op.permissions,
                       .durability = op.durability};
  stream to{disk, target};
  auto res = co_await write_pieces(env, to, op);
  if (!res) {
    to.abandon();
    to.tell_extent(res.error());
  }
  auto rests = res ? env.rests : env.rests.ignoring_stop();
  if (auto freed = to.take_freed())
    co_await until_free(std::move(freed), rests);
  co_return finished(res);
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
    if (!cut)
      co_return finish_truncate(op, *what, fail(cut.error()));
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
