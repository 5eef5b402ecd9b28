#include "workload.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace bench {

namespace {

void make_file(const std::string& path, std::string_view content) {
  std::ofstream out{path, std::ios::binary};
  out << content;
  out.close();
  if (!out)
    throw std::system_error{errno, std::generic_category(), path};
}

} // namespace

std::string to_string(action x) {
  switch (x) {
    case action::exists:
      return "exists";
    case action::write:
      return "write 4 KiB";
    case action::read:
      return "read 4 KiB";
    case action::remove:
      return "delete";
    case action::rename:
      return "rename";
  }
  return "unknown";
}

workload::workload(action what, const std::string& parent, size_t files,
                   size_t repetitions)
    : what_(what),
      ops_(repeatable(what) ? files * repetitions : files),
      home_(parent) {
  for (size_t i = 0; i < files; ++i) {
    paths_.push_back(home_ / ("file-" + std::to_string(i)));
    targets_.push_back(home_ / ("renamed-" + std::to_string(i)));
  }
}

void workload::prepare() const {
  for (const auto& target : targets_)
    std::filesystem::remove(target);
  for (const auto& path : paths_)
    if (what_ == action::write)
      std::filesystem::remove(path);
    else if (!std::filesystem::exists(path))
      make_file(path, content_);
}

} // namespace bench
