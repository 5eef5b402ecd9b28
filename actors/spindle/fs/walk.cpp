#include "spindle/fs/walk.hpp"

#include "spindle/fs/kept_walks.hpp"
#include "spindle/fs/path.hpp"
#include "spindle/fs/perform.hpp"

#include <algorithm>
#include <cerrno>
#include <optional>

namespace spindle::fs {

namespace {

/// Maximum memory for the entries of one directory, and of all. A larger
/// directory is read several times.
constexpr size_t max_level_bytes = size_t{32} << 20;
constexpr size_t max_walk_bytes = size_t{64} << 20;

constexpr size_t max_reported_directories = 100;

} // namespace

size_t walk_place::memory() const {
  auto res = entry_bytes_ + levels_.size() * sizeof(sorted_entries);
  for (const auto& name : names_)
    res += sizeof(name) + name.size();
  return res;
}

// -- constructors, destructors, and assignment operators ----------------------

walker::walker(vfs& disk, directory_ptr top, const directory_walk& op,
               size_t limit, walk_place from, progress_sink progress)
    : disk_(disk),
      progress_(progress),
      pattern_(op.glob),
      max_depth_(op.max_depth),
      limit_(limit),
      place_(std::move(from)),
      where_(disk, std::move(top), std::move(place_.names_)) {}

// -- steps --------------------------------------------------------------------

result<bool> walker::step() {
  if (reading_) {
    if (auto read = read_on(); !read)
      return fail(read.error());
    return true;
  }
  if (!std::exchange(place_.has_begun_, true)) {
    if (auto opened = open_level(); !opened)
      return fail(opened.error());
    return true;
  }
  auto& here = place_.levels_.back();
  if (auto* entry = here.next())
    handle(*entry);
  else if (here.has_more())
    continue_level();
  else
    close_level();
  return !place_.levels_.empty() && page_.next.empty();
}

std::pair<walk_page, walk_place> walker::take() && {
  place_.names_ = std::move(where_).take_names();
  return {std::move(page_), std::move(place_)};
}

// -- entries ------------------------------------------------------------------

void walker::handle(const directory_entry& entry) {
  // The previous page ended with this entry, or with one below it. Otherwise,
  // everything from here on is new.
  auto is_seen = !place_.sought_.empty() && entry.name == place_.sought_;
  place_.sought_.clear();
  if (!is_seen) {
    place_.after_.clear();
    if (!list(entry))
      return;
  }
  auto is_deepest = max_depth_ != 0 && place_.levels_.size() >= max_depth_;
  auto goes_down = entry.type == file_type::directory && !is_deepest;
  auto name = goes_down ? entry.name : std::string{};
  place_.levels_.back().pass();
  if (goes_down)
    enter(name);
}

bool walker::list(const directory_entry& entry) {
  auto path = joined(where_.path(), entry.name);
  if (!pattern_.matches(path))
    return true;
  if (page_.entries.size() == limit_) {
    page_.next = page_.entries.back().path;
    return false;
  }
  page_.entries.push_back({std::move(path), entry.type});
  progress_.add_entry();
  return true;
}

// -- directories --------------------------------------------------------------

void walker::enter(const std::string& name) {
  progress_.at([&] { return joined(where_.path(), name); });
  auto entered = where_.enter(name, [this] { return open_level(); });
  if (!entered)
    report(joined(where_.path(), name), entered.error());
}

result<void> walker::open_level() {
  auto here = where_.current();
  if (!here)
    return fail(here.error());
  place_.sought_ = take_component();
  place_.levels_.emplace_back(place_.sought_);
  place_.levels_.back().begin_reading(max_level_bytes);
  reading_ = *here;
  return {};
}

void walker::continue_level() {
  auto here = where_.current();
  // An open directory can be read only once.
  auto again = here ? disk_.open_directory(**here, ".", false)
                    : result<directory_ptr>{fail(here.error())};
  if (!again) {
    report(where_.path(), again.error());
    place_.entry_bytes_ -= place_.levels_.back().memory();
    place_.levels_.back().finish();
    return;
  }
  reopened_ = std::move(*again);
  reading_ = reopened_.get();
  place_.entry_bytes_ -= place_.levels_.back().memory();
  place_.levels_.back().begin_reading(max_level_bytes);
}

result<void> walker::read_on() {
  auto& level = place_.levels_.back();
  place_.entry_bytes_ -= level.memory();
  auto more = level.read_some(*reading_);
  place_.entry_bytes_ += level.memory();
  if (more && *more)
    return {};
  auto is_new = !reopened_;
  reading_ = nullptr;
  reopened_.reset();
  if (more) {
    make_room();
    return {};
  }
  if (is_new)
    return give_up_level(more.error());
  report(where_.path(), more.error());
  level.finish();
  return {};
}

result<void> walker::give_up_level(int sys_errno) {
  place_.sought_.clear();
  drop_level();
  if (place_.levels_.empty())
    return fail(sys_errno);
  report(where_.path(), sys_errno);
  where_.leave();
  return {};
}

void walker::close_level() {
  place_.sought_.clear();
  drop_level();
  if (!place_.levels_.empty())
    where_.leave();
}

void walker::drop_level() {
  place_.entry_bytes_ -= place_.levels_.back().memory();
  place_.levels_.pop_back();
}

void walker::make_room() {
  auto& levels = place_.levels_;
  auto& memory = place_.entry_bytes_;
  // The outermost levels are needed last.
  for (auto i = levels.begin();
       memory > max_walk_bytes && &*i != &levels.back(); ++i) {
    memory -= i->memory();
    i->forget();
  }
}

std::string walker::take_component() {
  auto& path = place_.after_;
  auto slash = std::min(path.find('/'), path.size());
  auto res = path.substr(0, slash);
  path.erase(0, slash + 1);
  return res;
}

void walker::report(std::string path, int sys_errno) {
  // A directory that was removed meanwhile has no entries.
  auto is_gone = sys_errno == ENOENT || sys_errno == ENOTDIR;
  if (!is_gone && page_.unreadable.size() < max_reported_directories)
    page_.unreadable.push_back({std::move(path), sys_errno});
}

// -- operation ----------------------------------------------------------------

task<attempt<walk_page>> perform(const context& env, const directory_walk& op) {
  auto limit = std::min<uint64_t>(op.limit, env.bounds.listed_entries);
  if (limit == 0)
    co_return refused(errc::invalid_argument, op.path,
                      "the limit must not be 0");
  if (op.glob.size() > max_glob_bytes)
    co_return refused(errc::invalid_argument, op.path,
                      "the pattern is longer than 4096 bytes");
  auto top = env.disk.open_directory(env.disk.start(), op.path, true);
  if (!top)
    co_return failed(top.error(), op.path);
  std::optional<directory_id> id;
  if (env.walks)
    id = identify(**top);
  auto from = id ? env.walks->take(op, *id) : walk_place{op.after};
  walker walk{env.disk, std::move(*top), op,
              limit,    std::move(from), env.progress};
  for (auto more = true; more;) {
    auto res = walk.step();
    if (!res)
      co_return failed(res.error(), op.path);
    more = *res;
    if (auto rested = co_await env.rests.rest(); !rested)
      co_return failed(rested.error(), op.path);
  }
  auto [page, rest] = std::move(walk).take();
  if (id && !page.next.empty())
    env.walks->keep(op, *id, page.next, std::move(rest));
  co_return page;
}

} // namespace spindle::fs
