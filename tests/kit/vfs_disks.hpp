// The file systems that must behave alike, each with an empty directory.
#pragma once

#include "catch.hpp"
#include "temp_dir.hpp"

#include "spindle/fs/memory/memory_vfs.hpp"
#include "spindle/fs/posix/posix_vfs.hpp"
#include "spindle/fs/posix/rooted_vfs.hpp"
#include "spindle/fs/testing/faulty_vfs.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <sys/stat.h>

/// Runs the test case once on each file system. `on` is the name of the disk
/// variable.
#define ON_EACH_DISK(on)                                                       \
  auto on##_name = GENERATE(from_range(kit::disk::names()));                   \
  INFO("on " << on##_name);                                                    \
  kit::disk on {                                                               \
    on##_name                                                                  \
  }

namespace kit {

/// Returns the errno(3) of a result, or 0.
template <class T>
int error_of(const spindle::fs::result<T>& outcome) {
  return outcome ? 0 : outcome.error();
}

/// Returns the value of a result; throws if it has an error.
template <class T>
T value_of(spindle::fs::result<T> outcome) {
  if (!outcome)
    throw std::system_error{outcome.error(), std::generic_category()};
  return std::move(*outcome);
}

/// Throws if the result has an error.
inline void value_of(const spindle::fs::result<void>& outcome) {
  if (!outcome)
    throw std::system_error{outcome.error(), std::generic_category()};
}

inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span{text.data(), text.size()});
}

/// Reads once, at `offset` or else at the file position.
inline spindle::fs::result<std::string>
read_text(spindle::fs::file& from, size_t max_bytes,
          std::optional<uint64_t> offset = std::nullopt) {
  std::string text(max_bytes, '\0');
  auto into = std::as_writable_bytes(std::span{text.data(), text.size()});
  auto got = offset ? from.read_at(*offset, into) : from.read(into);
  if (!got)
    return spindle::fs::fail(got.error());
  text.resize(*got);
  return text;
}

/// Returns a file system that is confined to a directory; throws on error.
inline std::shared_ptr<spindle::fs::rooted_vfs>
rooted_at(const std::string& path,
          spindle::access_mode access = spindle::access_mode::read_write) {
  auto res = spindle::fs::rooted_vfs::open(path, access);
  if (!res)
    throw std::runtime_error{to_string(res.error())};
  return std::move(*res);
}

/// Returns all remaining entries, sorted by name.
inline spindle::fs::result<std::vector<spindle::directory_entry>>
read_entries(spindle::fs::directory& from) {
  std::vector<spindle::directory_entry> entries;
  for (;;) {
    auto more = from.read(entries);
    if (!more)
      return spindle::fs::fail(more.error());
    if (!*more)
      break;
  }
  std::sort(entries.begin(), entries.end(),
            [](const auto& x, const auto& y) { return x.name < y.name; });
  return entries;
}

/// A file system with an initially empty directory, and shorthands for its
/// functions with paths relative to that directory.
class disk {
public:
  using open_options = spindle::fs::open_options;

  template <class T>
  using result = spindle::fs::result<T>;

  /// Returns the names of all file systems.
  static std::vector<std::string> names() {
    std::vector<std::string> all{"posix", "memory", "faulty", "rooted"};
    if (std::filesystem::is_directory("/dev/shm"))
      all.push_back("posix in /dev/shm");
    return all;
  }

  /// @param name one of `names`.
  /// @param mirrored path of the directory in a file system in memory. The
  ///                 directory of a rooted file system is its root.
  explicit disk(const std::string& name, std::string mirrored = "/home") {
    if (name.starts_with("posix")) {
      if (name == "posix")
        home_.emplace();
      else
        home_.emplace("/dev/shm");
      path_ = home_->path();
      files_ = std::make_shared<spindle::fs::posix_vfs>();
    } else if (name == "rooted") {
      home_.emplace();
      path_ = ".";
      files_ = rooted_at(home_->path());
    } else {
      path_ = std::move(mirrored);
      memory_ = std::make_shared<spindle::fs::memory_vfs>();
      make_path(*memory_);
      files_ = memory_;
      if (name == "faulty")
        files_ = std::make_shared<spindle::fs::faulty_vfs>(memory_);
    }
    base_ = value_of(files_->open_directory(files_->start(), path_, true));
  }

  spindle::fs::vfs& files() {
    return *files_;
  }

  const spindle::fs::directory& base() const {
    return *base_;
  }

  /// Returns the directory, opened for reading.
  spindle::fs::directory& base() {
    return *base_;
  }

  /// Returns the path of the directory: absolute, or relative to the root if
  /// the disk is confined to it.
  const std::string& path() const {
    return path_;
  }

  /// Returns whether paths cannot lead out of the directory.
  bool is_confined() const {
    return path_ == ".";
  }

  // -- shorthands -------------------------------------------------------------

  result<spindle::fs::file_ptr> open(const std::string& path,
                                     const open_options& how = {}) {
    return files_->open(*base_, path, how);
  }

  result<spindle::fs::directory_ptr> open_directory(const std::string& path,
                                                    bool follow = true) {
    return files_->open_directory(*base_, path, follow);
  }

  result<spindle::file_info> stat(const std::string& path, bool follow = true) {
    return files_->stat(*base_, path, follow);
  }

  result<void> make_directory(const std::string& path,
                              uint32_t permissions = 0755) {
    return files_->make_directory(*base_, path, permissions);
  }

  result<void> remove_file(const std::string& path) {
    return files_->remove_file(*base_, path);
  }

  result<void> remove_directory(const std::string& path) {
    return files_->remove_directory(*base_, path);
  }

  result<void> rename(const std::string& from, const std::string& to,
                      spindle::fs::rename_mode mode
                      = spindle::fs::rename_mode::replace) {
    return files_->rename(*base_, from, *base_, to, mode);
  }

  result<void> make_link(const std::string& target, const std::string& path) {
    return files_->make_link(target, *base_, path);
  }

  result<std::string> read_link(const std::string& path) {
    return files_->read_link(*base_, path);
  }

  /// Creates a FIFO with the functions of the underlying system.
  void make_fifo(const std::string& path) {
    if (memory_)
      memory_->make_fifo(path_ + "/" + path);
    else if (::mkfifo((*home_ / path).c_str(), 0644) == -1)
      throw std::system_error{errno, std::generic_category(), path};
  }

  /// Creates or replaces a file.
  void put(const std::string& path, std::string_view text) {
    auto to
      = value_of(open(path, {.write = true, .create = true, .truncate = true}));
    if (value_of(to->write(bytes_of(text))) != text.size())
      throw std::runtime_error{"short write"};
  }

  /// Returns the content of a file.
  result<std::string> get(const std::string& path) {
    auto from = open(path);
    if (!from)
      return spindle::fs::fail(from.error());
    std::string content;
    for (;;) {
      auto part = read_text(**from, 4096);
      if (!part || part->empty())
        return part.map([&](const auto&) { return content; });
      content += *part;
    }
  }

private:
  void make_path(spindle::fs::vfs& all) {
    for (auto end = path_.find('/', 1);; end = path_.find('/', end + 1)) {
      value_of(all.make_directory(all.start(), path_.substr(0, end), 0700));
      if (end == std::string::npos)
        return;
    }
  }

  std::optional<temp_dir> home_;
  std::shared_ptr<spindle::fs::memory_vfs> memory_;
  spindle::fs::vfs_ptr files_;
  std::string path_;
  spindle::fs::directory_ptr base_;
};

} // namespace kit
