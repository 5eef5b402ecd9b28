#include "depth/depth_options.hpp"

#include <CLI/CLI.hpp>

namespace bench {

void depth_options::lower() {
  rounds = 3;
  writer_rounds = 3;
  files = 640;
  large_files = 64;
  writes = 64;
  tree_files = 1'000;
}

void add_depth_options(CLI::App& app, depth_options& opts) {
  auto number = [&app](const char* name, size_t& value, const char* text) {
    app.add_option(name, value, text)
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  };
  app.add_option(
    "--depth-part", opts.parts,
    "Only parts of depth whose name contains one of these: reads 4 KiB, "
    "reads 1 MiB, trees, writers exists, writers read, writers stream, "
    "latency, and writes PLACE MODE LEVEL, for instance writes ext4 append "
    "data (disk, ext4, xfs; truncate, append, replace; data, full)");
  number("--depth-rounds", opts.rounds,
         "How often each contestant is measured");
  number("--depth-writer-rounds", opts.writer_rounds,
         "How often operations beside writers are measured");
  number("--depth-samples", opts.samples,
         "Operations beside writers in each round");
  number("--depth-files", opts.files, "Files of 4 KiB that are read cold");
  number("--depth-large-files", opts.large_files,
         "Files of 1 MiB that are read cold");
  number("--depth-writes", opts.writes, "Durable writes in each round");
  number("--depth-tree-files", opts.tree_files,
         "Files of the tree that is copied and deleted");
  app.add_flag("!--keep-caches", opts.drop_caches,
               "Evicts only the files of the benchmark from the page cache; "
               "root drops the cache of the machine otherwise");
}

} // namespace bench
