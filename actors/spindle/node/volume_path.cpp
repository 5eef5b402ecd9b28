#include "spindle/node/volume_path.hpp"

#include "spindle/message/messages.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace spindle {

namespace {

/// Calls `fun(path)` for each path of an operation. The target of a symbolic
/// link is a text and no path.
template <class Fun>
void for_each_path(operation& op, Fun fun) {
  std::visit(
    [&fun](auto& x) {
      fun(x.path);
      using type = std::decay_t<decltype(x)>;
      if constexpr (requires { x.target; }
                    && !std::is_same_v<type, symlink_create>)
        fun(x.target);
    },
    op);
}

failure bad_path(std::string_view operation, const std::string& path,
                 const char* detail) {
  return {.code = errc::invalid_argument,
          .operation = std::string{operation},
          .path = path,
          .detail = detail};
}

} // namespace

// -- names --------------------------------------------------------------------

std::optional<volume_path> split_volume(std::string_view path) {
  auto colon = path.find(':');
  if (colon == std::string_view::npos || !is_volume_name(path.substr(0, colon)))
    return std::nullopt;
  auto inside = path.substr(colon + 1);
  // An empty path means the directory of the volume.
  return volume_path{std::string{path.substr(0, colon)},
                     std::string{inside.empty() ? "." : inside}};
}

bool is_volume_name(std::string_view name) {
  auto good = [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  };
  return !name.empty() && std::all_of(name.begin(), name.end(), good);
}

// -- from clients
// -------------------------------------------------------------------

attempt<std::string> strip_volume_prefix(operation& op) {
  std::optional<std::string> volume;
  std::optional<failure> why;
  for_each_path(op, [&](std::string& path) {
    auto parts = split_volume(path);
    if (!parts)
      why = bad_path(name_of(op), path,
                     "a path on a node begins with a volume: VOLUME:path");
    else if (volume && *volume != parts->volume)
      why = bad_path(name_of(op), path, "both paths must be in one volume");
    else {
      volume = std::move(parts->volume);
      path = std::move(parts->path);
    }
  });
  if (why)
    return tl::unexpected{std::move(*why)};
  return std::move(*volume);
}

attempt<std::string> strip_volume_prefix(oplist& list) {
  std::optional<std::string> volume;
  std::optional<failure> why;
  for_each_operation(list, [&](oplist_entry&, operation& op) {
    auto path = path_of(op);
    auto one = strip_volume_prefix(op);
    if (!one)
      why = std::move(one.error());
    else if (volume && *volume != *one)
      why = bad_path(name_of(op), path,
                     "all paths of an oplist must be in one volume");
    else
      volume = std::move(*one);
  });
  if (why)
    return tl::unexpected{std::move(*why)};
  return volume.value_or("");
}

// -- to clients
// ------------------------------------------------------------------

void add_volume_prefix(const std::string& volume, operation& op) {
  for_each_path(
    op, [prefix = volume + ':'](std::string& path) { path.insert(0, prefix); });
}

void add_volume_prefix(const std::string& volume, failure& why) {
  if (!why.path.empty())
    why.path.insert(0, volume + ':');
}

void add_volume_prefix(const std::string& volume, answer& result) {
  if (!result)
    add_volume_prefix(volume, result.error());
}

void add_volume_prefix(const std::string& volume, outcome& x) {
  add_volume_prefix(volume, x.op);
  add_volume_prefix(volume, x.result);
}

void add_volume_prefix(const std::string& volume, oplist_report& x) {
  for (auto& entry : x.entries)
    std::visit([&](auto& y) { add_volume_prefix(volume, y); }, entry.value);
}

void add_volume_prefix(const std::string& volume, operation_progress& x) {
  if (!x.path.empty())
    x.path.insert(0, volume + ':');
}

// -- sizes --------------------------------------------------------------------

uint64_t payload_of(const answer& result) {
  if (!result)
    return 0;
  if (auto* bytes = std::get_if<buffer>(&*result))
    return bytes->size();
  uint64_t res = 0;
  if (auto* listing = std::get_if<directory_listing>(&*result))
    for (const auto& entry : *listing)
      res += sizeof entry + entry.name.size();
  if (auto* page = std::get_if<walk_page>(&*result))
    for (const auto& entry : page->entries)
      res += sizeof entry + entry.path.size();
  return res;
}

uint64_t payload_of(const oplist_report& report) {
  uint64_t res = 0;
  for_each_outcome(report,
                   [&res](const outcome& x) { res += payload_of(x.result); });
  return res;
}

// -- lists --------------------------------------------------------------------

std::vector<callback> take_callbacks(oplist& list) {
  std::vector<callback> res;
  for_each_operation(list, [&res](oplist_entry& entry, operation&) {
    res.push_back(std::exchange(entry.who, callback{}));
  });
  return res;
}

void for_each_outcome(const oplist_report& report,
                      const std::function<void(const outcome&)>& fun) {
  for (const auto& entry : report.entries)
    if (auto* nested = std::get_if<oplist_report>(&entry.value))
      for_each_outcome(*nested, fun);
    else
      fun(std::get<outcome>(entry.value));
}

void set_ticket(oplist_report& report, ticket id) {
  report.ticket = id;
  for (auto& entry : report.entries)
    if (auto* nested = std::get_if<oplist_report>(&entry.value))
      set_ticket(*nested, id);
    else
      std::get<outcome>(entry.value).ticket = id;
}

void tell_callbacks(const std::vector<callback>& callbacks,
                    const oplist_report& report) {
  auto next = callbacks.begin();
  for_each_outcome(report, [&](const outcome& x) {
    if (next != callbacks.end() && *next)
      cafx::anon_mail(x).send(*next);
    ++next;
  });
}

} // namespace spindle
