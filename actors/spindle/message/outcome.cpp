#include "spindle/message/messages.hpp"

#include <algorithm>
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

/// Returns an enumerator of CAF as words: "request timeout" for
/// "caf::sec::request_timeout".
std::string words_of(std::string name) {
  if (auto colon = name.rfind(':'); colon != std::string::npos)
    name.erase(0, colon + 1);
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
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
  return sum(*this,
             [](const outcome& x) -> size_t { return x.result ? 0 : 1; });
}

size_t oplist_report::size() const noexcept {
  return sum(*this, [](const outcome&) -> size_t { return 1; });
}

caf::error to_error(failure why) {
  auto code = why.code;
  return make_error(code, std::move(why));
}

std::optional<failure> failure_of(const caf::error& x) {
  // In CAF 0.17, a default-constructed error has no context to read.
  if (!cafx::failed(x))
    return std::nullopt;
  std::optional<failure> res;
  auto context = x.context();
  caf::message_handler{
    [&res](const failure& why) { res = why; },
  }(context);
  return res;
}

std::string reason_of(const caf::error& x) {
  if (auto known = failure_of(x))
    return to_string(*known);
  if (!cafx::failed(x))
    return "no error";
  if (x == caf::sec::request_timeout)
    return "there was no response before the timeout";
  if (x == caf::sec::request_receiver_down
      || x == caf::exit_reason::remote_link_unreachable)
    return "the receiver of the request is down";
  if (auto code = static_cast<caf::sec>(x.code()); x == code)
    return words_of(to_string(code));
  if (auto code = static_cast<caf::exit_reason>(x.code()); x == code)
    return words_of(to_string(code));
  return "an error of the application, code " + std::to_string(x.code());
}

} // namespace spindle
