#include "history.hpp"

#include <algorithm>
#include <iostream>

using namespace std::literals;

namespace spindle::sim {

namespace {

/// Returns whether a queue gives this answer instead of executing something.
bool not_executed(const std::vector<answer>& answers) {
  if (answers.empty())
    return false;
  auto* why = std::get_if<failure>(&answers.front());
  return why
      && (why->code == errc::cancelled || why->code == errc::timed_out
          || why->code == errc::disk_actor_failed);
}

bool is_code(const std::vector<answer>& answers, errc code) {
  auto* why
    = answers.empty() ? nullptr : std::get_if<failure>(&answers.front());
  return why && why->code == code;
}

} // namespace

history::history(test::world& world, uint64_t seed, bool verbose)
    : world_(world),
      choices_(seed),
      verbose_(verbose),
      faults_(choices_.faults()),
      disk_(faults_),
      watcher_(std::make_shared<watcher>(world, promises_)) {
  auto bounds = choices_.settings();
  bounds.disk = disk_.faulty;
  queue_ = test::spawn_bare_queue(world.system(), bounds, watcher_);
  watcher_->queue = queue_;
  if (choices_.chance(30))
    watcher_->duration = 1ms;
  client_actor_
    = world.system().spawn<cafx::actor_of<client_state>>(&promises_, &client_);
}

history::~history() {
  // Also after a broken promise, nothing may stay behind.
  caf::anon_send_exit(queue_->supervisor, caf::exit_reason::kill);
  world_.run();
  caf::anon_send_exit(client_actor_, caf::exit_reason::kill);
  world_.run();
}

void history::run() {
  for (auto steps = 20 + choices_.any(200); steps > 0; --steps) {
    do_something();
    promises_.throw_if_broken();
  }
  run_until_idle();
  if (!shut_down_)
    check_idle();
  shut_down();
  run_until_idle();
  world_.pass_time(1h);
  run_until_idle();
  check_end();
  promises_.throw_if_broken();
}

// -- steps --------------------------------------------------------------------

void history::do_something() {
  auto dice = choices_.any(1000);
  if (dice < 250)
    ask();
  else if (dice < 280)
    cancel();
  else if (dice < 290 && kills_ < 4)
    kill_disk_actor();
  else if (dice < 293 && !shut_down_)
    shut_down();
  else if (dice < 300)
    run_until_idle();
  else
    run_one_actor();
}

void history::ask() {
  auto with_callback = choices_.chance(50);
  std::variant<operation, oplist> what = choices_.operation();
  if (choices_.chance(20))
    what = choices_.list(3, callback{client_actor_});
  say("ask " + caf::deep_to_string(what));
  tell_client([this, what, with_callback] {
    client_->ask(queue_->supervisor, what, with_callback);
  });
}

void history::cancel() {
  ticket which{1 + choices_.any(client_->requests.size() + 1)};
  say("cancel " + std::to_string(which.id));
  tell_client([this, which] { client_->cancel(queue_->supervisor, which); });
}

void history::kill_disk_actor() {
  auto& disks = queue_->disks;
  // The supervisor may not have started yet.
  if (disks.size() < 2)
    return;
  auto index = disks.size() - 1 - choices_.any(2);
  say("kill disk actor " + std::to_string(index + 1));
  caf::anon_send_exit(disks[index], caf::exit_reason::kill);
  ++kills_;
}

void history::run_one_actor() {
  world_.step([this](size_t n) { return choices_.any(n); });
}

void history::run_until_idle() {
  say("run until idle");
  for (size_t n = 0; world_.step([this](size_t m) { return choices_.any(m); });
       ++n) {
    promises_.throw_if_broken();
    promises_.check(n < 100'000, "the actors never become idle");
  }
}

void history::shut_down() {
  std::optional<caf::timespan> deadline;
  if (choices_.chance(30))
    deadline = caf::timespan{choices_.any(3) * 1ms};
  say(deadline ? "shut down with deadline" : "shut down");
  tell_client(
    [this, deadline] { client_->shutdown(queue_->supervisor, deadline); });
  if (deadline && choices_.chance(70))
    world_.pass_time(*deadline);
  shut_down_ = true;
}

void history::tell_client(std::function<void()> what) {
  cafx::anon_mail(command{std::move(what)}).send(client_actor_);
}

void history::say(const std::string& what) const {
  if (verbose_)
    std::cout << what << std::endl;
}

// -- checks -------------------------------------------------------------------

void history::check_idle() {
  promises_.check(watcher_->held(), "nobody holds the turn");
  for (auto& request : client_->requests)
    promises_.check(request.told == 1, "an operation waits, the actors do not");
}

void history::check_end() {
  promises_.check(world_.terminated(queue_->supervisor),
                  "the supervisor outlives its shutdown");
  promises_.check(world_.terminated(queue_->callbacks),
                  "the callback actor outlives the queue");
  for (auto& disk : queue_->disks)
    promises_.check(world_.terminated(disk), "a disk actor outlives the queue");
  promises_.check(client_->last_words.has_value(), "no answer to shutdown");
  for (auto& request : client_->requests)
    promises_.check(request.told == 1, "a requester was told "
                                         + std::to_string(request.told)
                                         + " times");
  check_tickets();
  check_model();
}

void history::check_tickets() {
  // Tickets are numbered in the order of admission, which is that of asking.
  uint64_t last = 0;
  size_t entries = 0;
  auto& cancelled = client_->cancelled;
  for (auto& request : client_->requests) {
    if (request.refused)
      continue;
    ++last;
    auto executed = watcher_->executed(last);
    if (not_executed(request.answers)) {
      promises_.check(executed == 0, "a refused operation was executed");
    } else {
      auto skipped = std::count_if(
        request.answers.begin(), request.answers.end(),
        [](const answer& x) { return is_code({x}, errc::skipped); });
      promises_.check(executed + static_cast<size_t>(skipped)
                        == request.answers.size(),
                      "an operation was forgotten, or executed twice");
    }
    if (auto* list = std::get_if<oplist>(&request.what))
      for_each_operation(*list, [&](auto& entry, auto&) {
        if (entry.who)
          ++entries;
      });
    auto was_cancelled
      = std::count(cancelled.begin(), cancelled.end(), ticket{last});
    promises_.check(was_cancelled <= 1, "an operation was cancelled twice");
    if (was_cancelled == 1 && !request.answers.empty())
      promises_.check(is_code(request.answers, errc::cancelled)
                        || is_code(request.answers, errc::disk_actor_failed),
                      "a cancelled operation was executed");
  }
  promises_.check(client_->entries_told == entries,
                  "callbacks of list entries were not told once each");
}

void history::check_model() {
  fragile_disk model{faults_};
  for (auto& request : client_->requests) {
    if (request.refused || not_executed(request.answers))
      continue;
    auto expected = canonical(execute_plainly(*model.faulty, request.what));
    auto found = canonical(request.answers);
    promises_.check(found == expected,
                    "expected from " + caf::deep_to_string(request.what) + ":\n"
                      + expected + "found:\n" + found);
  }
  promises_.check(canonical(disk_.memory->tree())
                    == canonical(model.memory->tree()),
                  "the disk differs from the model");
}

} // namespace spindle::sim
