#include "spindle/fs/memory/memory_state.hpp"

#include <algorithm>
#include <cerrno>

#include <sys/stat.h>

namespace spindle::fs::memory {

namespace {

constexpr uint64_t max_file_size = uint64_t{1} << 30;

node_ptr make_root() {
  auto root = std::make_shared<node>();
  root->type = file_type::directory;
  root->data.permissions = 0755;
  root->durable_data = root->data;
  root->links = 1;
  root->parent = root;
  return root;
}

} // namespace

// -- construction and destruction ---------------------------------------------

state::state(memory_options chosen) : options(chosen), root(make_root()) {
  root->inode = next_inode++;
  root->device = next_device++;
}

// Breaks the cycles that durable and current names may form, and avoids deep
// recursion when a deep tree is destroyed.
state::~state() {
  std::vector<node_ptr> all{root};
  for (size_t i = 0; i < all.size(); ++i) {
    auto directory = all[i];
    for (auto* names : {&directory->entries, &directory->durable_entries}) {
      for (auto& entry : *names)
        all.push_back(std::move(entry.second));
      names->clear();
    }
  }
}

// -- nodes --------------------------------------------------------------------

file_time state::now() {
  return clock += std::chrono::nanoseconds{1};
}

node_ptr state::make(file_type type, const node& directory,
                     uint32_t permissions) {
  auto made = std::make_shared<node>();
  made->type = type;
  made->inode = next_inode++;
  made->device = directory.device;
  made->data.permissions = permissions;
  made->data.accessed = made->data.modified = made->data.changed = now();
  // New entries of a setgid directory inherit its group.
  if ((directory.data.permissions & S_ISGID) != 0) {
    made->data.group = directory.data.group;
    if (type == file_type::directory)
      made->data.permissions |= S_ISGID;
  }
  made->durable_data = made->data;
  return made;
}

void state::change_names(name_operation changes) {
  auto time = now();
  std::vector<node_ptr> dropped;
  for (const auto& change : changes) {
    auto& names = change.directory->entries;
    if (auto old = names.find(change.name); old != names.end())
      dropped.push_back(old->second);
    apply(names, change);
    if (change.target)
      add_name(change.target, change.directory);
    change.directory->data.modified = time;
    change.directory->data.changed = time;
  }
  for (const auto& old : dropped)
    drop_name(old);
  names.add(std::move(changes));
}

void state::add_name(const node_ptr& target, const node_ptr& directory) {
  ++target->links;
  target->data.changed = clock;
  if (target->type == file_type::directory)
    target->parent = directory;
}

void state::drop_name(const node_ptr& target) {
  --target->links;
  target->data.changed = clock;
  free_if_unused(*target);
}

void state::release(node& file) {
  --file.handles;
  free_if_unused(file);
}

void state::free_if_unused(const node& file) {
  if (file.links == 0 && file.handles == 0)
    used -= file.content.data().total();
}

void state::for_each(const std::function<void(node&)>& function) const {
  std::vector<node*> all{root.get()};
  for (size_t i = 0; i < all.size(); ++i) {
    for (auto& entry : all[i]->entries)
      all.push_back(entry.second.get());
    function(*all[i]);
  }
}

// -- content ------------------------------------------------------------------

result<size_t> state::write(node& file, uint64_t offset,
                            std::string_view data) {
  if (data.empty())
    return 0;
  if (offset >= max_file_size)
    return fail(EFBIG);
  auto before = file.content.data().total();
  auto free = capacity > used ? capacity - used : 0;
  auto end = std::min<uint64_t>(max_file_size, offset + data.size());
  auto taken = file.content.data().reach(offset, end, free) - offset;
  if (taken == 0)
    return fail(ENOSPC);
  file.content.write(offset, data.substr(0, taken));
  used += file.content.data().total() - before;
  file.data.modified = file.data.changed = now();
  return taken;
}

void state::punch(node& file, uint64_t offset, uint64_t length) {
  auto size = file.content.bytes().size();
  if (offset < size) {
    auto before = file.content.data().total();
    file.content.punch(offset, std::min<uint64_t>(length, size - offset));
    used -= before - file.content.data().total();
  }
  file.data.modified = file.data.changed = now();
}

result<void> state::resize(node& file, uint64_t size) {
  if (size > max_file_size)
    return fail(EFBIG);
  auto before = file.content.data().total();
  file.content.resize(size);
  used -= before - file.content.data().total();
  file.data.modified = file.data.changed = now();
  return {};
}

// -- crash --------------------------------------------------------------------

namespace {

/// Returns a node without its entries, as a crash may leave it.
node_ptr node_after_crash(const node& before, random& chance) {
  auto after = std::make_shared<node>();
  after->type = before.type;
  after->inode = before.inode;
  after->device = before.device;
  after->data = below(chance, 2) == 0 ? before.data : before.durable_data;
  after->durable_data = after->data;
  after->links = 1;
  after->content = content{before.content.after_crash(chance)};
  after->target = before.target;
  if (before.fifo)
    after->fifo = std::make_shared<memory_fifo>(before.fifo->capacity());
  return after;
}

} // namespace

state_ptr state_after_crash(const state& before, random& chance) {
  auto after = std::make_shared<state>(before.options);
  after->capacity = before.capacity;
  after->next_inode = before.next_inode;
  after->next_device = before.next_device;
  after->clock = before.clock;
  auto pending = before.names.after_crash(chance);
  after->root = node_after_crash(*before.root, chance);
  after->root->parent = after->root;
  std::unordered_map<const node*, node_ptr> copies;
  // Pairs of a surviving node and its copy.
  std::vector<std::pair<const node*, node_ptr>> found{
    {before.root.get(), after->root}};
  for (size_t i = 0; i < found.size(); ++i) {
    auto [from, to] = found[i];
    auto names = pending.find(from);
    for (const auto& [name, child] :
         names != pending.end() ? names->second : from->durable_entries) {
      auto& copy = copies[child.get()];
      if (copy) {
        // Another hard link to the same node.
        ++copy->links;
        to->entries.emplace(name, copy);
        continue;
      }
      copy = node_after_crash(*child, chance);
      copy->parent = to;
      to->entries.emplace(name, copy);
      after->used += copy->content.data().total();
      found.emplace_back(child.get(), copy);
    }
    to->durable_entries = to->entries;
  }
  return after;
}

} // namespace spindle::fs::memory
