#include "spindle/message/local_callback.hpp"

#include <cstdio>
#include <exception>
#include <string_view>

namespace spindle {

namespace {

/// Calls a function of the application, which may throw.
template <class Result>
bool call(const std::function<void(const Result&)>& fun, const Result& result,
          std::string_view what) {
  auto report = [&](const char* why) {
    std::fprintf(stderr,
                 "spindle: the callback of %.*s, ticket %llu, threw an "
                 "exception%s%s\n",
                 static_cast<int>(what.size()), what.data(),
                 static_cast<unsigned long long>(result.ticket.id),
                 *why == '\0' ? "" : ": ", why);
  };
  try {
    fun(result);
    return true;
  } catch (const std::exception& x) {
    report(x.what());
  } catch (...) {
    report("");
  }
  return false;
}

} // namespace

bool local_callback::operator()(const outcome& x) const {
  return call(fun, x, name_of(x.op));
}

bool local_list_callback::operator()(const oplist_report& x) const {
  return call(fun, x, "oplist");
}

} // namespace spindle
