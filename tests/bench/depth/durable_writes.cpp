// Writes that are on the device when they are answered.
#include "depth/compare.hpp"
#include "depth/loop_disk.hpp"
#include "depth/parts.hpp"
#include "host.hpp"
#include "place.hpp"

#include "temp_dir.hpp"

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

namespace bench::depth {

namespace {

/// A way to write, and what must be on the device.
struct write_case {
  deed how;
  spindle::durability level;

  std::string name() const {
    return to_string(how) + " " + to_string(level);
  }
};

/// Returns the ways that are wanted at a place.
std::vector<write_case> cases_of(const options& opts,
                                 const std::string& where) {
  std::vector<write_case> res;
  for (auto how : {deed::truncate, deed::append, deed::replace})
    for (auto level : {spindle::durability::data, spindle::durability::full})
      if (write_case x{how, level};
          opts.depth.wants("writes " + where + " " + x.name()))
        res.push_back(x);
  return res;
}

std::vector<row> measure_writes(const options& opts, const place& at,
                                const std::vector<write_case>& cases) {
  auto where = std::make_shared<host>(opts.scheduler, settings_of(opts));
  contest all{opts,
              {one_client(where, window), one_list(where, window),
               many_clients(where, window)}};
  std::vector<row> res;
  for (const auto& x : cases) {
    kit::temp_dir home{at.directory};
    auto rows = all.run({.what = x.how,
                         .level = x.level,
                         .directory = home.path(),
                         .count = opts.depth.writes},
                        x.name(), at.name);
    res.insert(res.end(), rows.begin(), rows.end());
  }
  return res;
}

/// Makes a file system, or says why it cannot.
std::unique_ptr<loop_disk> try_make(const options& opts,
                                    const std::string& type) {
  try {
    return std::make_unique<loop_disk>(type, opts.disk);
  } catch (const std::runtime_error& x) {
    print_title("Not measured on " + type + ": " + x.what());
    return nullptr;
  }
}

/// Measures on a file system that is made for it.
std::vector<row> measure_made(const options& opts, const std::string& type) {
  auto cases = cases_of(opts, type);
  if (cases.empty())
    return {};
  auto disk = try_make(opts, type);
  if (!disk)
    return {};
  print_title("Durable writes of 4 KiB on " + type
              + ", on a loop device. The aims: 4 of bare and 2 of libuv at "
                "window 64 and for oplists, 1.5 of libuv for 64 clients.");
  return measure_writes(opts, {type, disk->directory()}, cases);
}

std::vector<row> measure_given(const options& opts) {
  auto cases = cases_of(opts, "disk");
  if (cases.empty())
    return {};
  print_title("Durable writes of 4 KiB on the disk. The aim without a journal: "
              "0.95 of libuv.");
  return measure_writes(opts, {"disk", opts.disk}, cases);
}

} // namespace

std::vector<row> measure_durable_writes(const options& opts) {
  auto res = measure_given(opts);
  for (std::string type : {"ext4", "xfs"}) {
    auto rows = measure_made(opts, type);
    res.insert(res.end(), rows.begin(), rows.end());
  }
  return res;
}

} // namespace bench::depth
