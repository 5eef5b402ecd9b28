#include "nodes.hpp"

#include "spindle/client.hpp"
#include "spindle/connect.hpp"
#include "spindle/disks.hpp"
#include "spindle/serve.hpp"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <stdexcept>

namespace demo {

namespace {

constexpr size_t files = 1000;
constexpr size_t file_bytes = 4096;
constexpr size_t stream_bytes = size_t{32} << 20;

/// A node that offers one directory as "data".
class serving {
public:
  explicit serving(const std::string& directory) {
    auto disk
      = spindle::confined_disk(directory, spindle::access_mode::read_write);
    if (!disk)
      throw std::runtime_error{to_string(disk.error())};
    spindle::settings bounds;
    bounds.disk = std::move(*disk);
    auto res = spindle::serve(
      sys_, {{{.name = "data"}, spindle::spawn_queue(sys_, bounds)}}, {});
    if (!res)
      throw std::runtime_error{"the node cannot listen on loopback"};
    node_.emplace(std::move(*res));
  }

  uint16_t port() const {
    return node_->port();
  }

private:
  spindle::networked<> cfg_;
  caf::actor_system sys_{cfg_};
  std::optional<spindle::node> node_;
};

std::string path_of(size_t i) {
  return "data:" + std::to_string(i);
}

/// Sends one oplist with an operation for each file; returns how many
/// succeeded.
template <class Make>
size_t run_all(spindle::client& disk, Make make) {
  spindle::oplist all;
  for (size_t i = 0; i < files; ++i)
    all.add(make(path_of(i)));
  auto report = disk.run(std::move(all));
  return report ? files - report->failed() : 0;
}

} // namespace

std::vector<std::string> show_nodes(const std::string& directory) {
  auto root = directory + "/served";
  std::filesystem::create_directory(root);
  serving here{root};
  spindle::networked<> cfg;
  caf::actor_system sys{cfg};
  auto far = spindle::connect(sys, {.port = here.port()});
  if (!far)
    return {"the client cannot connect to the node"};
  spindle::client disk{*far, cafx::infinite};
  std::printf("\nA node at 127.0.0.1:%u, and a client\n",
              static_cast<unsigned>(here.port()));
  std::vector<std::string> problems;
  auto step = [&](const char* name, size_t expected,
                  const std::function<size_t()>& what) {
    auto begin = std::chrono::steady_clock::now();
    auto done = what();
    std::chrono::duration<double> took
      = std::chrono::steady_clock::now() - begin;
    std::printf("  %-34s %9zu of %zu in %.3f s\n", name, done, expected,
                took.count());
    if (done != expected)
      problems.push_back(std::string{"at the node: "} + name);
  };
  spindle::buffer content{std::string(file_bytes, 'n')};
  step("files written, as one list", files, [&] {
    return run_all(disk, [&](const std::string& path) {
      return spindle::file_write{.path = path, .data = content};
    });
  });
  step("files read, one by one", files, [&] {
    size_t good = 0;
    for (size_t i = 0; i < files; ++i) {
      auto bytes = disk.run(spindle::file_read{.path = path_of(i)});
      good += bytes && *bytes == content ? 1 : 0;
    }
    return good;
  });
  step("bytes written in the background", stream_bytes, [&] {
    auto last = disk.wait(
      far->write({.path = "data:stream",
                  .data = spindle::buffer{std::string(stream_bytes, 's')},
                  .profile = "1"}));
    return last ? last->written : 0;
  });
  step("paths out of the volume refused", 1, [&] {
    auto res = disk.run(spindle::file_read{.path = "data:../../etc/passwd"});
    auto why = res ? std::nullopt : spindle::failure_of(res.error());
    return why && why->code == spindle::errc::permission_denied ? 1 : 0;
  });
  if (std::filesystem::file_size(root + "/stream") != stream_bytes)
    problems.emplace_back("the file that the node wrote has the wrong size");
  return problems;
}

} // namespace demo
