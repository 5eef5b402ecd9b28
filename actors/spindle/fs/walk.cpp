// Walking a tree in the order of its paths, page by page.
#include "spindle/fs/descent.hpp"
#include "spindle/fs/glob.hpp"
#include "spindle/fs/path.hpp"
#include "spindle/fs/perform.hpp"

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

namespace spindle::fs {

namespace {

/// The fewest entries of a directory that are kept at a time.
constexpr size_t min_chunk = 4096;

constexpr size_t max_reported_directories = 100;

bool by_name(const directory_entry& x, const directory_entry& y) {
  return x.name < y.name;
}

/// Consecutive entries of one directory, in order.
struct chunk {
  std::vector<directory_entry> entries;
  size_t next = 0;
  /// Whether there are others behind the last one.
  bool more = false;
};

/// Returns the first `size` entries from `from` on. However large the directory
/// is, no more than twice that number (and what one read gives) is kept.
result<chunk> read_chunk(directory& where, const std::string& from,
                         size_t size) {
  chunk res;
  auto& kept = res.entries;
  auto keep_first = [&] {
    if (kept.size() <= size)
      return;
    std::nth_element(kept.begin(), kept.begin() + size, kept.end(), by_name);
    kept.resize(size);
    res.more = true;
  };
  std::vector<directory_entry> batch;
  for (auto more = true; more;) {
    batch.clear();
    auto listed = where.read(batch);
    if (!listed)
      return fail(listed.error());
    more = *listed;
    for (auto& entry : batch)
      if (entry.name >= from)
        kept.push_back(std::move(entry));
    if (kept.size() >= 2 * size)
      keep_first();
  }
  keep_first();
  std::sort(kept.begin(), kept.end(), by_name);
  return res;
}

/// The path of the last entry of the page before, component by component.
class cursor {
public:
  explicit cursor(std::string_view path) : rest_(path) {}

  /// Takes the next component off; empty if there are no more.
  std::string take() {
    auto slash = std::min(rest_.find('/'), rest_.size());
    auto res = std::string{rest_.substr(0, slash)};
    rest_.remove_prefix(std::min(slash + 1, rest_.size()));
    return res;
  }

  /// Forgets the components not taken.
  void clear() {
    rest_ = {};
  }

private:
  std::string_view rest_;
};

class walker {
public:
  walker(const context& env, directory_ptr top, const directory_walk& op,
         size_t limit)
      : disk_(env.disk),
        progress_(env.progress),
        where_(env.disk, std::move(top)),
        pattern_(op.glob),
        max_depth_(op.max_depth),
        limit_(limit),
        before_(op.after) {}

  /// Fails only if the top cannot be read.
  result<walk_page> run() {
    if (auto opened = open_level(); !opened)
      return fail(opened.error());
    while (!levels_.empty() && page_.next.empty())
      step();
    return std::move(page_);
  }

private:
  // -- entries ----------------------------------------------------------------

  /// Handles one entry, or reads on or goes up if there is none.
  void step() {
    auto& here = levels_.back();
    if (here.next < here.entries.size())
      handle(here.entries[here.next++]);
    else if (here.more)
      continue_level();
    else
      close_level();
  }

  void handle(const directory_entry& entry) {
    // The page before ended with this entry, or with one below it. In any other
    // case, all that follows is new.
    auto seen = !sought_.empty() && entry.name == sought_;
    sought_.clear();
    if (!seen) {
      before_.clear();
      list(entry);
    }
    auto is_deepest = max_depth_ != 0 && levels_.size() >= max_depth_;
    if (entry.type == file_type::directory && !is_deepest)
      enter(entry.name);
  }

  void list(const directory_entry& entry) {
    auto path = joined(where_.path(), entry.name);
    if (!pattern_.matches(path))
      return;
    if (page_.entries.size() == limit_)
      page_.next = page_.entries.back().path;
    else
      add_to_page({std::move(path), entry.type});
  }

  void add_to_page(walk_entry entry) {
    page_.entries.push_back(std::move(entry));
    progress_.add_entry();
  }

  // -- directories ------------------------------------------------------------

  void enter(const std::string& name) {
    progress_.at([&] { return joined(where_.path(), name); });
    auto entered = where_.enter(name);
    if (entered) {
      entered = open_level();
      if (entered)
        return;
      where_.leave();
    }
    report(joined(where_.path(), name), entered.error());
  }

  /// Reads the directory that was entered last, from where the page before
  /// ended.
  result<void> open_level() {
    auto here = where_.current();
    if (!here)
      return fail(here.error());
    auto from = before_.take();
    auto entries = read_chunk(**here, from, chunk_size());
    if (!entries)
      return fail(entries.error());
    levels_.push_back(std::move(*entries));
    sought_ = std::move(from);
    return {};
  }

  /// Reads on in a directory that is too large for one chunk.
  void continue_level() {
    auto& here = levels_.back();
    auto next = read_next(here);
    if (!next)
      report(where_.path(), next.error());
    here = next ? std::move(*next) : chunk{};
  }

  result<chunk> read_next(const chunk& before) {
    auto here = where_.current();
    if (!here)
      return fail(here.error());
    // A directory can be read but once.
    auto again = disk_.open_directory(**here, ".", false);
    if (!again)
      return fail(again.error());
    // The least name that is greater than the last one.
    auto from = before.entries.back().name + '\0';
    return read_chunk(**again, from, chunk_size());
  }

  void close_level() {
    sought_.clear();
    levels_.pop_back();
    if (!levels_.empty())
      where_.leave();
  }

  size_t chunk_size() const {
    return std::max(limit_ + 1, min_chunk);
  }

  void report(std::string path, int sys_errno) {
    // A directory that has gone in the meantime has no entries.
    auto is_gone = sys_errno == ENOENT || sys_errno == ENOTDIR;
    if (!is_gone && page_.unreadable.size() < max_reported_directories)
      page_.unreadable.push_back({std::move(path), sys_errno});
  }

  vfs& disk_;
  progress_sink progress_;
  descent where_;
  glob pattern_;
  size_t max_depth_;
  size_t limit_;
  /// What is left of the cursor for the levels below the current one.
  cursor before_;
  /// The component of the cursor for the current level, until it is passed.
  std::string sought_;
  std::vector<chunk> levels_;
  walk_page page_;
};

} // namespace

attempt<walk_page> perform(const context& env, const directory_walk& op) {
  auto limit = std::min<uint64_t>(op.limit, env.bounds.listed_entries);
  if (limit == 0)
    return refused(errc::invalid_argument, op.path, "the limit is 0");
  auto top = env.disk.open_directory(env.disk.start(), op.path, true);
  if (!top)
    return failed(top.error(), op.path);
  auto res = walker{env, std::move(*top), op, limit}.run();
  if (!res)
    return failed(res.error(), op.path);
  return std::move(*res);
}

} // namespace spindle::fs
