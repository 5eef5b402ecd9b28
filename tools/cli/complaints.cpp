#include "cli/complaints.hpp"

#include "cli/disk_path.hpp"
#include "cli/interruption.hpp"
#include "text/file_text.hpp"

#include "spindle/config/utf8.hpp"

#include <cstdio>
#include <cstring>

namespace spindle::tool {

void complaints::add(const failure& why) {
  any_ = true;
  // Whoever sent the signal knows why the operation was cancelled.
  if (is_interrupted(why))
    return;
  for (const auto& entry : why.entries)
    add(joined(why.path, entry.path), std::strerror(entry.sys_errno));
  // `entries` holds only the first failures; the detail says how many there
  // are.
  add(why.path, why.entries.empty() ? reason_text(why) : why.detail);
}

void complaints::add(const std::string& path, const std::string& text) {
  any_ = true;
  if (before_)
    before_();
  auto line = "spindle " + command_ + ": ";
  if (!path.empty())
    line += config::printable(path) + ": ";
  line += config::printable(text) + '\n';
  std::fputs(line.c_str(), stderr);
}

} // namespace spindle::tool
