// A writer is paused, resumed at a higher rate, and cancelled. Two writers that
// are chained to it show what happens after the cancellation.
#include "scratch.hpp"

#include "spindle/queue.hpp"

#include <iostream>

using namespace spindle;

int main() {
  spindle::init();
  scratch dir;
  configured<> cfg;
  caf::actor_system sys{cfg};
  queue disk = spawn_queue(sys);
  cafx::scoped_actor self{sys};
  auto ask = [&self](const writer_actor& writer, auto what) {
    return self->mail(std::move(what)).request(writer, cafx::infinite);
  };

  buffer bytes{std::string(64 << 20, 'x')};
  auto gentle = profile{.name = "gentle", .max_rate = 1 << 20};
  auto first = disk.write(
    write_job{.path = dir / "a", .data = bytes, .profile = gentle});
  auto second = disk.write(
    write_job{.path = dir / "b", .data = bytes, .chain_after = first});
  auto third = disk.write(write_job{.path = dir / "c",
                                    .data = bytes,
                                    .chain_after = first,
                                    .chain_on_error = chain_policy::proceed});
  auto end_of_second = ask(second, await_writer{});
  auto end_of_third = ask(third, await_writer{});

  ask(first, pause_writing{}).receive();
  if (auto now = ask(first, get_status{}).receive())
    std::cout << "paused: " << (now->paused ? "yes" : "no") << "\n";
  gentle.max_rate = 2 << 20;
  ask(first, set_profile{gentle}).receive();
  ask(first, resume_writing{}).receive();
  ask(first, cancel_writing{}).receive();

  if (auto last = std::move(end_of_second).receive(); !last)
    std::cout << to_string(*failure_of(last.error())) << "\n";
  if (auto last = std::move(end_of_third).receive())
    std::cout << "the third wrote " << last->written << " bytes\n";
}
