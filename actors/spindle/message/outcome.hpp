// Results of operations and oplists.
#pragma once

#include "spindle/export.hpp"
#include "spindle/message/inspect.hpp"

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

namespace spindle {

/// Identifies an operation or oplist that a queue has admitted. Ids of one
/// queue ascend in the order of admission.
struct ticket {
  uint64_t id = 0;

  auto operator<=>(const ticket&) const = default;

  static constexpr const char* type_name = "ticket";
  static constexpr auto fields = std::tuple{field{"id", &ticket::id}};
};

/// The result of one operation.
struct outcome {
  /// The ticket of the operation, or of the oplist that holds it.
  spindle::ticket ticket{};
  /// The operation, without the bytes that it carried.
  operation op{};
  /// The output of the operation, or why it failed.
  answer result{};

  /// Returns the output of an operation that succeeded, which must be of type
  /// `T`.
  template <class T>
  const T& get() const {
    return std::get<T>(result.value());
  }

  bool operator==(const outcome&) const = default;

  static constexpr const char* type_name = "outcome";
  static constexpr auto fields = std::tuple{
    field{"ticket", &outcome::ticket},
    field{"op", &outcome::op},
    field{"result", &outcome::result},
  };
};

struct report_entry;

/// The results of an oplist, nested as the list was nested.
struct SPINDLE_EXPORT oplist_report {
  // Defined where `report_entry` is complete.
  oplist_report();
  oplist_report(spindle::ticket id, std::vector<report_entry> all);
  oplist_report(oplist_report&&) noexcept;
  oplist_report(const oplist_report&);
  oplist_report& operator=(oplist_report&&) noexcept;
  oplist_report& operator=(const oplist_report&);
  ~oplist_report();

  spindle::ticket ticket{};
  /// One for each entry of the list, in its order.
  std::vector<report_entry> entries;

  /// Returns how many operations failed, embedded lists included.
  size_t failed() const noexcept;

  /// Returns how many operations there are, embedded lists included.
  size_t size() const noexcept;

  static constexpr size_t max_nesting = max_message_depth;
  static constexpr const char* type_name = "oplist_report";
  static constexpr auto fields = std::tuple{
    field{"ticket", &oplist_report::ticket},
    field{"entries", &oplist_report::entries},
  };
};

/// The result of one entry of an oplist.
struct report_entry {
  std::variant<outcome, oplist_report> value{};

  static constexpr const char* type_name = "report_entry";
  static constexpr auto fields
    = std::tuple{field{"value", &report_entry::value}};
};

// -- failures as errors of CAF ------------------------------------------------

/// Returns an error with the code of `why`, and `why` as its context.
SPINDLE_EXPORT caf::error to_error(failure why);

/// Returns the failure that is the context of `x`; nothing if there is none,
/// for instance in a timeout of CAF.
SPINDLE_EXPORT std::optional<failure> failure_of(const caf::error& x);

/// Returns one line for people that says why something failed, for errors of
/// Spindle and of CAF.
SPINDLE_EXPORT std::string reason_of(const caf::error& x);

} // namespace spindle
