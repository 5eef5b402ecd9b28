#include "steps.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace demo {

namespace {

using namespace spindle;

constexpr size_t oplist_length = 100;

/// Returns the operation that copies a part.
operation copy_of(const part& what, std::string from, std::string to) {
  if (what.type != file_type::directory)
    return file_copy{.path = std::move(from), .target = std::move(to)};
  if (what.whole)
    return directory_copy{.path = std::move(from), .target = std::move(to)};
  return directory_create{.path = std::move(to)};
}

/// Returns the operation that changes a file.
operation change_file(fate what, std::string from, std::string to) {
  if (what == fate::deleted)
    return file_delete{.path = std::move(from)};
  if (what == fate::renamed)
    return file_rename{.path = std::move(from), .target = std::move(to)};
  return file_move{
    .path = std::move(from), .target = std::move(to), .parents = true};
}

/// Returns the operation that changes a directory.
operation change_directory(fate what, std::string from, std::string to) {
  if (what == fate::deleted)
    return directory_delete{.path = std::move(from)};
  if (what == fate::renamed)
    return directory_rename{.path = std::move(from), .target = std::move(to)};
  return directory_move{
    .path = std::move(from), .target = std::move(to), .parents = true};
}

/// Submits lists of lists: one inner list for files and one for directories,
/// each of which stops at its first failure.
class list_builder {
public:
  explicit list_builder(window& w) : window_(w) {}

  void add_file(operation op) {
    files_.add(std::move(op));
    if (files_.size() == oplist_length)
      submit();
  }

  void add_directory(operation op) {
    directories_.add(std::move(op));
    if (directories_.size() == oplist_length)
      submit();
  }

  void submit() {
    auto stopping = [](oplist& x) {
      return std::exchange(x, {}).when_failed(on_error::stop);
    };
    if (files_.size() + directories_.size() > 0)
      window_.submit(oplist{}.add(stopping(files_)).add(stopping(directories_)),
                     must_succeed(window_));
  }

private:
  window& window_;
  oplist files_;
  oplist directories_;
};

} // namespace

// -- constructors, destructors, and assignment operators ----------------------

worker::worker(client& disk, const original& tree, const plan& todo,
               std::string directory)
    : disk_(disk), tree_(tree), todo_(todo), directory_(std::move(directory)) {
  for (const auto& what : tree_.parts)
    for (const auto& x : what.entries)
      if (x.type == file_type::file)
        files_.push_back(&x);
  of_original_.resize(files_.size());
  of_copy_.resize(files_.size());
}

// -- running ------------------------------------------------------------------

void worker::run(const std::function<void(const row&)>& on_row) {
  on_row(take("copy all of it", 16, tree_.bytes, &worker::copy));
  on_row(take("checksum the original, in oplists of 100", 4, tree_.bytes,
              &worker::checksum_original));
  on_row(take("checksum the copy, in single requests", 256, tree_.bytes,
              &worker::checksum_copy));
  for (size_t i = 0; i < files_.size(); ++i)
    if (of_original_[i] != of_copy_[i])
      problems_.push_back("checksums differ: " + files_[i]->path);
  on_row(take("read both and compare, in pairs", 64, 2 * tree_.bytes,
              &worker::read_both));
  on_row(take("rename and move parts, in nested oplists", 4, 0,
              &worker::rename_and_move));
  on_row(take("delete parts, in nested oplists", 4, 0, &worker::remove));
}

// -- steps --------------------------------------------------------------------

void worker::copy(window& w) {
  w.submit(directory_create{.path = at_work(copy_root)}, must_succeed(w));
  for (const auto& what : tree_.parts) {
    auto on_outcome = [&w, &what](const outcome& x) {
      if (x.result)
        return;
      const auto& why = x.result.error();
      if (why.code == errc::partial_failure && !what.left_out.empty())
        w.tolerate();
      else
        w.complain(to_string(why));
    };
    w.submit(copy_of(what, in_tree(what.path), in_copy(what.path)), on_outcome);
    // The copied permissions could forbid later changes.
    for (const auto& x : what.entries)
      if (x.sealed && what.whole)
        w.submit(set_permissions{.path = in_copy(x.path), .permissions = 0700},
                 must_succeed(w));
  }
}

void worker::checksum_original(window& w) {
  for (size_t first = 0; first < files_.size(); first += oplist_length) {
    auto last = std::min(first + oplist_length, files_.size());
    oplist list;
    for (auto i = first; i < last; ++i)
      list.add(file_checksum{.path = in_tree(files_[i]->path)});
    auto on_outcome = [this, &w, i = first](const outcome& x) mutable {
      auto& sum = of_original_[i++];
      if (x.result)
        sum = x.get<std::string>();
      else
        w.complain(to_string(x.result.error()));
    };
    w.submit(std::move(list), on_outcome);
  }
}

void worker::checksum_copy(window& w) {
  for (size_t i = 0; i < files_.size(); ++i) {
    auto keep
      = [this, i](const outcome& x) { of_copy_[i] = x.get<std::string>(); };
    w.submit(file_checksum{.path = in_copy(files_[i]->path)},
             must_succeed(w, keep));
  }
}

void worker::read_both(window& w) {
  for (const auto* file : files_) {
    auto pair = oplist{}
                  .add(file_read{.path = in_tree(file->path)})
                  .add(file_read{.path = in_copy(file->path)});
    auto compare
      = [&w, file, first = std::optional<buffer>{}](const outcome& x) mutable {
          if (!first)
            first = x.get<buffer>();
          else if (*first != x.get<buffer>())
            w.complain("bytes differ: " + file->path);
        };
    w.submit(std::move(pair), must_succeed(w, compare));
  }
}

void worker::rename_and_move(window& w) {
  list_builder lists{w};
  for (const auto& x : todo_.files)
    if (x.what != fate::deleted)
      lists.add_file(change_file(x.what, at_work(x.from), at_work(x.to)));
  for (const auto& x : todo_.directories)
    if (x.what != fate::deleted)
      lists.add_directory(
        change_directory(x.what, at_work(x.from), at_work(x.to)));
  lists.submit();
}

void worker::remove(window& w) {
  list_builder lists{w};
  for (const auto& x : todo_.files)
    if (x.what == fate::deleted)
      lists.add_file(change_file(x.what, at_work(x.from), {}));
  for (const auto& x : todo_.directories)
    if (x.what == fate::deleted)
      lists.add_directory(change_directory(x.what, at_work(x.from), {}));
  lists.submit();
}

// -- utility ------------------------------------------------------------------

row worker::take(const std::string& name, size_t limit, uint64_t bytes,
                 void (worker::*fun)(window&)) {
  auto start = std::chrono::steady_clock::now();
  window w{disk_, limit};
  (this->*fun)(w);
  auto res = w.finish();
  std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  problems_.insert(problems_.end(), res.problems.begin(), res.problems.end());
  return {name, res.operations, res.failed, bytes, time.count()};
}

std::string worker::in_tree(const std::string& path) const {
  return tree_.root + "/" + path;
}

std::string worker::in_copy(const std::string& path) const {
  return at_work(copy_root + "/" + path);
}

std::string worker::at_work(const std::string& path) const {
  return directory_ + "/" + path;
}

} // namespace demo
