// A list within a list: the queue executes all operations in order, within one
// turn. The inner list stops at its first failure; the outer one continues.
#include "scratch.hpp"

#include "spindle/client.hpp"

#include <iostream>

using namespace spindle;

/// Prints the result of each operation, nested like the list.
void print(const oplist_report& report, const std::string& indent) {
  for (const auto& entry : report.entries) {
    if (auto* nested = std::get_if<oplist_report>(&entry.value)) {
      std::cout << indent << "oplist, " << nested->failed() << " of "
                << nested->size() << " failed:\n";
      print(*nested, indent + "  ");
      continue;
    }
    const auto& x = std::get<outcome>(entry.value);
    std::cout << indent << name_of(x.op) << ": "
              << (x.result ? "succeeded" : to_string(x.result.error().code))
              << "\n";
  }
}

int main() {
  spindle::init();
  scratch dir;
  configured<> cfg;
  caf::actor_system sys{cfg};
  client disk{spawn_queue(sys)};
  auto rotate
    = oplist{}
        .add(file_rename{.path = dir / "log", .target = dir / "log.1"})
        .add(file_rename{.path = dir / "missing", .target = dir / "log.2"})
        .add(file_delete{.path = dir / "log.1"})
        .when_failed(on_error::stop);
  auto all = oplist{}
               .add(file_write{.path = dir / "log", .data = buffer{"a line\n"}})
               .add(std::move(rotate))
               .add(file_exists{.path = dir / "log.1"});
  auto report = disk.run(std::move(all));
  if (!report) {
    std::cout << "not done: " << cafx::render(sys, report.error()) << "\n";
    return 1;
  }
  print(*report, "");
}
