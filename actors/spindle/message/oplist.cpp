#include "spindle/message/oplist.hpp"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

namespace spindle {

namespace {

/// Calls `fun(list, depth)` for a list, whose depth is 1, and for each that is
/// embedded in it.
template <class Fun>
void for_each_list(const oplist& top, Fun fun) {
  std::vector<std::pair<const oplist*, size_t>> pending{{&top, 1}};
  while (!pending.empty()) {
    auto [list, depth] = pending.back();
    pending.pop_back();
    fun(*list, depth);
    for (const auto& entry : list->entries)
      if (auto* nested = std::get_if<oplist>(&entry.what))
        pending.emplace_back(nested, depth + 1);
  }
}

} // namespace

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

oplist::oplist(const oplist& other) {
  // Not by recursion, like everything here: lists may be nested deeper than
  // there is stack.
  std::vector<std::pair<oplist*, const oplist*>> pending{{this, &other}};
  while (!pending.empty()) {
    auto [to, from] = pending.back();
    pending.pop_back();
    to->policy = from->policy;
    // Reserved at once, so that the copies of embedded lists stay in place.
    to->entries.reserve(from->entries.size());
    for (const auto& entry : from->entries) {
      if (auto* nested = std::get_if<oplist>(&entry.what)) {
        to->entries.push_back({oplist{}, entry.who});
        pending.emplace_back(&std::get<oplist>(to->entries.back().what),
                             nested);
      } else {
        to->entries.push_back(entry);
      }
    }
  }
}

oplist& oplist::operator=(oplist&& other) noexcept {
  std::swap(entries, other.entries);
  std::swap(policy, other.policy);
  return *this;
}

oplist& oplist::operator=(const oplist& other) {
  return *this = oplist{other};
}

oplist::~oplist() {
  std::vector<std::vector<oplist_entry>> pending;
  auto take_out = [&pending](std::vector<oplist_entry>& from) {
    for (auto& entry : from)
      if (auto* nested = std::get_if<oplist>(&entry.what);
          nested && !nested->entries.empty())
        pending.push_back(std::move(nested->entries));
  };
  take_out(entries);
  while (!pending.empty()) {
    auto next = std::move(pending.back());
    pending.pop_back();
    take_out(next);
  }
}

oplist& oplist::add(operation op, callback who) & {
  entries.push_back({std::move(op), std::move(who)});
  return *this;
}

oplist& oplist::add(oplist list) & {
  entries.push_back({std::move(list), {}});
  return *this;
}

size_t oplist::size() const {
  size_t res = 0;
  for_each_list(*this, [&res](const oplist& list, size_t) {
    for (const auto& entry : list.entries)
      res += std::holds_alternative<operation>(entry.what) ? 1 : 0;
  });
  return res;
}

size_t oplist::depth() const {
  size_t res = 0;
  for_each_list(
    *this, [&res](const oplist&, size_t depth) { res = std::max(res, depth); });
  return res;
}

size_t oplist::cost() const {
  size_t res = 0;
  for_each_list(
    *this, [&res](const oplist& list, size_t) { res += list.entries.size(); });
  return std::max<size_t>(res, 1);
}

uint64_t payload_of(const oplist& list) {
  uint64_t res = 0;
  for_each_list(list, [&res](const oplist& one, size_t) {
    for (const auto& entry : one.entries)
      if (auto* op = std::get_if<operation>(&entry.what))
        res += payload_of(*op);
  });
  return res;
}

} // namespace spindle
