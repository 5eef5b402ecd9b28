#include "spindle/message/writing.hpp"

namespace spindle {

std::string to_string(chain_policy x) {
  return x == chain_policy::proceed ? "proceed" : "abort";
}

namespace {

/// Returns the words before the first cause.
std::string chain_text(uint64_t links) {
  if (links == 0)
    return "the predecessor failed: ";
  return "a predecessor failed, with " + std::to_string(links)
       + (links == 1 ? " writer" : " writers") + " in between: ";
}

} // namespace

failure chain_broken_by(const failure& before) {
  failure res{.code = errc::chain_broken};
  auto cause = to_string(before);
  if (before.code == errc::chain_broken) {
    res.links = before.links + 1;
    // The first cause of the predecessor is that of this writer.
    auto known = chain_text(before.links);
    if (before.detail.starts_with(known))
      cause = before.detail.substr(known.size());
  }
  res.detail = chain_text(res.links) + cause;
  return res;
}

} // namespace spindle
