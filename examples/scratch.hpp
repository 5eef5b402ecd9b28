// A directory for files that nobody needs when the program has ended.
#pragma once

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

/// Makes a directory of its own, and removes it with all that it contains.
class scratch {
public:
  /// @param parent where to make the directory.
  /// @throws std::system_error if that is impossible.
  explicit scratch(const std::filesystem::path& parent
                   = std::filesystem::temp_directory_path())
      : path_((parent / "spindle-XXXXXX").string()) {
    if (!::mkdtemp(path_.data()))
      throw std::system_error{errno, std::generic_category(), path_};
  }

  scratch(const scratch&) = delete;

  scratch& operator=(const scratch&) = delete;

  ~scratch() {
    // What cannot be removed stays for the system to sweep up.
    std::error_code ignored;
    if (!keep_)
      std::filesystem::remove_all(path_, ignored);
  }

  /// Returns the path of the directory.
  const std::string& path() const {
    return path_;
  }

  /// Returns the path of something in the directory.
  std::string operator/(const std::string& name) const {
    return path_ + "/" + name;
  }

  /// Leaves the directory there.
  void keep() {
    keep_ = true;
  }

private:
  std::string path_;
  bool keep_ = false;
};
