#include "spindle/messages.hpp"

#include <numeric>

namespace spindle {

namespace {

/// Adds up `of(outcome)` over all outcomes of a report.
template <class Fun>
size_t sum(const oplist_report& report, Fun of) {
  size_t res = 0;
  for (const auto& entry : report.entries) {
    if (auto* nested = std::get_if<oplist_report>(&entry.value))
      res += sum(*nested, of);
    else
      res += of(std::get<outcome>(entry.value));
  }
  return res;
}

} // namespace

oplist_report::oplist_report() = default;

oplist_report::oplist_report(spindle::ticket id, std::vector<report_entry> all)
    : ticket(id), entries(std::move(all)) {}

oplist_report::oplist_report(oplist_report&&) noexcept = default;

oplist_report::oplist_report(const oplist_report&) = default;

oplist_report& oplist_report::operator=(oplist_report&&) noexcept = default;

oplist_report& oplist_report::operator=(const oplist_report&) = default;

oplist_report::~oplist_report() = default;

size_t oplist_report::failed() const noexcept {
  return sum(*this, [](const outcome& x) -> size_t { return x.why() ? 1 : 0; });
}

size_t oplist_report::size() const noexcept {
  return sum(*this, [](const outcome&) -> size_t { return 1; });
}

caf::error to_error(failure why) {
  auto code = why.code;
  return make_error(code, std::move(why));
}

std::optional<failure> failure_of(const caf::error& x) {
  // CAF 0.17 has no context to ask for in what is no error.
  if (!cafx::failed(x))
    return std::nullopt;
  std::optional<failure> res;
  auto context = x.context();
  caf::message_handler{
    [&res](const failure& why) { res = why; },
  }(context);
  return res;
}

} // namespace spindle
