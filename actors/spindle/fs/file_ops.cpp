// Operations on one file: is it there, make, remove, read, write.
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

attempt<done> perform(const context& env, const file_create& op) {
  auto& disk = env.disk;
  if (op.overwrite)
    return finished(
      replace_file(disk, {op.path, op.parents, op.permissions, op.durability,
                          [](file&) { return progress{}; }}));
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
  return finished(sync_name(disk, op.path, op.durability));
}

attempt<done> perform(const context& env, const file_delete& op) {
  auto removed = env.disk.remove_file(env.disk.start(), op.path);
  if (!removed)
    return failed(removed.error(), op.path);
  return finished(sync_name(env.disk, op.path, op.durability));
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
  do {
    auto piece = left.first(std::min(left.size(), piece_bytes));
    auto written = to.write(piece, until);
    if (!written)
      co_return tl::unexpected{std::move(written.error())};
    if (*written < piece.size())
      co_return failed(EAGAIN, op.path);
    env.progress.add_bytes(piece.size());
    left = left.subspan(piece.size());
    if (left.empty())
      break;
    if (auto rested = co_await env.rests.rest(); !rested)
      co_return failed(rested.error(), op.path);
  } while (!left.empty());
  co_return to.finish();
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
  co_return finished(res);
}

attempt<done> perform(const context& env, const file_truncate& op) {
  auto target
    = env.disk.open(env.disk.start(), op.path, {.read = false, .write = true});
  if (!target)
    return failed(target.error(), op.path);
  auto cut = (*target)->truncate(op.size);
  auto err = finish(**target, op.durability, cut ? 0 : cut.error());
  if (err != 0)
    return failed(err, op.path);
  return done{};
}

} // namespace spindle::fs
