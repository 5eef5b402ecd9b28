// What the open files, directories and links of memory_vfs have in common.
#pragma once

#include "spindle/fs/memory/memory_state.hpp"

#include <mutex>
#include <string>
#include <vector>

namespace spindle::fs::memory {

// The caller of these functions must hold the mutex of the state.

/// Returns the result of stat(2) for a node.
file_info info_of(const state& all, const node& from);

/// Sets the permission bits of a node.
void set_permissions(state& all, node& of, uint32_t permissions);

/// Sets the given times of a node.
void set_times(state& all, node& of, const file_times& times);

/// Sets user and group of a node, if given.
void set_owner(state& all, node& of, const file_owner& owner);

/// EOPNOTSUPP, EPERM or EINVAL for a name that the node cannot have.
result<void> set_attribute(state& all, node& of, const std::string& name,
                           const std::string& value);

/// ENODATA if there is no attribute of that name.
result<void> remove_attribute(state& all, node& of, const std::string& name);

/// Refers to a node, and implements `open_object` with it.
/// @tparam Base `open_object`, or an interface derived from it.
template <class Base>
class with_node : public Base {
public:
  with_node(state_ptr all, node_ptr what)
      : all_(std::move(all)), node_(std::move(what)) {}

  result<file_info> stat() override {
    return call([](state& all, node& what) -> result<file_info> {
      return info_of(all, what);
    });
  }

  result<void> set_permissions(uint32_t permissions) override {
    return call([&](state& all, node& what) -> result<void> {
      if (what.type == file_type::symlink)
        return fail(EOPNOTSUPP);
      memory::set_permissions(all, what, permissions);
      return {};
    });
  }

  result<void> set_owner(const file_owner& owner) override {
    return call([&](state& all, node& what) -> result<void> {
      memory::set_owner(all, what, owner);
      return {};
    });
  }

  result<std::vector<std::string>> attribute_names() override {
    using names = std::vector<std::string>;
    return call([](state&, node& what) -> result<names> {
      names res;
      for (const auto& entry : what.data.attributes)
        res.push_back(entry.first);
      return res;
    });
  }

  result<std::string> attribute(const std::string& name) override {
    return call([&](state&, node& what) -> result<std::string> {
      auto found = what.data.attributes.find(name);
      if (found == what.data.attributes.end())
        return fail(ENODATA);
      return found->second;
    });
  }

  result<void> set_attribute(const std::string& name,
                             const std::string& value) override {
    return call([&](state& all, node& what) {
      return memory::set_attribute(all, what, name, value);
    });
  }

  result<void> remove_attribute(const std::string& name) override {
    return call([&](state& all, node& what) {
      return memory::remove_attribute(all, what, name);
    });
  }

protected:
  state_ptr all_;
  /// Null when closed.
  node_ptr node_;

private:
  template <class Act>
  auto call(Act act) -> decltype(act(*all_, *node_)) {
    std::lock_guard guard{all_->mutex};
    if (!node_)
      return fail(EBADF);
    return act(*all_, *node_);
  }
};

} // namespace spindle::fs::memory
