// A directory on the disk that lives as long as its object.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <tuple>

#include <cerrno>
#include <stdlib.h>

namespace kit {

/// Makes an empty directory, and removes it with all that is in it.
class temp_dir {
public:
  /// @param parent where to make it: the place for temporary files by default.
  explicit temp_dir(const std::filesystem::path& parent
                    = std::filesystem::temp_directory_path())
      : path_((parent / "spindle-test-XXXXXX").string()) {
    if (::mkdtemp(path_.data()) == nullptr)
      throw std::system_error{errno, std::generic_category(), path_};
  }

  temp_dir(const temp_dir&) = delete;

  temp_dir& operator=(const temp_dir&) = delete;

  ~temp_dir() {
    // std::filesystem::remove_all gives up on trees that are deeper than the
    // number of descriptors. What is left over does no harm to other tests.
    std::ignore = std::system(("rm -rf '" + path_ + "'").c_str());
  }

  /// Returns the absolute path.
  const std::string& path() const noexcept {
    return path_;
  }

  /// Returns the absolute path of something in the directory.
  std::string operator/(const std::string& name) const {
    return path_ + "/" + name;
  }

private:
  std::string path_;
};

} // namespace kit
