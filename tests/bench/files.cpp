#include "files.hpp"

#include <algorithm>
#include <fstream>
#include <stdexcept>
#include <string>

namespace bench {

void write_file(const std::filesystem::path& path, uint64_t size) {
  std::ofstream out{path, std::ios::binary};
  static const std::string block(1 << 20, 'x');
  for (uint64_t done = 0; done < size; done += block.size())
    out.write(block.data(), static_cast<std::streamsize>(
                              std::min<uint64_t>(block.size(), size - done)));
  if (!out.flush())
    throw std::runtime_error{"cannot write " + path.string()};
}

void make_tree(const std::filesystem::path& top, size_t files) {
  for (size_t i = 0; i < files; ++i) {
    auto dir = top / std::to_string(i / 100);
    if (i % 100 == 0)
      std::filesystem::create_directories(dir);
    write_file(dir / std::to_string(i), 2000);
  }
}

} // namespace bench
