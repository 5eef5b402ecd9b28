#include "spindle/oplist.hpp"

#include <algorithm>

namespace spindle {

std::string to_string(on_error x) {
  switch (x) {
    case on_error::proceed:
      return "proceed";
    case on_error::stop:
      return "stop";
  }
  return "invalid(" + std::to_string(static_cast<int>(x)) + ")";
}

oplist::oplist() = default;

oplist::oplist(oplist&&) noexcept = default;

oplist::oplist(const oplist&) = default;

oplist& oplist::operator=(oplist&&) noexcept = default;

oplist& oplist::operator=(const oplist&) = default;

oplist::~oplist() = default;

oplist& oplist::add(operation op, callback who) & {
  entries.push_back({std::move(op), std::move(who)});
  return *this;
}

oplist& oplist::add(oplist list) & {
  entries.push_back({std::move(list), {}});
  return *this;
}

size_t oplist::size() const noexcept {
  size_t res = 0;
  for_each_operation(*this, [&res](const auto&, const auto&) { ++res; });
  return res;
}

size_t oplist::depth() const noexcept {
  size_t res = 0;
  for (const auto& entry : entries)
    if (auto* nested = std::get_if<oplist>(&entry.what))
      res = std::max(res, nested->depth());
  return res + 1;
}

} // namespace spindle
