// `spindle status`: shows the counters of a queue.
#include "cli/complaints.hpp"
#include "cli/place_command.hpp"
#include "cli/print.hpp"
#include "text/json_encode.hpp"
#include "text/text_table.hpp"

#include "spindle/client.hpp"
#include "spindle/config/value.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

namespace spindle::tool {

namespace {

constexpr const char* status_description
  = "Shows what the queue is doing and has done.";

constexpr const char* status_footer = R"(Examples:
  spindle status
  spindle status --json | jq .pending

Without --connect, this is a new queue of the program itself.

Exit code: 0 shown, 1 the queue did not answer, 2 usage, 3 the output could not
be written.)";

struct status_options {
  place_options where;
  bool as_json = false;
};

std::string title_of(std::string_view name) {
  std::string res{name};
  std::replace(res.begin(), res.end(), '_', ' ');
  return res;
}

std::string to_table(const queue_status& status) {
  text_table res{{}, {"", alignment::right}};
  for_each_field(status, [&res]<class T>(std::string_view name, const T& x) {
    if constexpr (std::is_same_v<T, uint64_t>)
      res.add_row({title_of(name), std::to_string(x)});
    else if constexpr (std::is_same_v<T, double>)
      res.add_row({title_of(name), config::shown_number(x)});
    else if constexpr (std::is_enum_v<T>)
      res.add_row({title_of(name), to_string(x)});
  });
  for (size_t i = 0; i < status.turns.size(); ++i)
    res.add_row({"turns of disk actor " + std::to_string(i + 1),
                 std::to_string(status.turns[i])});
  for (const auto& x : status.operations) {
    res.add_row({x.operation + " succeeded", std::to_string(x.succeeded)});
    res.add_row({x.operation + " failed", std::to_string(x.failed)});
  }
  return res.text();
}

int run(const status_options& options, place& here) {
  auto status = here.client().status();
  if (!status) {
    complaints failed{"status"};
    failed.add("", reason_of(status.error()));
    return failed.exit_code();
  }
  return print(options.as_json ? to_line(encode_status(*status)) + '\n'
                               : to_table(*status));
}

} // namespace

void add_status(CLI::App& app, command& chosen) {
  auto options = std::make_shared<status_options>();
  auto& cmd = *app.add_subcommand("status", status_description)
                 ->group(setting_commands);
  cmd.footer(status_footer);
  cmd.add_flag("--json", options->as_json, "Write it as a JSON object");
  add_place_options(cmd, options->where);
  choose_at_place(cmd, chosen, options, run);
}

} // namespace spindle::tool
