#include "neighbours.hpp"

#include "requester.hpp"

#include "spindle/client.hpp"

#include <atomic>
#include <fstream>
#include <stdexcept>
#include <utility>

#include <unistd.h>

namespace bench {

namespace {

namespace fs = std::filesystem;

/// Clients of a flood, and how much each has in flight.
constexpr size_t flood_window = 4096;
constexpr size_t floods = 32;

void write_file(const fs::path& path, uint64_t size) {
  std::ofstream out{path, std::ios::binary};
  std::string block(1 << 20, 'x');
  for (uint64_t done = 0; done < size; done += block.size())
    out.write(block.data(), static_cast<std::streamsize>(
                              std::min<uint64_t>(block.size(), size - done)));
  if (!out.flush())
    throw std::runtime_error{"cannot write " + path.string()};
}

void make_tree(const fs::path& top, size_t files) {
  for (size_t i = 0; i < files; ++i) {
    auto dir = top / std::to_string(i / 100);
    if (i % 100 == 0)
      fs::create_directories(dir);
    write_file(dir / std::to_string(i), 2000);
  }
}

template <class T>
void require(const caf::expected<T>& res) {
  if (!res) {
    auto why = spindle::failure_of(res.error());
    throw std::runtime_error{why ? spindle::to_string(*why)
                                 : "an operation failed"};
  }
}

/// Returns work that is one operation.
template <class Op>
std::function<void(const spindle::queue&)> doing(Op op) {
  return [op](const spindle::queue& q) {
    spindle::client client{q, std::chrono::minutes{5}};
    require(client.run(op));
  };
}

/// Returns work that is many reads, so many of them in flight.
std::function<void(const spindle::queue&)> flood(std::string path,
                                                 size_t windows) {
  return [windows, path = std::move(path)](const spindle::queue& q) {
    run_requests(
      q.system(), q.supervisor(),
      [&path](size_t) {
        return spindle::file_read{.path = path, .length = file_size};
      },
      windows * flood_window, flood_window);
  };
}

} // namespace

neighbourhood::neighbourhood(const std::string& where, amount of)
    : top_(fs::path{where}
           / ("spindle-fairness-" + std::to_string(::getpid()))),
      of_(of) {
  fs::create_directories(top_ / "many");
  write_file(top_ / "small", file_size);
  write_file(top_ / "big", of_.file_bytes);
  write_file(top_ / "medium", of_.one_operation_bytes);
  make_tree(top_ / "tree", of_.tree_files);
  for (size_t i = 0; i < of_.entries; ++i)
    write_file(top_ / "many" / std::to_string(i), 0);
}

neighbourhood::~neighbourhood() {
  std::error_code ignored;
  fs::remove_all(top_, ignored);
}

std::string neighbourhood::small_file() const {
  return top_ / "small";
}

std::vector<neighbour> neighbourhood::all() const {
  using namespace spindle;
  auto path = [this](const char* name) { return (top_ / name).string(); };
  auto copy_and_delete_tree
    = [tree = path("tree"), copy = path("tree-copy")](const spindle::queue& q) {
        doing(directory_copy{.path = tree, .target = copy})(q);
        doing(directory_delete{.path = copy})(q);
      };
  auto walk = [top = path("many")](const spindle::queue& q) {
    doing(directory_walk{.path = top})(q);
  };
  auto write = [target = path("written"),
                data = buffer{std::string(of_.one_operation_bytes, 'y')}](
                 const spindle::queue& q) {
    doing(file_write{.path = target, .data = data})(q);
  };
  auto writers =
    [target = path("stream"),
     data = buffer{std::string(8 << 20, 'z')}](const spindle::queue& q) {
      client client{q, std::chrono::minutes{5}};
      std::vector<writer_actor> all;
      for (int i = 0; i < 10; ++i)
        all.push_back(q.write(
          {.path = target + std::to_string(i), .data = data, .profile = "10"}));
      for (const auto& writer : all)
        require(client.wait(writer));
    };
  return {
    {"a copy of a large file",
     doing(file_copy{
       .path = path("big"), .target = path("big-copy"), .overwrite = true})},
    {"a checksum of a large file", doing(file_checksum{.path = path("big")})},
    {"copying and deleting a tree", copy_and_delete_tree},
    {"a walk", walk},
    {"a large write", write},
    {"a large read", doing(file_read{.path = path("medium")})},
    {"a flood", flood(path("small"), 50)},
    {"32 floods", flood(path("small"), 10), floods},
    {"ten writers of profile 10", writers},
  };
}

} // namespace bench
