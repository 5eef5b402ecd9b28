// A temporary directory.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <tuple>

#include <cerrno>
#include <stdlib.h>

namespace kit {

/// Creates an empty directory; removes it with its content when destroyed.
class temp_dir {
public:
  /// @param parent where to create it; by default the directory for temporary
  ///               files.
  explicit temp_dir(const std::filesystem::path& parent
                    = std::filesystem::temp_directory_path())
      : path_((parent / "spindle-test-XXXXXX").string()) {
    if (::mkdtemp(path_.data()) == nullptr)
      throw std::system_error{errno, std::generic_category(), path_};
  }

  temp_dir(const temp_dir&) = delete;

  temp_dir& operator=(const temp_dir&) = delete;

  ~temp_dir() {
    // std::filesystem::remove_all fails on trees that are deeper than the limit
    // of open descriptors. Errors are ignored: leftovers disturb no other test.
    std::ignore = std::system(("rm -rf '" + path_ + "'").c_str());
  }

  /// Returns the absolute path.
  const std::string& path() const noexcept {
    return path_;
  }

  /// Returns the absolute path of an entry in the directory.
  std::string operator/(const std::string& name) const {
    return path_ + "/" + name;
  }

private:
  std::string path_;
};

} // namespace kit
