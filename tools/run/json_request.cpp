#include "run/json_request.hpp"

#include "run/json_decode.hpp"

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <map>
#include <string_view>
#include <utility>

namespace spindle::tool {

namespace {

// -- sizes of answers ---------------------------------------------------------

/// What to expect of operations whose answer may be of any size. A guess that
/// is too small costs memory, one that is too large costs concurrency.
constexpr uint64_t file_bytes = uint64_t{8} << 20;
constexpr uint64_t listing_bytes = uint64_t{1} << 20;
constexpr uint64_t entry_bytes = 128;

uint64_t expected_answer_bytes(const operation& op) {
  if (auto* read = std::get_if<file_read>(&op))
    return std::min(read->length.value_or(file_bytes), uint64_t{1} << 40);
  if (std::holds_alternative<directory_contents>(op))
    return listing_bytes;
  if (auto* walk = std::get_if<directory_walk>(&op))
    return walk->limit * entry_bytes;
  return 0;
}

// -- lines --------------------------------------------------------------------

/// Keys of an operation or list that is no entry of another list.
const line_keys& keys_of_work() {
  static const line_keys res{"lane", "progress"};
  return res;
}

/// Complains about an entry of a list that has a key of a whole line.
void check_entry(const json& entry) {
  for (const auto& key : keys_of_work())
    if (find(entry, key))
      throw bad_request{key, "this key beside the outermost \"oplist\" only",
                        "one in an entry of the list"};
}

// -- lists --------------------------------------------------------------------

/// Returns a copy of an object without some of its keys.
json without(const json& object, std::initializer_list<std::string_view> keys) {
  auto res = json::object();
  for (const auto& [key, value] : object.items())
    if (std::find(keys.begin(), keys.end(), key) == keys.end())
      res[key] = value;
  return res;
}

/// Builds the work of a line, depth first.
class builder {
public:
  work build(const json& object) && {
    res_.lane = decode_lane(object);
    res_.progress = decode_progress(object);
    if (is_list(object))
      res_.what = build_list(object, std::nullopt);
    else
      res_.what = build_operation(object, std::nullopt);
    res_.operations = operations_;
    return std::move(res_);
  }

  static bool is_list(const json& object) {
    auto* action = find(object, "action");
    return action ? *action == "oplist" : object.contains("oplist");
  }

private:
  operation build_operation(const json& object,
                            const std::optional<json>& list) {
    auto action = decode_action(object);
    auto op
      = decode_operation(action, object, list ? line_keys{} : keys_of_work());
    ++operations_;
    res_.payload_bytes += payload_of(op);
    res_.answer_bytes += expected_answer_bytes(op);
    res_.headings.push_back({decode_id(object), list, std::move(action),
                             without(object, {"id", "action"}), std::nullopt});
    return op;
  }

  oplist build_list(const json& object, const std::optional<json>& outer) {
    check_keys(object,
               {"id", "action", "oplist", "on_error", "lane", "progress"});
    auto id = decode_id(object);
    auto* entries = find(object, "oplist");
    if (!entries || !entries->is_array())
      throw bad_request{"oplist", "an array of operations and lists",
                        entries ? shown(*entries) : "none"};
    oplist res;
    res.policy = decode_on_error(object);
    auto inner = id.is_null() ? outer.value_or(nullptr) : id;
    auto before = operations_;
    for (size_t i = 0; i < entries->size(); ++i)
      add_entry(res, (*entries)[i], i, inner);
    res_.headings.push_back({id, outer, "oplist",
                             without(object, {"id", "action", "oplist"}),
                             operations_ - before});
    return res;
  }

  void add_entry(oplist& to, const json& entry, size_t index,
                 const json& list) {
    try {
      if (!entry.is_object())
        throw bad_request{"", "an object", shown(entry)};
      check_entry(entry);
      if (is_list(entry))
        to.add(build_list(entry, list));
      else
        to.add(build_operation(entry, list));
    } catch (bad_request& why) {
      why.prepend("oplist[" + std::to_string(index) + ']');
      throw;
    }
  }

  work res_;
  size_t operations_ = 0;
};

// -- control ------------------------------------------------------------------

json decode_target_id(const json& object) {
  auto res = decode_id(object);
  if (res.is_null())
    throw bad_request{"id", "the id of what this is about", "none"};
  return res;
}

cancel_request decode_cancel(const json& object) {
  check_keys(object, {"id", "action"});
  return {decode_target_id(object)};
}

writer_request decode_pause(const json& object) {
  check_keys(object, {"id", "action"});
  return {decode_target_id(object), writer_request::kind::pause, {}};
}

writer_request decode_resume(const json& object) {
  check_keys(object, {"id", "action"});
  return {decode_target_id(object), writer_request::kind::resume, {}};
}

writer_request decode_set_profile(const json& object) {
  check_keys(object, {"id", "action", "profile"});
  return {decode_target_id(object), writer_request::kind::set_profile,
          decode_profile(object)};
}

status_request decode_status(const json& object) {
  check_keys(object, {"id", "action"});
  return {decode_id(object)};
}

shutdown_request decode_shutdown(const json& object) {
  check_keys(object, {"id", "action", "deadline_s"});
  return {decode_id(object), decode_seconds(object, "deadline_s")};
}

background_request decode_background(const json& object) {
  if (find(object, "progress"))
    throw bad_request{"progress",
                      "this key with operations and lists only; \"status\" "
                      "says how far a background write is",
                      "one with a background write"};
  auto what = decode_background_write(object, {"lane"});
  return {{decode_id(object), std::nullopt, background_write::type_name,
           without(object, {"id", "action"}), std::nullopt},
          std::move(what),
          decode_lane(object)};
}

/// Returns what reads the actions that are no operations.
const std::map<std::string, std::function<request(const json&)>>& readers() {
  static const std::map<std::string, std::function<request(const json&)>> res{
    {"background_write", decode_background},
    {"pause", decode_pause},
    {"resume", decode_resume},
    {"set_profile", decode_set_profile},
    {"cancel", decode_cancel},
    {"status", decode_status},
    {"shutdown", decode_shutdown},
  };
  return res;
}

/// Returns everything that may be asked for on a line.
const std::vector<std::string>& actions() {
  static const auto res = [] {
    auto names = operation_names();
    names.emplace_back("oplist");
    for (const auto& [name, read] : readers())
      names.emplace_back(name);
    return names;
  }();
  return res;
}

} // namespace

request decode_request(const json& object) {
  if (!object.is_object())
    throw bad_request{"", "one JSON object on the line", shown(object)};
  if (builder::is_list(object))
    return builder{}.build(object);
  auto action = decode_action(object);
  if (auto reader = readers().find(action); reader != readers().end())
    return reader->second(object);
  const auto& known = actions();
  if (std::find(known.begin(), known.end(), action) == known.end())
    refuse_action(action, known);
  return builder{}.build(object);
}

json params_of(const json& input) {
  return input.is_object() ? without(input, {"id", "action"}) : json::object();
}

} // namespace spindle::tool
