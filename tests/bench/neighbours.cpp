#include "neighbours.hpp"

#include "files.hpp"
#include "loopback_node.hpp"
#include "put.hpp"
#include "requester.hpp"
#include "succeeded.hpp"

#include "spindle/client.hpp"

#include <stdexcept>
#include <utility>

#include <unistd.h>

namespace bench {

namespace {

namespace fs = std::filesystem;

/// Returns work that is one operation.
template <class Op>
std::function<void(const spindle::queue&)> doing(Op op) {
  return [op](const spindle::queue& q) {
    spindle::client client{q, std::chrono::minutes{5}};
    succeeded(client.run(op));
  };
}

/// Returns work that is many reads of a small file, of which one client has
/// `flood_window` in flight.
std::function<void(const spindle::queue&)> reading(std::string path,
                                                   size_t operations) {
  return [operations, path = std::move(path)](const spindle::queue& q) {
    run_requests(
      q.system(), q.supervisor(),
      [&path](size_t) {
        return spindle::file_read{.path = path, .length = file_size};
      },
      operations, flood_window);
  };
}

/// Lists a directory in one operation.
void walk_all(const spindle::queue& q, const std::string& path,
              uint32_t entries) {
  spindle::client client{q, std::chrono::minutes{5}};
  auto page = succeeded(
    client.run(spindle::directory_walk{.path = path, .limit = entries}));
  if (page->entries.size() != entries)
    throw std::runtime_error{"a walk did not list all entries of " + path};
}

} // namespace

amount amount_of(const options& opts) {
  return {.file_bytes = opts.fairness_bytes,
          .one_operation_bytes = opts.fairness_bytes / 4,
          .tree_files = 10'000,
          .entries = 100'000};
}

// -- the directory ------------------------------------------------------------

neighbourhood::neighbourhood(const std::string& where, amount of)
    : top_(fs::path{where}
           / ("spindle-fairness-" + std::to_string(::getpid()))),
      of_(of) {
  fs::create_directories(top_ / "many");
  write_file(top_ / small_name, file_size);
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

// -- the neighbours -----------------------------------------------------------

std::vector<neighbour> neighbourhood::all() const {
  auto res = long_operations();
  for (auto& some : {puts(), floods()})
    res.insert(res.end(), some.begin(), some.end());
  res.push_back(writers());
  return res;
}

std::vector<long_operation> neighbourhood::operations() const {
  using namespace spindle;
  return {
    {"a copy of a large file", file_copy{.path = path("big"),
                                         .target = path("big-copy"),
                                         .overwrite = true}},
    {"a checksum of a large file", file_checksum{.path = path("big")}},
    {"a large write",
     file_write{.path = path("written"),
                .data = buffer{std::string(of_.one_operation_bytes, 'y')}}},
    {"a large read", file_read{.path = path("medium")}},
    {"a copy of a tree",
     directory_copy{.path = path("tree"), .target = path("tree-cancelled")}},
    {"a walk", directory_walk{.path = path("many"), .limit = of_.entries}},
  };
}

std::vector<neighbour> neighbourhood::long_operations() const {
  using namespace spindle;
  std::vector<neighbour> res;
  for (const auto& [name, what] : operations())
    if (!std::holds_alternative<directory_copy>(what)
        && !std::holds_alternative<directory_walk>(what))
      res.push_back(
        {name, std::visit([](const auto& op) { return doing(op); }, what)});
  auto copy_and_delete_tree
    = [tree = path("tree"), copy = path("tree-copy")](const spindle::queue& q) {
        doing(directory_copy{.path = tree, .target = copy})(q);
        doing(directory_delete{.path = copy})(q);
      };
  auto walk = [top = path("many"), n = of_.entries](const spindle::queue& q) {
    walk_all(q, top, n);
  };
  res.push_back({"a tree copied and deleted", copy_and_delete_tree});
  res.push_back({"a walk", walk});
  return res;
}

std::vector<neighbour> neighbourhood::puts() const {
  auto putting = [source = path("medium")](put_end end) {
    return [=](const spindle::queue& q) {
      put(q, source, std::string{loopback_node::prefix} + "put", end);
    };
  };
  return {
    {.name = "a put to a node",
     .work = putting(put_end::synced),
     .is_remote = true},
    {.name = "a put without its sync",
     .work = putting(put_end::unsynced),
     .is_remote = true},
  };
}

std::vector<neighbour> neighbourhood::floods() const {
  using std::chrono::milliseconds;
  constexpr size_t many = 50 * flood_window;
  return {
    {.name = "a flood",
     .work = reading(small_file(), many),
     .aim = milliseconds{5},
     .operations = many},
    {.name = "32 floods",
     .work = reading(small_file(), 20 * flood_window),
     .aim = milliseconds{20},
     .clients = 32,
     .head_start = flood_head_start},
    {.name = "32 floods that begin",
     .work = reading(small_file(), 5 * flood_window),
     .aim = milliseconds{20},
     .clients = 32},
  };
}

neighbour neighbourhood::writers() const {
  auto work = [target = path("stream"),
               data = spindle::buffer{std::string(8 << 20, 'z')}](
                const spindle::queue& q) {
    spindle::client client{q, std::chrono::minutes{5}};
    std::vector<spindle::writer_actor> all;
    for (int i = 0; i < 10; ++i)
      all.push_back(q.write(
        {.path = target + std::to_string(i), .data = data, .profile = "10"}));
    for (const auto& writer : all)
      succeeded(client.wait(writer));
  };
  return {"ten writers of profile 10", work};
}

} // namespace bench
