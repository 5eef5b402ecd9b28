#include "spindle/fs/memory/memory_names.hpp"

#include <algorithm>
#include <unordered_set>

namespace spindle::fs::memory {

namespace {

bool touches(const name_operation& what, const node& directory) {
  return std::any_of(what.begin(), what.end(), [&](const auto& change) {
    return change.directory.get() == &directory;
  });
}

/// Such an operation depends on all earlier ones; otherwise a crash could leave
/// two directories inside each other.
bool moves_directory(const name_operation& what) {
  auto is_directory = [](const name_change& change) {
    return change.target && change.target->type == file_type::directory;
  };
  return !touches({what.back()}, *what.front().directory)
      && std::any_of(what.begin(), what.end(), is_directory);
}

} // namespace

void apply(name_map& names, const name_change& what) {
  if (what.target)
    names[what.name] = what.target;
  else
    names.erase(what.name);
}

void name_journal::add(name_operation what) {
  operations_.push_back(std::move(what));
}

void name_journal::sync(const node& directory) {
  make_durable([&](size_t i) { return touches(operations_[i], directory); });
}

void name_journal::sync_all() {
  make_durable([](size_t) { return true; });
}

std::unordered_map<const node*, name_map>
name_journal::after_crash(random& chance) const {
  // For each directory: the number of operations that change it, and how many
  // of them are chosen to survive.
  std::unordered_map<const node*, size_t> survivors;
  std::vector<const node*> touched;
  for (const auto& operation : operations_)
    for (const auto& change : operation)
      if (survivors[change.directory.get()]++ == 0)
        touched.push_back(change.directory.get());
  for (auto* directory : touched)
    survivors[directory] = below(chance, survivors[directory] + 1);
  auto wanted = std::vector<bool>(operations_.size());
  for (size_t i = 0; i < operations_.size(); ++i)
    for (const auto& change : operations_[i])
      if (auto& left = survivors[change.directory.get()]; left > 0) {
        wanted[i] = true;
        --left;
      }
  auto survives = closure([&](size_t i) { return wanted[i]; });
  std::unordered_map<const node*, name_map> names;
  for (size_t i = 0; i < operations_.size(); ++i)
    if (survives[i])
      for (const auto& change : operations_[i]) {
        auto& of = *change.directory;
        apply(names.try_emplace(&of, of.durable_entries).first->second, change);
      }
  return names;
}

std::vector<bool> name_journal::closure(const predicate& wanted) const {
  std::vector<bool> survives(operations_.size());
  std::unordered_set<const node*> needed;
  auto all_needed = false;
  for (auto i = operations_.size(); i-- > 0;) {
    const auto& operation = operations_[i];
    survives[i] = all_needed || wanted(i)
               || std::any_of(operation.begin(), operation.end(),
                              [&](const auto& change) {
                                return needed.count(change.directory.get()) > 0;
                              });
    if (!survives[i])
      continue;
    for (const auto& change : operation)
      needed.insert(change.directory.get());
    all_needed = all_needed || moves_directory(operation);
  }
  return survives;
}

void name_journal::make_durable(const predicate& wanted) {
  auto survives = closure(wanted);
  std::vector<name_operation> pending;
  for (size_t i = 0; i < operations_.size(); ++i) {
    if (!survives[i])
      pending.push_back(std::move(operations_[i]));
    else
      for (const auto& change : operations_[i])
        apply(change.directory->durable_entries, change);
  }
  operations_ = std::move(pending);
}

} // namespace spindle::fs::memory
