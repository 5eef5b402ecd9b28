// Ordered lists of operations that the queue executes as one.
#pragma once

#include "spindle/export.hpp"
#include "spindle/message/outcome.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace spindle {

// -- those who are told -------------------------------------------------------

/// Messages that a receiver of outcomes understands.
struct callback_trait {
  using signatures = cafx::type_list<
    /// What became of an operation.
    caf::result<void>(outcome)>;
};

/// Receives the outcome of operations that were submitted with its handle. May
/// live on any node.
using callback = cafx::typed_actor<callback_trait>;

/// Messages that a receiver of reports understands.
struct list_callback_trait {
  using signatures = cafx::type_list<
    /// What became of an oplist.
    caf::result<void>(oplist_report)>;
};

/// Receives the report of oplists that were submitted with its handle. May live
/// on any node.
using list_callback = cafx::typed_actor<list_callback_trait>;

// -- oplists ------------------------------------------------------------------

/// What becomes of the rest of a list when one of its entries fails. An
/// embedded list fails when any of its operations does.
enum class on_error : uint8_t {
  /// The rest is executed nevertheless.
  proceed,
  /// The rest, embedded lists included, is `errc::skipped`.
  stop,
};

/// Number of values of `on_error`, the first of them 0.
inline constexpr size_t on_error_count = 2;

/// Returns the name of the value.
SPINDLE_EXPORT std::string to_string(on_error);

struct oplist_entry;

/// An ordered list of operations and of other oplists; the queue executes it,
/// with all that it embeds, within one turn.
///
/// `oplist{}.add(file_create{.path = "a"}).add(oplist{}.add(…))`
struct SPINDLE_EXPORT oplist {
  // Defined where `oplist_entry` is complete.
  oplist();
  oplist(oplist&&) noexcept;
  oplist(const oplist&);
  oplist& operator=(oplist&&) noexcept;
  oplist& operator=(const oplist&);
  ~oplist();

  std::vector<oplist_entry> entries;
  spindle::on_error policy = on_error::proceed;

  /// Appends an operation; `who`, if given, receives its outcome.
  oplist& add(operation op, callback who = {}) &;

  /// Appends a list.
  oplist& add(oplist list) &;

  template <class T, class... Ts>
  oplist add(T&& x, Ts&&... xs) && {
    add(std::forward<T>(x), std::forward<Ts>(xs)...);
    return std::move(*this);
  }

  /// Sets what happens after a failure.
  oplist& when_failed(spindle::on_error x) & {
    policy = x;
    return *this;
  }

  oplist when_failed(spindle::on_error x) && {
    policy = x;
    return std::move(*this);
  }

  /// Returns how many operations there are, those of embedded lists included.
  size_t size() const;

  /// Returns how much the list counts towards limits: each operation and each
  /// embedded list is one, and an empty list is one, too.
  size_t cost() const;

  /// Returns how deep lists are nested; 1 for a list without lists.
  size_t depth() const;

  static constexpr size_t max_nesting = max_message_depth;
  static constexpr const char* type_name = "oplist";
  static constexpr auto fields = std::tuple{
    field{"entries", &oplist::entries},
    field{"policy", &oplist::policy},
  };
};

/// One entry of an oplist.
struct oplist_entry {
  std::variant<operation, oplist> what{};
  /// Receives the outcome of the operation; may be null, is for lists.
  callback who{};

  static constexpr const char* type_name = "oplist_entry";
  static constexpr auto fields = std::tuple{
    field{"what", &oplist_entry::what},
    field{"who", &oplist_entry::who},
  };
};

/// Returns the number of bytes to be written that the operations of a list
/// carry.
SPINDLE_EXPORT uint64_t payload_of(const oplist& list);

/// Calls `fun(entry, operation)` for each operation, embedded lists included,
/// in the order of execution.
template <class List, class Fun>
void for_each_operation(List& list, Fun&& fun) {
  for (auto& entry : list.entries)
    if (auto* nested = std::get_if<oplist>(&entry.what))
      for_each_operation(
        static_cast<
          std::conditional_t<std::is_const_v<List>, const oplist&, oplist&>>(
          *nested),
        fun);
    else
      fun(entry, std::get<operation>(entry.what));
}

} // namespace spindle

CAFX_ENUM(spindle, on_error, on_error_count)
