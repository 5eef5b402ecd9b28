#include "transfer/relocation.hpp"

#include "cli/disk_path.hpp"
#include "cli/leftovers.hpp"

#include <utility>

namespace spindle::tool {

void add_relocation_options(CLI::App& cmd, relocation_options& options) {
  cmd
    .add_option("PATH", options.paths,
                "One or more sources, then the target: a new path, or a "
                "directory to put them into")
    ->type_name("")
    ->expected(2, CLI::detail::expected_max_vector_size)
    ->required();
  auto* keep = cmd.add_flag("-n,--no-clobber", options.no_clobber,
                            "Refuse to replace existing files");
  cmd
    .add_flag(
      "-f,--overwrite", [](int64_t) {}, "Replace existing files (the default)")
    ->excludes(keep);
}

void for_each_relocation(
  const relocation_options& options, disk_access& disk, complaints& failed,
  const std::function<void(const std::string&, const std::string&)>& one) {
  const auto& target = options.paths.back();
  if (!options.where.connect.is_remote())
    leftovers{}.sweep_for(target);
  auto found = disk.run(directory_exists{.path = target});
  if (!found) {
    failed.add(found.error());
    return;
  }
  if (!*found && options.paths.size() > 2) {
    failed.add(target, "it must be a directory, since there are several "
                       "sources");
    return;
  }
  for (size_t i = 0; i + 1 < options.paths.size(); ++i) {
    const auto& source = options.paths[i];
    auto name = base_name(source);
    // "dir/." means the entries of the directory.
    auto has_name = !name.empty() && name != "." && name != "..";
    one(source, *found && has_name ? joined(target, name) : target);
  }
}

bool are_same(const file_info& x, const file_info& y) {
  return x.device == y.device && x.inode == y.inode;
}

failure refusal(errc code, const std::string& path, std::string detail) {
  return {.code = code, .path = path, .detail = std::move(detail)};
}

} // namespace spindle::tool
