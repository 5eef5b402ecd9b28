#include "model.hpp"

#include "spindle/fs/execute.hpp"
#include "spindle/message/messages.hpp"

#include <regex>

namespace spindle::sim {

namespace {

/// @returns whether all operations succeeded.
bool execute(fs::vfs& disk, const oplist& list, bool skip,
             std::vector<answer>& answers) {
  auto good = true;
  for (auto& entry : list.entries) {
    auto skip_this = skip || (list.policy == on_error::stop && !good);
    if (auto* nested = std::get_if<oplist>(&entry.what)) {
      good = execute(disk, *nested, skip_this, answers) && good;
      continue;
    }
    auto& op = std::get<operation>(entry.what);
    if (skip_this)
      answers.push_back(tl::unexpected{failure{.code = errc::skipped}});
    else
      answers.push_back(fs::execute(disk, op));
    good = good && answers.back();
  }
  return good;
}

} // namespace

fragile_disk::fragile_disk(const std::vector<std::pair<size_t, int>>& faults)
    : memory(
      std::make_shared<fs::memory_vfs>(fs::memory_options{.cold = true})),
      faulty(std::make_shared<fs::faulty_vfs>(memory)) {
  for (auto [nth, sys_errno] : faults)
    faulty->plan().fail_any(nth, sys_errno);
}

std::vector<answer>
execute_plainly(fs::vfs& disk, const std::variant<operation, oplist>& what) {
  std::vector<answer> res;
  if (auto* list = std::get_if<oplist>(&what))
    execute(disk, *list, false, res);
  else
    res.push_back(fs::execute(disk, std::get<operation>(what)));
  return res;
}

std::string canonical(const std::vector<answer>& answers) {
  std::string res;
  for (auto& result : answers) {
    if (result)
      res += caf::deep_to_string(*result);
    else if (result.error().code == errc::skipped)
      res += "skipped";
    else
      res += to_string(result.error());
    res += '\n';
  }
  return canonical(res);
}

std::string canonical(const std::string& tree) {
  // A temporary file remains if a fault prevents its removal.
  static const std::regex temporary{R"(\.spindle-[^ /"\n]*)"};
  return std::regex_replace(tree, temporary, ".spindle-tmp");
}

} // namespace spindle::sim
