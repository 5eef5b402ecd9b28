#include "spindle/message/writing.hpp"

namespace spindle {

std::string to_string(chain_policy x) {
  return x == chain_policy::proceed ? "proceed" : "abort";
}

namespace {

/// Returns what stands before the first cause.
std::string chain_text(uint64_t links) {
  if (links == 0)
    return "the writer before: ";
  return "the first to fail, with " + std::to_string(links)
       + (links == 1 ? " writer" : " writers") + " between: ";
}

} // namespace

failure chain_broken_by(const failure& before) {
  failure res{.code = errc::chain_broken};
  auto cause = to_string(before);
  if (before.code == errc::chain_broken) {
    res.links = before.links + 1;
    // What it says is the cause of this one, too.
    auto known = chain_text(before.links);
    if (before.detail.starts_with(known))
      cause = before.detail.substr(known.size());
  }
  res.detail = chain_text(res.links) + cause;
  return res;
}

} // namespace spindle
