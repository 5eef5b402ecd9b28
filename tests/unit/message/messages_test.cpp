#include "catch.hpp"

#include "cafx/test.hpp"
#include "spindle/init.hpp"

#include <algorithm>
#include <set>

using namespace spindle;
using namespace std::literals;

namespace {

using plain_world = cafx::test::world<configured<caf::actor_system_config>>;

/// Serializes and deserializes `x`; returns the result.
template <class T>
T roundtrip(const T& x) {
  plain_world w;
  cafx::byte_buffer buf;
  REQUIRE(!cafx::failed(cafx::serialize(w.system(), buf, x)));
  T res{};
  REQUIRE(!cafx::failed(cafx::deserialize(w.system(), buf, res)));
  return res;
}

/// Sets each described member to a value other than the default.
struct filler {
  int n = 0;

  void operator()(bool& x) {
    x = !x;
  }
  void operator()(std::string& x) {
    x = "text\xff " + std::to_string(++n);
  }
  void operator()(buffer& x) {
    x = buffer{std::string(1000, static_cast<char>('a' + ++n))};
  }
  void operator()(file_time& x) {
    x = file_time{std::chrono::nanoseconds{1'700'000'000'123'456'789 + ++n}};
  }
  void operator()(caf::timespan& x) {
    x = caf::timespan{++n};
  }
  void operator()(done&) {}
  template <class T>
  requires std::is_enum_v<T>
  void operator()(T& x) {
    x = static_cast<T>(1);
  }
  template <class T>
  requires std::is_arithmetic_v<T>
  void operator()(T& x) {
    x = static_cast<T>(++n);
  }
  template <class T>
  void operator()(std::optional<T>& x) {
    (*this)(x.emplace());
  }
  template <class T>
  void operator()(std::vector<T>& x) {
    x.resize(2);
    for (auto& y : x)
      (*this)(y);
  }
  template <described T>
  void operator()(T& x) {
    for_each_field(x, [this](auto, auto& member) { (*this)(member); });
  }
};

template <class T>
T filled() {
  T res{};
  filler{}(res);
  return res;
}

template <class Variant>
struct each;

template <class... Ts>
struct each<std::variant<Ts...>> {
  template <class Fun>
  static void type(Fun fun) {
    (fun(Ts{}), ...);
  }
};

/// Returns the output of the binary serializer.
template <class T>
cafx::byte_buffer bytes_of(caf::actor_system& sys, const T& x) {
  cafx::byte_buffer res;
  REQUIRE(!cafx::failed(cafx::serialize(sys, res, x)));
  return res;
}

std::vector<answer> some_answers() {
  return {tl::unexpected{filled<failure>()}, tl::unexpected{failure{}},
          output{filled<walk_page>()}, output{filled<buffer>()}, done{}};
}

outcome some_outcome() {
  return {ticket{7}, filled<file_write>(), output{filled<walk_page>()}};
}

} // namespace

TEST_CASE("every operation survives serialisation") {
  each<operation>::type([]<class Op>(Op) {
    auto op = filled<Op>();
    INFO(Op::type_name);
    CHECK(op != Op{});
    CHECK(roundtrip(op) == op);
    CHECK(roundtrip(Op{}) == Op{});
    operation any = op;
    CHECK(roundtrip(any) == any);
  });
}

TEST_CASE("every output survives serialisation") {
  each<output>::type([]<class T>(T) {
    auto x = filled<T>();
    CHECK(roundtrip(x) == x);
    outcome res{ticket{1}, filled<file_stat>(), output{x}};
    CHECK(roundtrip(res) == res);
  });
}

TEST_CASE("an answer survives serialisation, whatever the receiver held") {
  for (const auto& x : some_answers())
    for (auto before : some_answers()) {
      plain_world w;
      CHECK(!cafx::failed(
        cafx::deserialize(w.system(), bytes_of(w.system(), x), before)));
      CHECK(before == x);
    }
}

TEST_CASE("a truncated or modified answer leaves the receiver a valid one") {
  plain_world w;
  auto& sys = w.system();
  for (const auto& x : some_answers()) {
    auto buf = bytes_of(sys, x);
    for (size_t n = 0; n < buf.size(); ++n) {
      CAPTURE(n);
      cafx::byte_buffer part(buf.begin(), buf.begin() + static_cast<long>(n));
      answer res;
      CHECK(cafx::failed(cafx::deserialize(sys, part, res)));
      CHECK(roundtrip(res) == res);
      for (int bits : {0x01, 0x80, 0xff}) {
        auto other = buf;
        other[n] = static_cast<cafx::byte_buffer::value_type>(
          static_cast<int>(other[n]) ^ bits);
        if (!cafx::failed(cafx::deserialize(sys, other, res)))
          CHECK(roundtrip(res) == res);
      }
    }
  }
}

TEST_CASE("an answer is printed with its output or its failure") {
  CHECK(caf::deep_to_string(answer{output{std::string{"text"}}}).find("text")
        != std::string::npos);
  answer failed = tl::unexpected{failure{.code = errc::no_space}};
  CHECK(caf::deep_to_string(failed).find("no_space") != std::string::npos);
}

TEST_CASE("every control message survives serialisation") {
  each<std::variant<operation_count, undone, ticket, entry_failure, failure,
                    profile, operation_progress>>::type([]<class T>(T) {
    auto x = filled<T>();
    INFO(T::type_name);
    CHECK(x != T{});
    CHECK(roundtrip(x) == x);
  });
  CHECK(roundtrip(cancel{ticket{9}}).ticket == ticket{9});
  CHECK(roundtrip(get_progress{ticket{9}}).ticket == ticket{9});
  roundtrip(get_status{});
  CHECK(roundtrip(shutdown{3s}).deadline == caf::timespan{3s});
  CHECK(!roundtrip(shutdown{}).deadline);
  auto status = filled<queue_status>();
  CHECK(roundtrip(status).operations == status.operations);
  CHECK(roundtrip(status).turns == status.turns);
  shutdown_report report{status, {filled<undone>()}};
  CHECK(roundtrip(report).undone == report.undone);
  CHECK(roundtrip(report).totals.high_water == status.high_water);
}

TEST_CASE("nested oplists and reports survive serialisation") {
  auto list = oplist{}
                .add(filled<file_copy>())
                .add(oplist{}
                       .add(filled<file_read>())
                       .add(oplist{})
                       .when_failed(on_error::stop));
  auto list2 = roundtrip(list);
  REQUIRE(list2.entries.size() == 2);
  CHECK(list2.size() == 2);
  CHECK(list2.depth() == 3);
  CHECK(std::get<operation>(list2.entries[0].what)
        == operation{filled<file_copy>()});
  CHECK(std::get<oplist>(list2.entries[1].what).policy == on_error::stop);
  oplist_report report{
    ticket{3},
    {{some_outcome()}, {oplist_report{ticket{3}, {{some_outcome()}}}}}};
  auto report2 = roundtrip(report);
  CHECK(report2.size() == 2);
  CHECK(std::get<outcome>(report2.entries[0].value) == some_outcome());
}

namespace {

/// Returns a list that is nested `levels` deep.
oplist nested_list(size_t levels) {
  oplist res;
  for (size_t i = 1; i < levels; ++i) {
    oplist outer;
    outer.add(std::move(res));
    res = std::move(outer);
  }
  return res;
}

oplist_report nested_report(size_t levels) {
  oplist_report res;
  for (size_t i = 1; i < levels; ++i) {
    oplist_report outer;
    outer.entries.push_back({std::move(res)});
    res = std::move(outer);
  }
  return res;
}

/// Returns the bytes of a value that is nested too deep, as a malicious peer
/// may send it: the bytes around the inner level of `two` are repeated.
cafx::byte_buffer nested_bytes(caf::actor_system& sys, const auto& one,
                               const auto& two, size_t levels) {
  cafx::byte_buffer inner;
  cafx::byte_buffer outer;
  REQUIRE(!cafx::failed(cafx::serialize(sys, inner, one)));
  REQUIRE(!cafx::failed(cafx::serialize(sys, outer, two)));
  auto at = std::search(outer.begin(), outer.end(), inner.begin(), inner.end());
  REQUIRE(at != outer.end());
  cafx::byte_buffer res;
  for (size_t i = 0; i < levels; ++i)
    res.insert(res.end(), outer.begin(), at);
  res.insert(res.end(), inner.begin(), inner.end());
  for (size_t i = 0; i < levels; ++i)
    res.insert(res.end(), at + static_cast<long>(inner.size()), outer.end());
  return res;
}

} // namespace

TEST_CASE("a list carries what its operations carry, however deep they are") {
  auto list = nested_list(100'000);
  list.add(file_write{.path = "a", .data = buffer{"four"}})
    .add(file_exists{.path = "a"})
    .add(oplist{}.add(file_write{.path = "b", .data = buffer{"five!"}}));
  CHECK(payload_of(list) == 9);
  CHECK(payload_of(oplist{}) == 0);
}

TEST_CASE("a value that is nested too deep is refused during deserialisation") {
  plain_world w;
  auto& sys = w.system();
  CHECK(roundtrip(nested_list(max_message_depth)).depth() == max_message_depth);
  roundtrip(nested_report(max_message_depth));
  for (size_t levels : {max_message_depth, size_t{20'000}, size_t{1'000'000}}) {
    CAPTURE(levels);
    oplist list;
    auto lists = nested_bytes(sys, nested_list(1), nested_list(2), levels);
    CHECK(cafx::failed(cafx::deserialize(sys, lists, list)));
    oplist_report report;
    auto reports
      = nested_bytes(sys, nested_report(1), nested_report(2), levels);
    CHECK(cafx::failed(cafx::deserialize(sys, reports, report)));
  }
  // The count of levels starts again for each value.
  CHECK(roundtrip(nested_list(max_message_depth)).depth() == max_message_depth);
}

TEST_CASE("a slice of a buffer is serialised as its bytes only") {
  buffer whole{"0123456789"};
  CHECK(roundtrip(whole.slice(3, 4)).text() == "3456");
  CHECK(roundtrip(buffer{}).empty());
}

TEST_CASE("invalid values of enums are refused") {
  plain_world w;
  file_write op{.path = "x", .mode = static_cast<write_mode>(99)};
  cafx::byte_buffer buf;
  CHECK(!cafx::failed(cafx::serialize(w.system(), buf, op)));
  file_write res;
  CHECK(cafx::failed(cafx::deserialize(w.system(), buf, res)));
}

TEST_CASE("truncated messages are refused") {
  plain_world w;
  cafx::byte_buffer buf;
  REQUIRE(
    !cafx::failed(cafx::serialize(w.system(), buf, filled<file_write>())));
  for (size_t n = 0; n < buf.size(); n += 7) {
    CAPTURE(n);
    cafx::byte_buffer part(buf.begin(), buf.begin() + static_cast<long>(n));
    file_write res;
    CHECK(cafx::failed(cafx::deserialize(w.system(), part, res)));
  }
}

TEST_CASE("a failure survives serialisation in an error") {
  auto why = filled<failure>();
  why.code = errc::no_space;
  auto err = to_error(why);
  CHECK(err == errc::no_space);
  CHECK(err != errc::not_found);
  CHECK(failure_of(err) == why);
  CHECK(!failure_of(caf::make_error(caf::sec::request_timeout)));
  plain_world w;
  CHECK(cafx::render(w.system(), err).find("no_space") != std::string::npos);
}

TEST_CASE("every error has a readable text") {
  auto why = failure{.code = errc::not_found, .operation = "file_read"};
  CHECK(reason_of(to_error(why)) == to_string(why));
  CHECK(reason_of({}) == "no error");
  CHECK(reason_of(caf::make_error(caf::sec::request_timeout))
        == "there was no response before the timeout");
  CHECK(reason_of(caf::make_error(caf::sec::request_receiver_down))
        == "the receiver of the request is down");
  CHECK(reason_of(caf::make_error(caf::sec::cannot_connect_to_node, "host"))
        == "cannot connect to node");
  CHECK(reason_of(caf::make_error(caf::exit_reason::user_shutdown))
        == "user shutdown");
}

TEST_CASE("every error code has a distinct name") {
  std::set<std::string> names;
  for (size_t i = 0; i < errc_count; ++i)
    names.insert(to_string(static_cast<errc>(i)));
  CHECK(names.size() == errc_count);
  CHECK(to_string(static_cast<errc>(errc_count)).find("errc(") == 0);
}
