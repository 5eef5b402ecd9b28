// A temporary directory.
#pragma once

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

/// Creates a unique directory; removes it with its content when destroyed.
class scratch {
public:
  /// @param parent where to create the directory.
  /// @throws std::system_error if mkdtemp(3) fails.
  explicit scratch(const std::filesystem::path& parent
                   = std::filesystem::temp_directory_path())
      : path_((parent / "spindle-XXXXXX").string()) {
    if (!::mkdtemp(path_.data()))
      throw std::system_error{errno, std::generic_category(), path_};
  }

  scratch(const scratch&) = delete;

  scratch& operator=(const scratch&) = delete;

  ~scratch() {
    // Best effort: the system cleans up its temporary directory anyway.
    std::error_code ignored;
    if (!keep_)
      std::filesystem::remove_all(path_, ignored);
  }

  /// Returns the path of the directory.
  const std::string& path() const {
    return path_;
  }

  /// Returns the path of an entry in the directory.
  std::string operator/(const std::string& name) const {
    return path_ + "/" + name;
  }

  /// Does not remove the directory.
  void keep() {
    keep_ = true;
  }

private:
  std::string path_;
  bool keep_ = false;
};
