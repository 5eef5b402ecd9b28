#include "history.hpp"

#include "../kit/picking_engine.hpp"
#include "spindle/fs/execute.hpp"

#include <algorithm>
#include <iostream>
#include <set>

using namespace std::literals;

namespace spindle::sim {

namespace {

/// Returns whether these answers mean that nothing was executed.
bool not_executed(const std::vector<answer>& answers) {
  if (answers.empty() || answers.front())
    return false;
  auto code = answers.front().error().code;
  return code == errc::cancelled || code == errc::timed_out
      || code == errc::disk_actor_failed;
}

/// Returns whether the operation was stopped while it rested.
bool was_stopped(const std::vector<answer>& answers) {
  return not_executed(answers)
      && answers.front().error().detail.find("stopped after")
           != std::string::npos;
}

/// Returns the directory of a lane, if each lane has its own.
std::string directory_of(size_t client, uint64_t member) {
  return "c" + std::to_string(client) + 'l' + std::to_string(member) + '/';
}

/// Returns whether a stop may leave it partly done.
bool leaves_a_part(const std::variant<operation, oplist>& what) {
  auto* op = std::get_if<operation>(&what);
  return op && std::holds_alternative<directory_delete>(*op);
}

bool is_code(const std::vector<answer>& answers, errc code) {
  return !answers.empty() && !answers.front()
      && answers.front().error().code == code;
}

} // namespace

history::history(test::world& world, uint64_t seed, bool verbose)
    : world_(world),
      choices_(seed),
      verbose_(verbose),
      resting_(choices_.chance(40)),
      faults_(resting_ ? decltype(faults_){} : choices_.faults()),
      disk_(faults_),
      watcher_(std::make_shared<watcher>(world, promises_)) {
  auto bounds = choices_.settings(resting_);
  bounds.disk = disk_.faulty;
  // What awaits the device overlaps with the operations of other lanes, so each
  // lane must have its own directory.
  awaits_ = resting_ && choices_.chance(60);
  auto depth = awaits_ ? 1 + choices_.any(8) : 1;
  queue_
    = test::spawn_bare_queue(world.system(), bounds, watcher_, nullptr,
                             {engine_kind::threads, depth}, engines(depth));
  watcher_->queue = queue_;
  if (choices_.chance(50))
    watcher_->duration = 1ms;
  spawn_clients();
  part_lanes(*disk_.memory);
}

test::bare_engine_maker history::engines(size_t depth) {
  if (!awaits_)
    return nullptr;
  return [this, depth] {
    return std::make_shared<kit::picking_engine>(
      depth, [this](size_t n) { return choices_.any(n); });
  };
}

void history::spawn_clients() {
  // Few clients with several lanes, or many with one: with more lanes, the
  // scheduler would forget what idle clients had, and the bound of shares would
  // not hold exactly.
  auto is_crowd = choices_.chance(20);
  clients_.resize(1 + choices_.any(is_crowd ? 32 : 4));
  for (auto& who : clients_) {
    who.actor = world_.system().spawn<cafx::actor_of<client_state>>(&promises_,
                                                                    &who.state);
    who.names_lanes = choices_.chance(60);
    if (!who.names_lanes)
      continue;
    who.lanes = is_crowd ? 1 : 1 + choices_.any(4);
    who.weight = static_cast<unsigned>(1 + choices_.any(4));
  }
}

void history::part_lanes(fs::vfs& disk) const {
  for (size_t i = 0; resting_ && i < clients_.size(); ++i)
    for (uint64_t member = 0; member < clients_[i].lanes; ++member)
      fs::execute(disk, directory_create{.path = directory_of(i, member)});
}

history::~history() {
  // Ends all actors also after a violation.
  caf::anon_send_exit(queue_->supervisor, caf::exit_reason::kill);
  world_.run();
  for (auto& who : clients_)
    caf::anon_send_exit(who.actor, caf::exit_reason::kill);
  world_.run();
}

size_t history::requests() const {
  size_t res = 0;
  for (const auto& who : clients_)
    res += who.state->requests.size();
  return res;
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
  else if (dice < 290 && kills_ < 4 && !awaits_)
    kill_disk_actor();
  else if (dice < 293 && !shut_down_)
    shut_down();
  else if (dice < 300)
    run_until_idle();
  else if (dice < 305)
    pile_up();
  else
    run_one_actor();
}

void history::ask() {
  auto& who = any_client();
  auto index = static_cast<size_t>(&who - clients_.data());
  auto member = choices_.any(who.lanes);
  if (resting_)
    choices_.begin_paths_at(directory_of(index, member));
  auto with_callback = choices_.chance(50);
  std::variant<operation, oplist> what = choices_.operation();
  if (choices_.chance(20))
    what = choices_.list(3, callback{who.actor});
  say("client " + std::to_string(index) + ", lane " + std::to_string(member)
      + ", asks " + caf::deep_to_string(what));
  tell(who, [this, &who, what, member, with_callback] {
    if (who.names_lanes)
      who.state->ask_in_lane(queue_->supervisor, what,
                             {{who.actor.id(), member}, who.weight});
    else
      who.state->ask(queue_->supervisor, what, with_callback);
  });
}

void history::pile_up() {
  // In random order, the disk is faster than the clients, and nobody waits.
  say("pile up");
  for (auto n = 10 + choices_.any(20); n > 0; --n)
    ask();
  for (const auto& who : clients_)
    while (world_.step_of(who.actor))
      promises_.throw_if_broken();
  while (world_.step_of(queue_->supervisor))
    promises_.throw_if_broken();
}

void history::cancel() {
  ticket which{1 + choices_.any(requests() + 1)};
  say("cancel " + std::to_string(which.id));
  auto& who = any_client();
  tell(who,
       [this, &who, which] { who.state->cancel(queue_->supervisor, which); });
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
  auto& who = clients_.front();
  tell(who, [this, &who, deadline] {
    who.state->shutdown(queue_->supervisor, deadline);
  });
  if (deadline && choices_.chance(70))
    world_.pass_time(*deadline);
  shut_down_ = true;
}

history::client& history::any_client() {
  return clients_[choices_.any(clients_.size())];
}

void history::tell(const client& who, std::function<void()> what) {
  cafx::anon_mail(command{std::move(what)}).send(who.actor);
}

void history::say(const std::string& what) const {
  if (verbose_)
    std::cout << what << std::endl;
}

// -- checks -------------------------------------------------------------------

void history::check_idle() {
  promises_.check(watcher_->held(), "nobody holds the turn");
  for (const auto& who : clients_)
    for (auto& request : who.state->requests)
      promises_.check(request.responses == 1,
                      "an operation is pending although all actors are idle");
}

void history::check_end() {
  promises_.check(world_.terminated(queue_->supervisor),
                  "the supervisor outlives its shutdown");
  promises_.check(world_.terminated(queue_->callbacks),
                  "the callback actor outlives the queue");
  for (auto& disk : queue_->disks)
    promises_.check(world_.terminated(disk), "a disk actor outlives the queue");
  promises_.check(clients_.front().state->last_words.has_value(),
                  "no response to shutdown");
  for (const auto& who : clients_)
    check_client(who);
  check_shares();
  for (const auto& visit : watcher_->order())
    promises_.check(done_.contains(visit.number),
                    "an operation was executed that no client requested");
  check_cancelled();
  check_model();
}

void history::check_client(const client& who) {
  size_t entries = 0;
  for (auto& request : who.state->requests) {
    promises_.check(request.responses == 1,
                    "a request has " + std::to_string(request.responses)
                      + " responses");
    auto* list = std::get_if<oplist>(&request.what);
    if (list && !request.refused)
      for_each_operation(*list, [&](auto& entry, auto&) {
        if (entry.who)
          ++entries;
      });
  }
  promises_.check(who.state->entry_outcomes == entries,
                  "callbacks of list entries did not get one outcome each");
  for (uint64_t member = 0; member < who.lanes; ++member)
    check_lane(who, member);
}

void history::check_lane(const client& who, uint64_t member) {
  // The executed jobs of a lane, ordered by number, must be its successful
  // requests, in the order of sending.
  std::vector<uint64_t> numbers;
  for (const auto& visit : watcher_->order())
    if (visit.lane == lane_id{who.actor.id(), member})
      numbers.push_back(visit.number);
  auto next = numbers.begin();
  for (auto& request : who.state->requests) {
    if (request.member != member || request.refused)
      continue;
    if ((not_executed(request.answers) && !was_stopped(request.answers))
        || request.answers.empty())
      continue;
    has_parts_ |= was_stopped(request.answers) && leaves_a_part(request.what);
    if (next == numbers.end()) {
      promises_.check(false, "an operation was forgotten");
      return;
    }
    auto skipped = std::count_if(
      request.answers.begin(), request.answers.end(),
      [](const answer& x) { return is_code({x}, errc::skipped); });
    promises_.check(watcher_->executed(*next) + static_cast<size_t>(skipped)
                      == request.answers.size(),
                    "an operation was forgotten, or executed twice");
    done_.emplace(*next++, &request);
  }
  promises_.check(next == numbers.end(), "a refused operation was executed");
}

void history::check_shares() {
  // The parts of an operation that rests have no known time here;
  // tests/unit/scheduler/shares_test.cpp checks the shares of those.
  if (resting_ || watcher_->duration == caf::timespan{0})
    return;
  std::map<uint64_t, unsigned> weights;
  for (const auto& who : clients_)
    weights[who.actor.id()] = who.weight;
  std::vector<service> by_client;
  std::map<uint64_t, std::vector<service>> by_lane;
  uint64_t admitted = 0;
  for (const auto& visit : watcher_->order()) {
    auto [client, member] = visit.lane;
    admitted = std::max(admitted, visit.number);
    auto time = static_cast<double>(visit.time.count());
    by_client.push_back(
      {visit.number, admitted, client, time / weights[client]});
    by_lane[client].push_back({visit.number, admitted, member, time});
  }
  lead_ = greatest_lead(by_client);
  promises_.check(lead_ <= 1, "a client with work waited while another got "
                              "more than its share and one quantum");
  for (const auto& [client, lanes] : by_lane) {
    auto lead = greatest_lead(lanes);
    promises_.check(lead <= 1, "a lane with work waited while another of its "
                               "client got more than its share and a quantum");
    lead_ = std::max(lead_, lead);
  }
}

void history::check_cancelled() {
  std::set<ticket> all;
  for (const auto& who : clients_)
    for (auto which : who.state->cancelled) {
      // What has begun is cancelled each time until it is done.
      promises_.check(all.insert(which).second || resting_,
                      "an operation was cancelled twice");
      promises_.check(resting_ || watcher_->executed(which.id) == 0,
                      "a cancelled operation was executed");
    }
}

void history::check_model() {
  // The state after a stopped removal is not determined.
  if (has_parts_)
    return;
  fragile_disk model{faults_};
  part_lanes(*model.memory);
  for (const auto& visit : watcher_->order()) {
    auto i = done_.find(visit.number);
    if (i == done_.end())
      continue;
    const auto& request = *i->second;
    // A stopped operation has removed what it had created.
    if (was_stopped(request.answers))
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
