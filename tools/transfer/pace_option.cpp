#include "transfer/pace_option.hpp"

#include "cli/amount_option.hpp"

namespace spindle::tool {

std::string unknown_profile(const std::string& name,
                            std::span<const profile> among) {
  std::string names;
  for (const auto& x : among)
    names += (names.empty() ? "" : ", ") + x.name;
  return "there is no profile \"" + name + "\"; there are " + names;
}

void add_pace_options(CLI::App& cmd, pace_options& options) {
  add_amount_option(cmd, "--rate", options.rate, rate_of, "20M",
                    "Maximum number of bytes per second");
  cmd
    .add_option("--profile", options.profile,
                "The profile to follow; `spindle profiles` lists them; no "
                "limit by default")
    ->type_name("NAME");
}

attempt<std::unique_ptr<transfer_pace>>
pace_of(const pace_options& options, std::span<const profile> among) {
  if (!options.are_given())
    return nullptr;
  profile how;
  if (!options.profile.empty()) {
    auto* chosen = find_profile(among, options.profile);
    if (!chosen)
      return tl::unexpected{
        failure{.code = errc::invalid_argument,
                .detail = unknown_profile(options.profile, among)}};
    how = *chosen;
  }
  if (options.rate)
    how.max_rate = options.rate;
  return std::make_unique<transfer_pace>(how);
}

} // namespace spindle::tool
