#include "spindle/node/volume_list.hpp"

#include <algorithm>

namespace spindle {

attempt<size_t> volume_list::find(const std::string& name) const {
  auto i = std::find_if(all_.begin(), all_.end(), [&](const auto& x) {
    return name.empty() || x.info.name == name;
  });
  if (i != all_.end())
    return static_cast<size_t>(i - all_.begin());
  std::string known;
  for (const auto& volume : all_)
    known += (known.empty() ? "" : ", ") + volume.info.name;
  return tl::unexpected{
    failure{.code = errc::not_found,
            .path = name + ":",
            .detail = "there is no such volume, but there are: " + known}};
}

} // namespace spindle
